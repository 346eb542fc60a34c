package org.warrenmq.engine.queue;

import org.jspecify.annotations.Nullable;

/**
 * What may change while a queue lives: what its arguments and policies come to. Immutable.
 *
 * @param maxLength ready messages it may have, 0 or more; {@link #UNLIMITED} for any number
 * @param maxBytes octets that their bodies may have together; {@link #UNLIMITED} for any number
 * @param overflow what happens to one more
 * @param messageTtl milliseconds after which a message that is still ready leaves, 0 for at once
 *     unless it is delivered; {@link #UNLIMITED} for never. Messages keep what was set when they
 *     came
 * @param idleTime milliseconds after which the queue ends when nobody uses it; {@link #UNLIMITED}
 *     for never
 * @param deadLetters where messages go that leave without an ack; null for nowhere
 * @param deliveryLimit times a message may come back and is delivered again; {@link #UNLIMITED} for
 *     any number
 * @param retry how long a message waits that came back, before it is delivered again; null for not
 *     at all
 */
public record QueueSettings(
    long maxLength,
    long maxBytes,
    Overflow overflow,
    long messageTtl,
    long idleTime,
    @Nullable DeadLetterTarget deadLetters,
    long deliveryLimit,
    @Nullable RetryDelay retry) {
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** Those of a queue that was declared without arguments. */
  public static final QueueSettings NONE =
      new QueueSettings(
          UNLIMITED, UNLIMITED, Overflow.DROP_HEAD, UNLIMITED, UNLIMITED, null, UNLIMITED, null);

  /** What a full queue does. */
  public enum Overflow {
    /** Drops the oldest ready message. */
    DROP_HEAD,
    /** Refuses what is published. */
    REJECT_PUBLISH,
    /** The same, and what is refused becomes a dead letter. */
    REJECT_PUBLISH_DLX
  }

  /** The same, with so many messages at most. */
  public QueueSettings withMaxLength(long messages, Overflow then) {
    return new QueueSettings(
        messages, maxBytes, then, messageTtl, idleTime, deadLetters, deliveryLimit, retry);
  }

  /** The same, with bodies of so many octets at most. */
  public QueueSettings withMaxBytes(long octets, Overflow then) {
    return new QueueSettings(
        maxLength, octets, then, messageTtl, idleTime, deadLetters, deliveryLimit, retry);
  }

  /** The same, with a time to live. */
  public QueueSettings withMessageTtl(long millis) {
    return new QueueSettings(
        maxLength, maxBytes, overflow, millis, idleTime, deadLetters, deliveryLimit, retry);
  }

  /** The same, with an end when nobody uses the queue. */
  public QueueSettings withIdleTime(long millis) {
    return new QueueSettings(
        maxLength, maxBytes, overflow, messageTtl, millis, deadLetters, deliveryLimit, retry);
  }

  /** The same, with somewhere for dead letters to go. */
  public QueueSettings withDeadLetters(@Nullable DeadLetterTarget target) {
    return new QueueSettings(
        maxLength, maxBytes, overflow, messageTtl, idleTime, target, deliveryLimit, retry);
  }

  /** The same, with so many further deliveries at most. */
  public QueueSettings withDeliveryLimit(long times) {
    return new QueueSettings(
        maxLength, maxBytes, overflow, messageTtl, idleTime, deadLetters, times, retry);
  }

  /** The same, with a time that messages wait that came back. */
  public QueueSettings withRetry(@Nullable RetryDelay delay) {
    return new QueueSettings(
        maxLength, maxBytes, overflow, messageTtl, idleTime, deadLetters, deliveryLimit, delay);
  }
}
