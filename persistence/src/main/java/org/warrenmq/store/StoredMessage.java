package org.warrenmq.store;

/**
 * A message read back.
 *
 * @param appended when it was appended, in milliseconds since the epoch: never later, and earlier
 *     by {@link Chunk#MAX_SPAN} at most; 0 if that is not known
 * @param bytes as {@link Storable#store} wrote them; the caller's own copy
 * @param returns deliveries that failed, as last stored
 * @param retryAt when it may be delivered again, as last stored, or {@link
 *     WriteRequest.Return#AT_ONCE}
 */
public record StoredMessage(
    long position, long appended, byte[] bytes, boolean persistent, int returns, long retryAt) {}
