package org.warrenmq.benchmarks.latency;

import java.util.concurrent.locks.LockSupport;

/**
 * The moments at which something is due that happens at a fixed rate; for the one thread that does
 * it. What is late does not move what comes after it, and nothing is left out.
 */
public final class Pace {
  /** A timer that is late by less is the machine's, not the broker's. */
  private static final long TIMER_SLACK_NANOS = 300_000;

  private final long periodNanos;
  private final long start = System.nanoTime();
  private long next;
  private long intended = start;

  /** Begins now. */
  public Pace(int perSecond) {
    periodNanos = 1_000_000_000L / perSecond;
  }

  /** Waits for the next moment; what its latency counts from. */
  public long awaitNext() {
    intended = start + next * periodNanos;
    next++;
    long now = System.nanoTime();
    while (now - intended < 0) {
      LockSupport.parkNanos(intended - now);
      now = System.nanoTime();
    }
    return now - intended < TIMER_SLACK_NANOS ? now : intended;
  }

  /** The latest moment that was waited for; at first, when it began. */
  public long intended() {
    return intended;
  }

  /** Something that a broker is asked to do. */
  @FunctionalInterface
  public interface Deed {
    void run() throws Exception;
  }

  /** Does something at this rate until a time; how often. */
  public long repeatUntil(long deadlineNanos, Deed deed) throws Exception {
    long count = 0;
    while (awaitNext() - deadlineNanos < 0) {
      deed.run();
      count++;
    }
    return count;
  }
}
