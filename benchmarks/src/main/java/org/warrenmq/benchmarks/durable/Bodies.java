package org.warrenmq.benchmarks.durable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Message bodies of one size that say which message they belong to and can be checked to the last
 * byte: a number in the first eight bytes, then pseudo-random filling that depends on it, so that
 * no store can compress or share it. Immutable; any thread may use it.
 *
 * @param size bytes of a body, eight at least
 */
record Bodies(int size) {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  Bodies {
    if (size < Long.BYTES) {
      throw new IllegalArgumentException("a body of " + size + " bytes cannot hold its number");
    }
  }

  /** The body of a message. */
  byte[] of(long number) {
    byte[] body = new byte[size];
    LONGS.set(body, 0, number);
    int at = Long.BYTES;
    for (; at + Long.BYTES <= size; at += Long.BYTES) {
      LONGS.set(body, at, filling(number, at));
    }
    for (long last = filling(number, at); at < size; at++, last >>>= Byte.SIZE) {
      body[at] = (byte) last;
    }
    return body;
  }

  /** The message that a body belongs to, if it is one of these. */
  long number(byte[] body) throws BrokenPromise {
    if (body.length < Long.BYTES) {
      throw new BrokenPromise("a body of %d bytes".formatted(body.length));
    }
    return (long) LONGS.get(body, 0);
  }

  /** Compares a body with the one the message should have. */
  void check(String queue, long expected, byte[] body) throws BrokenPromise {
    if (body.length != size) {
      throw new BrokenPromise(
          "%s: message %,d has %,d bytes instead of %,d"
              .formatted(queue, expected, body.length, size));
    }
    long number = (long) LONGS.get(body, 0);
    if (number != expected) {
      throw new BrokenPromise(
          "%s: message %,d came where %,d was due".formatted(queue, number, expected));
    }
    int wrong = Arrays.mismatch(body, of(expected));
    if (wrong >= 0) {
      throw new BrokenPromise(
          "%s: byte %,d of message %,d is wrong".formatted(queue, wrong, expected));
    }
  }

  /** Eight bytes of filling: the mixing function of SplitMix64. */
  private static long filling(long number, int at) {
    long mixed = (number * 0x1_0001L + at) * 0x9E37_79B9_7F4A_7C15L;
    mixed = (mixed ^ mixed >>> 30) * 0xBF58_476D_1CE4_E5B9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94D0_49BB_1331_11EBL;
    return mixed ^ mixed >>> 31;
  }
}
