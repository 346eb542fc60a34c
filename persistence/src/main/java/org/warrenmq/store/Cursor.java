package org.warrenmq.store;

import java.nio.ByteBuffer;

/**
 * The record that stands for a queue: one per queue, rewritten in the same batch as what it counts;
 * immutable.
 *
 * @param floor all below is settled
 * @param next position of the next append
 * @param count live messages between the two
 * @param bytes of their bodies, or {@link #UNKNOWN}
 * @param delivered all below may have been delivered
 * @param expiring whether any of those between the two may have a time when it expires
 */
record Cursor(long floor, long next, long count, long bytes, long delivered, boolean expiring) {
  /** Says that some are expiring; version 2 says that none is. */
  static final int VERSION = 3;

  /** Version 1 did not count bytes; {@link Migration} does, before anybody else looks. */
  static final long UNKNOWN = -1;

  byte[] encoded() {
    int size =
        1
            + Bytes.varLength(floor)
            + Bytes.varLength(next)
            + Bytes.varLength(count)
            + Bytes.varLength(bytes)
            + Bytes.varLength(delivered);
    ByteBuffer target = ByteBuffer.allocate(size);
    target.put((byte) (expiring ? VERSION : VERSION - 1));
    Bytes.putVar(target, floor);
    Bytes.putVar(target, next);
    Bytes.putVar(target, count);
    Bytes.putVar(target, bytes);
    Bytes.putVar(target, delivered);
    return target.array();
  }

  static Cursor decode(byte[] value) {
    ByteBuffer source = ByteBuffer.wrap(value);
    int version = Bytes.version(source, VERSION, "a queue's cursor");
    return new Cursor(
        Bytes.getVar(source),
        Bytes.getVar(source),
        Bytes.getVar(source),
        version == 1 ? UNKNOWN : Bytes.getVar(source),
        Bytes.getVar(source),
        version == VERSION);
  }
}
