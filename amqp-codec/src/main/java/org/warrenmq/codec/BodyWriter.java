package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;

/**
 * Writes the body frames of one message bit by bit, so that a large message need not be whole in
 * the outgoing buffer. Not thread-safe: it lives on the connection's event loop.
 */
public final class BodyWriter {
  private final int channel;
  private final Body body;
  private final int maxPayload;
  private long remaining;
  private int piece;
  private int offset;

  /**
   * A writer before the first body frame.
   *
   * @param maxFrame the negotiated frame_max
   */
  public BodyWriter(int channel, Body body, int maxFrame) {
    this.channel = channel;
    this.body = body;
    this.maxPayload = FrameEncoder.maxPayload(maxFrame);
    this.remaining = body.size();
  }

  /** Whether all octets were written. */
  public boolean done() {
    return remaining == 0;
  }

  /** Octets of the body not written so far. */
  public long remaining() {
    return remaining;
  }

  /** Writes whole frames: at least one, and more while they fit into the given number of octets. */
  public void write(ByteBuf out, long window) {
    long left = window;
    boolean first = true;
    while (remaining > 0) {
      int size = (int) Math.min(remaining, maxPayload);
      if (!first && size + Frame.OVERHEAD > left) {
        return;
      }
      writeFrame(out, size);
      left -= size + Frame.OVERHEAD;
      first = false;
    }
  }

  private void writeFrame(ByteBuf out, int size) {
    out.ensureWritable(size + Frame.OVERHEAD);
    FrameEncoder.head(out, Frame.TYPE_BODY, channel, size);
    switch (body) {
      case Body.Inline(byte[] bytes) -> {
        out.writeBytes(bytes, offset, size);
        offset += size;
      }
      case Body.Fragmented fragmented -> writePieces(out, fragmented, size);
    }
    out.writeByte(Frame.END);
    remaining -= size;
  }

  private void writePieces(ByteBuf out, Body.Fragmented fragmented, int size) {
    int left = size;
    while (left > 0) {
      byte[] bytes = fragmented.pieces().get(piece);
      int part = Math.min(left, bytes.length - offset);
      out.writeBytes(bytes, offset, part);
      offset += part;
      left -= part;
      if (offset == bytes.length) {
        piece++;
        offset = 0;
      }
    }
  }
}
