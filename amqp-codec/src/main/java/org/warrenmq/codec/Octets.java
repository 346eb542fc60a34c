package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Hash and comparison of short runs of octets, eight at a time; the last eight may overlap the
 * eight before. Stateless; used on the thread that owns the buffer.
 */
final class Octets {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;

  private Octets() {}

  static int hash(ByteBuf in, int from, int length) {
    long hash = length * MULTIPLIER;
    if (length < Long.BYTES) {
      long word = 0;
      for (int i = 0; i < length; i++) {
        word = word << 8 | in.getUnsignedByte(from + i);
      }
      hash = mix(hash, word);
    } else {
      for (int i = 0; i + Long.BYTES < length; i += Long.BYTES) {
        hash = mix(hash, in.getLong(from + i));
      }
      hash = mix(hash, in.getLong(from + length - Long.BYTES));
    }
    return (int) (hash ^ hash >>> 32);
  }

  static boolean equal(ByteBuf in, int from, int length, byte[] bytes) {
    if (length != bytes.length) {
      return false;
    }
    if (length < Long.BYTES) {
      for (int i = 0; i < length; i++) {
        if (in.getByte(from + i) != bytes[i]) {
          return false;
        }
      }
      return true;
    }
    for (int i = 0; i + Long.BYTES < length; i += Long.BYTES) {
      if (in.getLong(from + i) != (long) LONGS.get(bytes, i)) {
        return false;
      }
    }
    int last = length - Long.BYTES;
    return in.getLong(from + last) == (long) LONGS.get(bytes, last);
  }

  private static long mix(long hash, long word) {
    long mixed = (hash ^ word) * MULTIPLIER;
    return mixed ^ mixed >>> 29;
  }
}
