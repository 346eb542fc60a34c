package org.warrenmq.benchmarks.topology;

import org.warrenmq.benchmarks.latency.Latencies;

/**
 * A publisher's messages without a confirm: one thread publishes, the client's reader thread
 * confirms, in any order. Bounded to {@value #MOST} messages.
 *
 * <p>The two sides share the slots without a lock: the client library puts every sequence number
 * through a synchronized set between {@link #published} and {@link #confirmed}.
 */
final class Unconfirmed {
  /** A power of two. */
  static final int MOST = 1 << 16;

  private static final long DONE = Long.MIN_VALUE;

  private final long[] due = new long[MOST];
  private final Latencies[] windows = new Latencies[MOST];

  /** The lowest sequence number without a confirm; written by the confirming thread alone. */
  private volatile long lowest = 1;

  /** The highest sequence number with a confirm; the confirming thread's own. */
  private long highest;

  /** About to publish a message that was due then; false if too many are unconfirmed. */
  boolean published(long sequence, long dueNanos, Latencies window) {
    if (sequence - lowest >= MOST) {
      return false;
    }
    int slot = slot(sequence);
    due[slot] = dueNanos;
    windows[slot] = window;
    window.begin();
    return true;
  }

  /** The broker confirmed a message, or all up to it. */
  void confirmed(long sequence, boolean multiple, long nowNanos) {
    long low = lowest;
    for (long i = multiple ? low : sequence; i <= sequence; i++) {
      int slot = slot(i);
      if (due[slot] != DONE) {
        windows[slot].end(Math.max(0, nowNanos - due[slot]));
        due[slot] = DONE;
      }
    }
    // Up to what is confirmed by now; the slots behind it may not be published yet.
    long top = Math.max(highest, sequence);
    highest = top;
    while (low <= top && due[slot(low)] == DONE) {
      low++;
    }
    lowest = low;
  }

  private static int slot(long sequence) {
    return (int) (sequence & MOST - 1);
  }
}
