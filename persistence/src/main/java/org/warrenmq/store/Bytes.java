package org.warrenmq.store;

import java.nio.ByteBuffer;

/** Variable-length numbers in records: seven bits per byte, lowest first. Stateless. */
final class Bytes {
  private Bytes() {}

  static int varLength(long value) {
    return value == 0 ? 1 : (70 - Long.numberOfLeadingZeros(value)) / 7;
  }

  static void putVar(ByteBuffer target, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      target.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    target.put((byte) rest);
  }

  static long getVar(ByteBuffer source) {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte b = source.get();
      value |= (b & 0x7fL) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new StoreException("a record of the store holds a number that is too long");
  }

  /** Every record starts with its format version; an unknown one is refused, not guessed at. */
  static void checkVersion(ByteBuffer source, int known, String what) {
    byte version = source.get();
    if (version != known) {
      throw new StoreException(
          "%s has format version %d, this program knows %d".formatted(what, version, known));
    }
  }
}
