package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;

/**
 * Writes octets as body frames bit by bit, so that a large message need not be whole in the
 * outgoing buffer. Not thread-safe: it lives on the connection's event loop.
 */
public final class BodyWriter {
  private final int channel;
  private final byte[] bytes;
  private final int maxPayload;
  private int offset;

  /**
   * A writer before the first body frame.
   *
   * @param bytes a body, or a piece of one: the next piece starts with a frame of its own
   * @param maxFrame the negotiated frame_max
   */
  public BodyWriter(int channel, byte[] bytes, int maxFrame) {
    this.channel = channel;
    this.bytes = bytes;
    this.maxPayload = FrameEncoder.maxPayload(maxFrame);
  }

  /** Whether all octets were written. */
  public boolean done() {
    return offset == bytes.length;
  }

  /** Octets not written so far. */
  public int remaining() {
    return bytes.length - offset;
  }

  /** Writes whole frames: at least one, and more while they fit into the given number of octets. */
  public void write(ByteBuf out, long window) {
    long left = window;
    boolean first = true;
    while (!done()) {
      int size = Math.min(remaining(), maxPayload);
      if (!first && size + Frame.OVERHEAD > left) {
        return;
      }
      out.ensureWritable(size + Frame.OVERHEAD);
      FrameEncoder.body(out, channel, bytes, offset, size);
      offset += size;
      left -= size + Frame.OVERHEAD;
      first = false;
    }
  }
}
