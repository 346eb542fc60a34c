package org.warrenmq.broker.amqp;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.warrenmq.codec.BasicMethod;
import org.warrenmq.codec.FrameEncoder;

/**
 * A channel's publisher confirms: numbers publishes from 1, waits until every queue a message was
 * routed to has accepted it, and writes acks in as few frames as possible at the end of a turn.
 * Runs on the connection's loop.
 *
 * <p>Everything up to the oldest unconfirmed publish goes in one ack with multiple, which names one
 * that was not acked before; what overtook the oldest is acked singly. The ring holds one counter
 * per unconfirmed publish; the read gate bounds them.
 */
final class ConfirmTracker {
  private int[] waiting = new int[16];
  private long[] overtakers = new long[4];
  private int overtakerCount;

  /** Oldest number not confirmed by its queues. */
  private long first = 1;

  /** Number of the next publish. */
  private long next = 1;

  /** All up to this number are acked. */
  private long acked;

  /** Highest number confirmed in order since acks were written. */
  private long inOrder;

  /**
   * Numbers a publish.
   *
   * @param queues how many queues must accept it; none for an unroutable one, which is confirmed
   */
  long published(int queues) {
    if (next - first == waiting.length) {
      grow();
    }
    long sequence = next++;
    waiting[slot(sequence)] = queues;
    if (queues == 0) {
      confirmed(sequence);
    }
    return sequence;
  }

  /** One queue accepted it. */
  void accepted(long sequence) {
    if (--waiting[slot(sequence)] == 0) {
      confirmed(sequence);
    }
  }

  private void confirmed(long sequence) {
    if (sequence == first) {
      inOrder = sequence;
      do {
        first++;
      } while (first < next && waiting[slot(first)] == 0);
      return;
    }
    if (overtakerCount == overtakers.length) {
      overtakers = Arrays.copyOf(overtakers, overtakerCount * 2);
    }
    overtakers[overtakerCount++] = sequence;
  }

  /** Writes the acks that are due. True when there were some. */
  boolean writeAcks(ByteBuf out, int channel) {
    boolean wrote = false;
    long last = inOrder;
    for (int i = 0; i < overtakerCount; i++) {
      if (overtakers[i] < first) {
        // The oldest one has caught up with it.
        last = Math.max(last, overtakers[i]);
      }
    }
    if (last > acked) {
      FrameEncoder.method(out, channel, new BasicMethod.Ack(last, last - acked > 1));
      wrote = true;
    }
    acked = first - 1;
    for (int i = 0; i < overtakerCount; i++) {
      if (overtakers[i] >= first) {
        FrameEncoder.method(out, channel, new BasicMethod.Ack(overtakers[i], false));
        wrote = true;
      }
    }
    overtakerCount = 0;
    return wrote;
  }

  private int slot(long sequence) {
    return (int) sequence & (waiting.length - 1);
  }

  private void grow() {
    int[] grown = new int[waiting.length * 2];
    for (long s = first; s < next; s++) {
      grown[(int) s & (grown.length - 1)] = waiting[slot(s)];
    }
    waiting = grown;
  }
}
