package org.warrenmq.engine.queue;

/**
 * By what duplicates of a message are known, and for how long. Immutable.
 *
 * @param header whose value is the key of a message; one without it has no duplicates
 * @param size how many keys are remembered: one more, and the oldest is forgotten
 * @param ttl milliseconds after which a key is forgotten, unless its message says otherwise; {@link
 *     #FOR_EVER} for never
 * @param onDisk whether the keys of messages that outlive the process do so, too
 */
public record DuplicateRule(String header, int size, long ttl, boolean onDisk) {
  public static final long FOR_EVER = Long.MAX_VALUE;
}
