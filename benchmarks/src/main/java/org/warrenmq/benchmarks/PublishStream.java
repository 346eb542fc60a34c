package org.warrenmq.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import org.warrenmq.codec.BasicMethod;
import org.warrenmq.codec.Body;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.FrameEncoder;

/** Makes what a busy publisher sends: frames of many messages in one buffer. Stateless. */
final class PublishStream {
  /** Content type and delivery mode 1, the properties most publishers send. */
  private static final byte[] PROPERTIES = {
    (byte) 0x90, 0, 10, 't', 'e', 'x', 't', '/', 'p', 'l', 'a', 'i', 'n', 1
  };

  private PublishStream() {}

  /** A message with the usual properties and a body of so many octets. */
  static Content content(int bodySize) {
    return new Content(PROPERTIES, new Body.Inline(new byte[bodySize]));
  }

  /** Method, header and body frames of so many messages, all with the same routing key. */
  static ByteBuf of(int messages, int bodySize, int frameMax) {
    ByteBuf out = PooledByteBufAllocator.DEFAULT.directBuffer();
    BasicMethod.Publish publish = new BasicMethod.Publish("events", "order.created", false, false);
    Content content = content(bodySize);
    for (int i = 0; i < messages; i++) {
      FrameEncoder.method(out, 1, publish);
      FrameEncoder.content(out, 1, content, frameMax);
    }
    return out;
  }
}
