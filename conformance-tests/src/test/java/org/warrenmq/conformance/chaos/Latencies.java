package org.warrenmq.conformance.chaos;

import java.util.Arrays;

/** How long something took, each time; filled and read by any thread. */
final class Latencies {
  private long[] nanos = new long[1 << 12];
  private int count;

  synchronized void add(long taken) {
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * count);
    }
    nanos[count++] = taken;
  }

  /** Half of them, nearly all, and all took no longer, in milliseconds; 0 when there are none. */
  record Summary(double p50, double p99, double worst) {}

  synchronized Summary summary() {
    if (count == 0) {
      return new Summary(0, 0, 0);
    }
    long[] sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    return new Summary(
        millis(sorted[count / 2]),
        millis(sorted[(int) (count * 99L / 100)]),
        millis(sorted[count - 1]));
  }

  private static double millis(long nanos) {
    return nanos / 1e6;
  }

  @Override
  public synchronized String toString() {
    Summary summary = summary();
    return count == 0
        ? "none"
        : "p50 %.1f, p99 %.1f, max %.1f ms".formatted(summary.p50, summary.p99, summary.worst);
  }
}
