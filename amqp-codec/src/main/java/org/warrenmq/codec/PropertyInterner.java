package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Turns the properties of content headers into arrays, the same array for the same octets, and
 * checks what it has not seen before. Not thread-safe: it lives on the event loop of its
 * connection, whose channels may share it.
 *
 * <p>Most publishers send the same few properties with every message. Bounded to {@value #SLOTS}
 * arrays of up to {@value #MAX_OCTETS} octets.
 */
public final class PropertyInterner {
  private static final int SLOTS = 8;
  private static final int MAX_OCTETS = 128;

  private byte @Nullable [] @Nullable [] slots;

  /**
   * The octets of one header's properties: all that is readable.
   *
   * @throws ConnectionError if they are not well-formed
   */
  public byte[] read(ByteBuf in) {
    int length = in.readableBytes();
    if (length > MAX_OCTETS) {
      return copy(in, length);
    }
    int slot = Octets.hash(in, in.readerIndex(), length) & SLOTS - 1;
    byte @Nullable [] @Nullable [] known = slots;
    if (known == null) {
      known = new byte[SLOTS][];
      slots = known;
    }
    byte[] candidate = known[slot];
    if (candidate != null && Octets.equal(in, in.readerIndex(), length, candidate)) {
      in.skipBytes(length);
      return candidate;
    }
    byte[] fresh = copy(in, length);
    known[slot] = fresh;
    return fresh;
  }

  /** Whether such properties are so short that many contents may have the same array. */
  public static boolean mayBeShared(byte[] properties) {
    return properties.length <= MAX_OCTETS;
  }

  private static byte[] copy(ByteBuf in, int length) {
    byte[] octets = new byte[length];
    in.readBytes(octets);
    PropertyView.validate(octets);
    return octets;
  }
}
