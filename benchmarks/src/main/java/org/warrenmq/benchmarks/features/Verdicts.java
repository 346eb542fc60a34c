package org.warrenmq.benchmarks.features;

import com.rabbitmq.client.ConfirmListener;

/**
 * Which messages of a channel were taken and which refused, in any order; the client's reader
 * thread brings it, others see the counts.
 */
final class Verdicts implements ConfirmListener {
  /** Beyond the lowest without a verdict, those that have one; the reader thread's own. */
  private final boolean[] known;

  private long lowest = 1;

  /** Every message up to this one has its verdict. */
  private volatile long done;

  private volatile long refused;

  /**
   * @param most messages without a verdict at any time
   */
  Verdicts(int most) {
    known = new boolean[Integer.highestOneBit(most) * 2];
  }

  long done() {
    return done;
  }

  long refused() {
    return refused;
  }

  @Override
  public void handleAck(long sequence, boolean multiple) {
    note(sequence, multiple);
  }

  @Override
  public void handleNack(long sequence, boolean multiple) {
    long sum = refused + note(sequence, multiple);
    refused = sum;
  }

  /** Those that had none yet. */
  private long note(long sequence, boolean multiple) {
    long fresh = 0;
    for (long i = multiple ? lowest : sequence; i <= sequence; i++) {
      if (!known[slot(i)]) {
        known[slot(i)] = true;
        fresh++;
      }
    }
    while (known[slot(lowest)]) {
      known[slot(lowest)] = false;
      lowest++;
    }
    done = lowest - 1;
    return fresh;
  }

  private int slot(long sequence) {
    return (int) (sequence & known.length - 1);
  }
}
