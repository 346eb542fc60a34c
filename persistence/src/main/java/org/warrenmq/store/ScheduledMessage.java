package org.warrenmq.store;

/**
 * A scheduled message read back.
 *
 * @param due when it is due, in milliseconds since the epoch
 * @param id its owner's number for it
 * @param bytes as {@link Storable#store} wrote them; the caller's own copy
 */
public record ScheduledMessage(long due, long id, byte[] bytes, boolean persistent) {}
