package org.warrenmq.store;

/**
 * What recovery knows of a queue without reading its messages; immutable.
 *
 * @param floor every position below is settled
 * @param next position of the next message
 * @param count persistent messages it holds, exactly
 * @param bytes of their bodies together, exactly
 * @param delivered positions below may have been delivered before
 */
public record QueueState(
    long queueId, long floor, long next, long count, long bytes, long delivered) {}
