package org.warrenmq.store;

/**
 * What recovery knows of a queue without reading its messages; immutable.
 *
 * @param floor every position below is settled
 * @param next position of the next message
 * @param count persistent messages it holds, exactly
 * @param bytes of their bodies together, exactly
 * @param delivered positions below may have been delivered before
 * @param expiring whether some of the messages may have a time when they expire
 */
public record QueueState(
    long queueId, long floor, long next, long count, long bytes, long delivered, boolean expiring) {
  /** One of which no message expires. */
  public QueueState(long queueId, long floor, long next, long count, long bytes, long delivered) {
    this(queueId, floor, next, count, bytes, delivered, false);
  }
}
