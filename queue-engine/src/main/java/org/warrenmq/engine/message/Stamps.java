package org.warrenmq.engine.message;

import org.jspecify.annotations.Nullable;

/**
 * What one queue knows of a message beyond what was published, and stores with it; immutable. Most
 * messages have none of it but the time of enqueueing, which their chunk in the store has for all,
 * and are stored with none: {@link #NONE}.
 *
 * @param due when it expires, in milliseconds since the epoch; {@link #NEVER} for never
 * @param enqueued when it came into the queue, in milliseconds since the epoch; {@link #UNKNOWN} if
 *     that is not known
 * @param priority 0 to 255; {@link #UNKNOWN} if it has none
 * @param origin which publish it was; null if that is not kept
 */
public record Stamps(long due, long enqueued, int priority, @Nullable Origin origin) {
  public static final long NEVER = Long.MAX_VALUE;
  public static final int UNKNOWN = -1;
  public static final Stamps NONE = new Stamps(NEVER, UNKNOWN, UNKNOWN, null);

  /** Those of a message that expires, and no more. */
  public static Stamps due(long millis) {
    return new Stamps(millis, UNKNOWN, UNKNOWN, null);
  }

  /**
   * A publish that may be sent again, and is then known.
   *
   * @param enqueuer who published
   * @param number which of his publishes it was, from 0
   */
  public record Origin(long enqueuer, long number) {}
}
