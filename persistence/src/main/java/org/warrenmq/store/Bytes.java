package org.warrenmq.store;

import java.nio.ByteBuffer;

/** Variable-length numbers in records: seven bits per byte, lowest first. Stateless. */
public final class Bytes {
  private Bytes() {}

  public static int varLength(long value) {
    return value == 0 ? 1 : (70 - Long.numberOfLeadingZeros(value)) / 7;
  }

  public static void putVar(ByteBuffer target, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      target.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    target.put((byte) rest);
  }

  /**
   * @throws StoreException when it does not end in time
   */
  public static long getVar(ByteBuffer source) {
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
    int version = source.get();
    if (version != known) {
      throw unknown(version, known, what);
    }
  }

  /**
   * The same for a record of which all versions can be read.
   *
   * @param latest the highest one
   */
  static int version(ByteBuffer source, int latest, String what) {
    int version = source.get();
    if (version < 1 || version > latest) {
      throw unknown(version, latest, what);
    }
    return version;
  }

  private static StoreException unknown(int version, int known, String what) {
    return new StoreException(
        "%s has format version %d, this program knows %d".formatted(what, version, known));
  }
}
