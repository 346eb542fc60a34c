package org.warrenmq.broker.amqp;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
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
  /** What it takes while it is small, in bytes, about. */
  private static final int COST = 256;

  private static final int FEW = 16;

  /** A ring of up to so many is kept when nothing is unconfirmed. */
  private static final int KEPT = 128;

  /** Told how many bytes more it takes, or less. */
  private final IntConsumer grows;

  private int[] waiting = new int[FEW];
  private long[] overtakers = new long[FEW];
  private int overtakerCount;

  /** Refused by a queue, while others have not said anything; mostly none. */
  private Set<Long> rejected = Set.of();

  /** Refused, and the client was not told. */
  private List<Long> nacks = new ArrayList<>(0);

  /** Oldest number not confirmed by its queues. */
  private long first = 1;

  /** Number of the next publish. */
  private long next = 1;

  /** All up to this number are acked. */
  private long acked;

  /** Highest number confirmed in order since acks were written. */
  private long inOrder;

  /**
   * @param grows told how many bytes more it takes, or less when negative
   */
  ConfirmTracker(IntConsumer grows) {
    this.grows = grows;
    grows.accept(COST);
  }

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
      answered(sequence);
    }
  }

  /** One queue refused it: so is the whole, whatever other queues say. */
  void rejected(long sequence) {
    if (rejected.isEmpty()) {
      rejected = new HashSet<>();
    }
    if (rejected.add(sequence)) {
      nacks.add(sequence);
    }
    accepted(sequence);
  }

  /** All queues have said something. */
  private void answered(long sequence) {
    if (rejected.isEmpty() || !rejected.remove(sequence)) {
      confirmed(sequence);
    } else if (sequence == first) {
      advance();
    }
  }

  private void advance() {
    do {
      first++;
    } while (first < next && waiting[slot(first)] == 0);
  }

  private void confirmed(long sequence) {
    if (sequence == first) {
      inOrder = sequence;
      advance();
      return;
    }
    if (overtakerCount == overtakers.length) {
      grows.accept(overtakerCount * Long.BYTES);
      overtakers = Arrays.copyOf(overtakers, overtakerCount * 2);
    }
    overtakers[overtakerCount++] = sequence;
  }

  /** Writes the nacks and acks that are due. True when there were some. */
  boolean writeAcks(ByteBuf out, int channel) {
    boolean wrote = writeNacks(out, channel);
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
    if (first == next && waiting.length > KEPT) {
      shrink();
    }
    return wrote;
  }

  /** Before the acks: one with multiple may then pass what was refused. */
  private boolean writeNacks(ByteBuf out, int channel) {
    if (nacks.isEmpty()) {
      return false;
    }
    for (long sequence : nacks) {
      FrameEncoder.method(out, channel, new BasicMethod.Nack(sequence, false, true));
    }
    nacks = new ArrayList<>(0);
    return true;
  }

  private void shrink() {
    grows.accept(-(waiting.length - FEW) * Integer.BYTES);
    grows.accept(-(overtakers.length - FEW) * Long.BYTES);
    waiting = new int[FEW];
    overtakers = new long[FEW];
  }

  private int slot(long sequence) {
    return (int) sequence & (waiting.length - 1);
  }

  private void grow() {
    grows.accept(waiting.length * Integer.BYTES);
    int[] grown = new int[waiting.length * 2];
    for (long s = first; s < next; s++) {
      grown[(int) s & (grown.length - 1)] = waiting[slot(s)];
    }
    waiting = grown;
  }
}
