package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;

/**
 * What a connection does with its frames; called on the connection's event loop.
 *
 * <p>The buffers belong to the decoder and are valid during the call only; their readable octets
 * are exactly the part named.
 */
public interface FrameListener {
  /** A method came. */
  void method(int channel, Method method);

  /**
   * A content header came.
   *
   * @param weight zero, in a header that is right
   * @param bodySize unsigned
   * @param properties property flags and values, unchecked
   */
  void header(int channel, int classId, int weight, long bodySize, ByteBuf properties);

  /** A part of a body came. */
  void body(int channel, ByteBuf payload);

  /** A heartbeat came. */
  void heartbeat();
}
