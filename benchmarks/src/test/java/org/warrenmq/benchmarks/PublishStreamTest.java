package org.warrenmq.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.warrenmq.codec.BasicMethod;
import org.warrenmq.codec.FrameDecoder;
import org.warrenmq.codec.FrameListener;
import org.warrenmq.codec.KeyInterner;
import org.warrenmq.codec.Method;
import org.warrenmq.codec.PropertyView;

class PublishStreamTest {
  @Test
  void holdsWholeMessagesWithValidProperties() {
    List<String> frames = new ArrayList<>();
    FrameListener listener =
        new FrameListener() {
          @Override
          public void method(int channel, Method method) {
            frames.add(((BasicMethod.Publish) method).routingKey());
          }

          @Override
          public void header(
              int channel, int classId, int weight, long bodySize, ByteBuf properties) {
            PropertyView.validate(properties);
            frames.add("header " + bodySize);
          }

          @Override
          public void body(int channel, ByteBuf payload) {
            frames.add("body " + payload.readableBytes());
          }

          @Override
          public void heartbeat() {
            frames.add("heartbeat");
          }
        };
    ByteBuf stream = PublishStream.of(2, 12, 131072);
    new FrameDecoder(listener, new KeyInterner(64), 131072).decode(stream);
    stream.release();
    assertThat(frames)
        .containsExactly(
            "order.created", "header 12", "body 12", "order.created", "header 12", "body 12");
  }
}
