package org.warrenmq.conformance;

import com.rabbitmq.client.Method;
import com.rabbitmq.client.impl.AMQImpl;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/** One frame as it was on the wire. */
public record RawFrame(int type, int channel, byte[] payload) {
  public static final int METHOD = 1;
  public static final int HEADER = 2;
  public static final int BODY = 3;
  public static final int HEARTBEAT = 8;

  /** The method inside a method frame. */
  public Method method() {
    if (type != METHOD) {
      throw new AssertionError("method frame expected, but was " + this);
    }
    try {
      return AMQImpl.readMethodFrom(new DataInputStream(new ByteArrayInputStream(payload)));
    } catch (IOException e) {
      throw new AssertionError("cannot decode method of " + this, e);
    }
  }

  /** The body size announced in a content header frame. */
  public long bodySize() {
    if (type != HEADER) {
      throw new AssertionError("content header expected, but was " + this);
    }
    return ByteBuffer.wrap(payload).getLong(4);
  }

  @Override
  public String toString() {
    String content = type == METHOD ? method().toString() : payload.length + " octets";
    return "frame type " + type + " on channel " + channel + ": " + content;
  }
}
