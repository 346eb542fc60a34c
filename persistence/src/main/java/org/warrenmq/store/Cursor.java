package org.warrenmq.store;

import java.nio.ByteBuffer;

/**
 * The record that stands for a queue: one per queue, rewritten in the same batch as what it counts;
 * immutable.
 *
 * @param floor all below is settled
 * @param next position of the next append
 * @param count live messages between the two
 * @param delivered all below may have been delivered
 */
record Cursor(long floor, long next, long count, long delivered) {
  static final int VERSION = 1;

  byte[] encoded() {
    int size =
        1
            + Bytes.varLength(floor)
            + Bytes.varLength(next)
            + Bytes.varLength(count)
            + Bytes.varLength(delivered);
    ByteBuffer target = ByteBuffer.allocate(size);
    target.put((byte) VERSION);
    Bytes.putVar(target, floor);
    Bytes.putVar(target, next);
    Bytes.putVar(target, count);
    Bytes.putVar(target, delivered);
    return target.array();
  }

  static Cursor decode(byte[] value) {
    ByteBuffer source = ByteBuffer.wrap(value);
    Bytes.checkVersion(source, VERSION, "a queue's cursor");
    return new Cursor(
        Bytes.getVar(source), Bytes.getVar(source), Bytes.getVar(source), Bytes.getVar(source));
  }
}
