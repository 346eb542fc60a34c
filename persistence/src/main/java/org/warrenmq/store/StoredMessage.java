package org.warrenmq.store;

/**
 * A message read back.
 *
 * @param bytes as {@link Storable#store} wrote them; the caller's own copy
 * @param returns deliveries that failed, as last stored
 * @param retryAt when it may be delivered again, as last stored, or {@link
 *     WriteRequest.Return#AT_ONCE}
 */
public record StoredMessage(
    long position, byte[] bytes, boolean persistent, int returns, long retryAt) {}
