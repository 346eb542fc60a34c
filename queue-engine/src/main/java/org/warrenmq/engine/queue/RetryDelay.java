package org.warrenmq.engine.queue;

/**
 * How long messages wait that came back, before they are delivered again; immutable.
 *
 * @param cause which of them wait
 * @param min milliseconds that a message waits that came back for the first time
 * @param max milliseconds that any of them waits at most
 * @param multiplier by what it waits longer each time, 1 or more; {@link #LINEAR} for {@code min}
 *     more each time
 * @param jitter which part of that is left to chance, from 0 to 1
 */
public record RetryDelay(Cause cause, long min, long max, double multiplier, double jitter) {
  public static final double LINEAR = 0;

  /** What makes a message wait. */
  public enum Cause {
    ALL,
    /** It was rejected, or its consumer has gone. */
    FAILED,
    /** It was given back without a failure. */
    RETURNED
  }

  /** Whether a message has to wait that comes back like this. */
  boolean concerns(Settlement settlement) {
    return switch (cause) {
      case ALL -> settlement.isCounted();
      case FAILED -> settlement == Settlement.REQUEUED;
      case RETURNED -> settlement == Settlement.RETURNED;
    };
  }

  /**
   * How long a message has to wait.
   *
   * @param position where it is in its queue
   * @param returns how often it has come back
   */
  long millis(long position, int returns) {
    double full =
        multiplier == LINEAR ? (double) min * returns : min * Math.pow(multiplier, returns - 1);
    double most = Math.min(full, max);
    return jitter == 0 ? (long) most : (long) (most - most * jitter * chance(position, returns));
  }

  /**
   * From 0 up to 1: far apart for messages that come back together, and always the same for one of
   * them, so that a run can be repeated. The mixing is that of SplitMix64.
   */
  private static double chance(long position, int returns) {
    long mixed = (position ^ (long) returns << 40) + 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ mixed >>> 30) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
    return ((mixed ^ mixed >>> 31) >>> 11) * 0x1.0p-53;
  }
}
