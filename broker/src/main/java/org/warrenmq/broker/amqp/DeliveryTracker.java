package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.PRECONDITION_FAILED;

import java.util.Set;
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

  /** Settlements that wait for a transaction's commit; parallel to the ring, null while unused. */
  private @Nullable Settlement @Nullable [] held;

  private int toConsumers;
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
    toConsumers++;
    return add(subscription, position);
  }

  /** The tag of a message taken by basic.get. */
  long track(Queue queue, long position) {
    return add(queue, position);
  }

  /** Deliveries to consumers that are not settled; messages taken by basic.get do not count. */
  int toConsumers() {
    return toConsumers;
  }

  private long add(Object source, long position) {
    if (size == tags.length) {
      grow();
    }
    int slot = head + size++ & tags.length - 1;
    tags[slot] = ++lastTag;
    positions[slot] = position;
    sources[slot] = source;
    return lastTag;
  }

  /**
   * Settles one delivery, or with multiple all up to it; tag 0 with multiple means all.
   *
   * @param commitLater whether it only counts from the commit of a transaction on
   * @throws ChannelError when the tag is not outstanding; nothing is settled then
   */
  void settle(long tag, boolean multiple, Settlement settlement, boolean commitLater) {
    int last = size - 1;
    int first = 0;
    if (tag != 0 || !multiple) {
      last = find(tag);
      first = multiple ? 0 : last;
    }
    for (int i = first; i <= last; i++) {
      int slot = head + i & tags.length - 1;
      if (commitLater) {
        hold(slot, settlement);
      } else {
        settleSlot(slot, settlement);
      }
    }
    dropSettled();
  }

  /** Settles everything outstanding, whatever a transaction holds. */
  void settleAll(Settlement settlement) {
    held = null;
    for (int i = 0; i < size; i++) {
      settleSlot(head + i & tags.length - 1, settlement);
    }
    dropSettled();
  }

  /** Gives everything back to its queue, but for what a transaction has settled. */
  void recover() {
    for (int i = 0; i < size; i++) {
      int slot = head + i & tags.length - 1;
      if (!isHeld(slot)) {
        settleSlot(slot, Settlement.REQUEUED);
      }
    }
    dropSettled();
  }

  private void hold(int slot, Settlement settlement) {
    if (sources[slot] != null && !isHeld(slot)) {
      if (held == null) {
        held = new @Nullable Settlement[tags.length];
      }
      held[slot] = settlement;
    }
  }

  private boolean isHeld(int slot) {
    return held != null && held[slot] != null;
  }

  /** Adds the loops of the queues that a commit would settle something in. */
  void addLoopsOfHeld(Set<RoomLoop> loops) {
    @Nullable Settlement[] settlements = held;
    for (int i = 0; settlements != null && i < size; i++) {
      int slot = head + i & tags.length - 1;
      Object source = sources[slot];
      if (settlements[slot] != null) {
        switch (source) {
          case Subscription subscription -> loops.add(subscription.consumer().queue().loop());
          case Queue queue -> loops.add(queue.loop());
          case null, default -> {
            // Settled otherwise in the meantime.
          }
        }
      }
    }
  }

  /** The transaction commits: its settlements count. */
  void commit() {
    @Nullable Settlement[] committed = held;
    held = null;
    if (committed != null) {
      for (int i = 0; i < size; i++) {
        int slot = head + i & tags.length - 1;
        Settlement settlement = committed[slot];
        if (settlement != null) {
          settleSlot(slot, settlement);
        }
      }
      dropSettled();
    }
  }

  /** The transaction rolls back: what it settled is outstanding as before. */
  void rollback() {
    held = null;
  }

  private void settleSlot(int slot, Settlement settlement) {
    switch (sources[slot]) {
      case null -> {
        return;
      }
      case Subscription subscription -> {
        toConsumers--;
        subscription.settle(positions[slot], settlement);
      }
      case Queue queue -> {
        settlingGets = SettleBatch.open(settlingGets, loop, queue, null, settlement);
        settlingGets.add(positions[slot]);
      }
      default -> throw new IllegalStateException("no source of deliveries: " + sources[slot]);
    }
    sources[slot] = null;
  }

  /** Index from the head of an outstanding tag. Acks mostly name the oldest. */
  private int find(long tag) {
    int low = 0;
    int high = size > 0 && tags[head] == tag ? 0 : size - 1;
    while (low <= high) {
      int middle = low + high >>> 1;
      int slot = head + middle & tags.length - 1;
      if (tags[slot] == tag) {
        if (sources[slot] == null || isHeld(slot)) {
          break;
        }
        return middle;
      }
      if (tags[slot] < tag) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    throw new ChannelError(PRECONDITION_FAILED, "unknown delivery tag " + tag);
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
    growHeld(capacity);
    tags = newTags;
    positions = newPositions;
    sources = newSources;
    head = 0;
  }

  private void growHeld(int capacity) {
    @Nullable Settlement[] old = held;
    if (old != null) {
      @Nullable Settlement[] grown = new @Nullable Settlement[capacity];
      for (int i = 0; i < size; i++) {
        grown[i] = old[head + i & tags.length - 1];
      }
      held = grown;
    }
  }
}
