package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.PRECONDITION_FAILED;

import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.engine.Queue;
import org.warrenmq.engine.RoomLoop;
import org.warrenmq.engine.SettleBatch;
import org.warrenmq.engine.Settlement;

/**
 * A channel's deliveries: gives out delivery tags and remembers what awaits an ack, oldest first.
 * Runs on the connection's loop.
 *
 * <p>An entry costs 24 bytes. Entries lie in a ring in the order of their tags; one settled out of
 * order leaves a hole until all before it are settled.
 */
final class DeliveryTracker {
  private final RoomLoop loop;
  private long lastTag;
  private long[] tags = new long[8];
  private long[] positions = new long[8];

  /** A {@link Subscription}, a {@link Queue} (for basic.get), or null where it is settled. */
  private @Nullable Object[] sources = new @Nullable Object[8];

  private int head;
  private int size;
  private int outstanding;
  private @Nullable SettleBatch settlingGets;

  DeliveryTracker(RoomLoop loop) {
    this.loop = loop;
  }

  /** The tag of a delivery that needs no ack. */
  long untracked() {
    return ++lastTag;
  }

  /** The tag of a delivery to a consumer. */
  long track(Subscription subscription, long position) {
    return add(subscription, position);
  }

  /** The tag of a message taken by basic.get. */
  long track(Queue queue, long position) {
    return add(queue, position);
  }

  /** Deliveries not settled. */
  int outstanding() {
    return outstanding;
  }

  private long add(Object source, long position) {
    if (size == tags.length) {
      grow();
    }
    int slot = head + size++ & tags.length - 1;
    tags[slot] = ++lastTag;
    positions[slot] = position;
    sources[slot] = source;
    outstanding++;
    return lastTag;
  }

  /**
   * Settles one delivery, or with multiple all up to it; tag 0 with multiple means all.
   *
   * @throws ChannelError when the tag is not outstanding; nothing is settled then
   */
  void settle(long tag, boolean multiple, Settlement settlement) {
    if (tag == 0 && multiple) {
      settleAll(settlement);
      return;
    }
    int index = find(tag);
    if (index < 0) {
      throw new ChannelError(PRECONDITION_FAILED, "unknown delivery tag " + tag);
    }
    for (int i = multiple ? 0 : index; i <= index; i++) {
      settleSlot(head + i & tags.length - 1, settlement);
    }
    dropSettled();
  }

  /** Settles everything outstanding. */
  void settleAll(Settlement settlement) {
    for (int i = 0; i < size; i++) {
      settleSlot(head + i & tags.length - 1, settlement);
    }
    dropSettled();
  }

  private void settleSlot(int slot, Settlement settlement) {
    switch (sources[slot]) {
      case null -> {
        return;
      }
      case Subscription subscription -> subscription.settle(positions[slot], settlement);
      case Queue queue -> {
        settlingGets = SettleBatch.open(settlingGets, loop, queue, null, settlement);
        settlingGets.add(positions[slot]);
      }
      default -> throw new IllegalStateException("no source of deliveries: " + sources[slot]);
    }
    sources[slot] = null;
    outstanding--;
  }

  /** Index from the head of an outstanding tag, or -1. Acks mostly name the oldest. */
  private int find(long tag) {
    int low = 0;
    int high = size - 1;
    if (size > 0 && tags[head] == tag) {
      high = 0;
    }
    while (low <= high) {
      int middle = low + high >>> 1;
      int slot = head + middle & tags.length - 1;
      if (tags[slot] == tag) {
        return sources[slot] == null ? -1 : middle;
      }
      if (tags[slot] < tag) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }

  private void dropSettled() {
    while (size > 0 && sources[head] == null) {
      head = head + 1 & tags.length - 1;
      size--;
    }
  }

  private void grow() {
    int capacity = tags.length * 2;
    long[] newTags = new long[capacity];
    long[] newPositions = new long[capacity];
    @Nullable Object[] newSources = new @Nullable Object[capacity];
    for (int i = 0; i < size; i++) {
      int slot = head + i & tags.length - 1;
      newTags[i] = tags[slot];
      newPositions[i] = positions[slot];
      newSources[i] = sources[slot];
    }
    tags = newTags;
    positions = newPositions;
    sources = newSources;
    head = 0;
  }
}
