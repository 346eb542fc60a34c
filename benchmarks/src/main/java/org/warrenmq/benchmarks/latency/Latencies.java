package org.warrenmq.benchmarks.latency;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * The latencies of one window of time, in nanoseconds: clients announce and complete them from
 * their threads, the measuring thread waits for all of them and reads.
 *
 * <p>A message or question belongs to the window in which it was sent, however late the answer is:
 * a stall longer than the window would otherwise not be seen. Bounded: a window takes so many
 * samples and no more.
 */
public final class Latencies {
  private static final int FIRST_ROOM = 1024;

  /** Far more than any window of the rates used here. */
  private static final int MOST = 1 << 22;

  private final boolean kept;
  private long[] samples = new long[FIRST_ROOM];
  private int count;
  private long pending;

  private Latencies(boolean kept) {
    this.kept = kept;
  }

  /** A window that is measured. */
  public static Latencies measured() {
    return new Latencies(true);
  }

  /** The time between windows: counts what is pending and keeps no sample. */
  public static Latencies ignored() {
    return new Latencies(false);
  }

  /** A message or question was sent. */
  public synchronized void begin() {
    pending++;
  }

  /** It was answered, so much later than it was due. */
  public synchronized void end(long nanos) {
    pending--;
    if (pending == 0) {
      notifyAll();
    }
    if (!kept) {
      return;
    }
    if (count == samples.length) {
      if (count == MOST) {
        throw new IllegalStateException("more than " + MOST + " latencies in one window");
      }
      samples = Arrays.copyOf(samples, count * 2);
    }
    samples[count++] = nanos;
  }

  /**
   * Waits until everything of the window is answered; nothing may be sent into it any more.
   *
   * @throws IllegalStateException if some are not within the time given
   */
  public synchronized void awaitAll(long timeout, TimeUnit unit) throws InterruptedException {
    long deadline = System.nanoTime() + unit.toNanos(timeout);
    while (pending > 0) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        throw new IllegalStateException(pending + " are still without an answer");
      }
      wait(left);
    }
  }

  public synchronized int count() {
    return count;
  }

  /**
   * The smallest sample that at least so many percent of the samples do not exceed, in
   * milliseconds.
   *
   * @throws IllegalStateException if there is no sample
   */
  public synchronized double percentile(double percent) {
    if (count == 0) {
      throw new IllegalStateException("a window without a single answer");
    }
    long[] sorted = Arrays.copyOf(samples, count);
    Arrays.sort(sorted);
    int rank = (int) Math.ceil(percent / 100 * count);
    return sorted[Math.max(1, rank) - 1] / 1e6;
  }
}
