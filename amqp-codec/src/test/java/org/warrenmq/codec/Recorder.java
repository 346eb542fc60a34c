package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/** Keeps copies of the frames a decoder hands out; for the thread of one test. */
class Recorder implements FrameListener {
  final List<Frame> frames = new ArrayList<>();

  @Override
  public void method(int channel, Method method) {
    frames.add(new MethodFrame(channel, method));
  }

  @Override
  public void header(int channel, int classId, int weight, long bodySize, ByteBuf properties) {
    frames.add(new HeaderFrame(channel, classId, bodySize, Unpooled.copiedBuffer(properties)));
  }

  @Override
  public void body(int channel, ByteBuf payload) {
    frames.add(new BodyFrame(channel, Unpooled.copiedBuffer(payload)));
  }

  @Override
  public void heartbeat() {
    frames.add(Heartbeat.INSTANCE);
  }
}
