package org.warrenmq.benchmarks.topology;

import java.util.Arrays;

/**
 * Durations of one window of time, in nanoseconds; added to by any client thread, read by the
 * thread that closed the window. Bounded: what is beyond the capacity is an error, not a sample.
 */
final class Latencies {
  private final long[] samples;
  private int count;

  /** Room for so many samples. */
  Latencies(int capacity) {
    this.samples = new long[capacity];
  }

  synchronized void add(long nanos) {
    if (count == samples.length) {
      throw new IllegalStateException("more than " + count + " latencies in one window");
    }
    samples[count++] = nanos;
  }

  synchronized int count() {
    return count;
  }

  /**
   * The smallest sample that at least so many percent of the samples do not exceed, in
   * milliseconds.
   *
   * @throws IllegalStateException if there is no sample
   */
  synchronized double percentile(double percent) {
    if (count == 0) {
      throw new IllegalStateException("a window without a single confirm");
    }
    long[] sorted = Arrays.copyOf(samples, count);
    Arrays.sort(sorted);
    int rank = (int) Math.ceil(percent / 100 * count);
    return sorted[Math.max(1, rank) - 1] / 1e6;
  }
}
