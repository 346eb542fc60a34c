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

  /** Half of them, nearly all, and all took no longer. */
  @Override
  public synchronized String toString() {
    if (count == 0) {
      return "none";
    }
    long[] sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    return "p50 %.1f, p99 %.1f, max %.1f ms"
        .formatted(
            millis(sorted[count / 2]),
            millis(sorted[(int) (count * 99L / 100)]),
            millis(sorted[count - 1]));
  }

  private static double millis(long nanos) {
    return nanos / 1e6;
  }
}
