package org.warrenmq.engine.queue;

/**
 * What may change while a queue lives: what its arguments and, later, policies come to. Immutable.
 *
 * @param maxLength ready messages it may have, 0 or more; {@link #UNLIMITED} for any number
 * @param overflow what happens to one more
 * @param messageTtl milliseconds after which a message that is still ready leaves, 0 for at once
 *     unless it is delivered; {@link #UNLIMITED} for never. Messages keep what was set when they
 *     came
 */
public record QueueSettings(long maxLength, Overflow overflow, long messageTtl) {
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** Those of a queue that was declared without arguments. */
  public static final QueueSettings NONE =
      new QueueSettings(UNLIMITED, Overflow.DROP_HEAD, UNLIMITED);

  /** What a full queue does. */
  public enum Overflow {
    /** Drops the oldest ready message. */
    DROP_HEAD,
    /** Refuses what is published. */
    REJECT_PUBLISH
  }
}
