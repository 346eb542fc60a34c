package org.warrenmq.benchmarks.durable;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConfirmListener;
import java.io.IOException;

/**
 * The confirms of one channel: its publishing thread waits here while too many messages are without
 * one, the client's reader thread brings them, in any order.
 */
final class Confirms implements ConfirmListener {
  private final int most;
  private final Progress progress;

  /** Confirmed out of turn; like the two numbers below the reader thread's own. */
  private final boolean[] done;

  /** The lowest sequence number without a confirm, and the highest with one. */
  private long lowest = 1;

  private long highest;

  Confirms(String what, int most, long patienceSeconds) {
    this.most = most;
    this.done = new boolean[Integer.highestOneBit(Math.max(1, most)) * 2];
    this.progress = new Progress("confirms of " + what, patienceSeconds);
  }

  /**
   * Asks a channel for confirms; nothing may have been published on it.
   *
   * @param most messages without a confirm at any time
   */
  static Confirms of(Channel channel, String what, int most, long patienceSeconds)
      throws IOException {
    Confirms confirms = new Confirms(what, most, patienceSeconds);
    channel.confirmSelect();
    channel.addConfirmListener(confirms);
    channel.addShutdownListener(confirms.progress::fail);
    return confirms;
  }

  /** About to publish this message: waits until the bound allows it. */
  void awaitRoomFor(long sequence) throws BrokenPromise, InterruptedException {
    progress.awaitAtLeast(sequence - most);
  }

  /** Waits until every message up to this one is confirmed. */
  void awaitAll(long sequence) throws BrokenPromise, InterruptedException {
    progress.awaitAtLeast(sequence);
  }

  /** Every message up to this one is confirmed. */
  long confirmed() {
    return progress.done();
  }

  @Override
  public void handleAck(long sequence, boolean multiple) {
    if (sequence >= lowest + done.length || !multiple && isDone(sequence)) {
      progress.fail(new IllegalStateException("message " + sequence + " has no confirm to get"));
      return;
    }
    for (long i = multiple ? lowest : sequence; i <= sequence; i++) {
      done[slot(i)] = true;
    }
    highest = Math.max(highest, sequence);
    while (lowest <= highest && done[slot(lowest)]) {
      done[slot(lowest)] = false;
      lowest++;
    }
    progress.advanceTo(lowest - 1);
  }

  private boolean isDone(long sequence) {
    return sequence < lowest || done[slot(sequence)];
  }

  @Override
  public void handleNack(long sequence, boolean multiple) {
    progress.fail(new IllegalStateException("message " + sequence + " was refused"));
  }

  private int slot(long sequence) {
    return (int) (sequence & done.length - 1);
  }
}
