package org.warrenmq.broker.amqp;

import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.Settlement;

/**
 * What awaits an ack, in the order of the delivery tags: a ring of 20 bytes an entry. Runs on the
 * connection's loop.
 *
 * <p>An entry settled out of order leaves a hole. Holes go when all before them are settled, or
 * when they are half of the ring: so one delivery that is never acked does not keep all later ones.
 * A ring that was large is made smaller when little is left in it. Both cost a constant on average;
 * as long as acks come about in order, nothing is moved and nothing allocated.
 */
final class DeliveryRing {
  private static final int FIRST = 8;

  /** Holes in a ring of fewer entries may stay. */
  private static final int FEW = 16;

  /** A ring of up to so many entries is kept as large as it is. */
  static final int KEPT = 1024;

  private static final long[] NO_NUMBERS = {};
  private static final @Nullable Object[] NO_SOURCES = {};

  // All of the same length, a power of two or none: most channels never deliver anything.
  private long[] tags = NO_NUMBERS;
  private long[] positions = NO_NUMBERS;

  /** Null where an entry is settled. */
  private @Nullable Object[] sources = NO_SOURCES;

  /**
   * Settlements that wait for a transaction's commit; parallel to the others, null while unused.
   */
  private @Nullable Settlement @Nullable [] held;

  private int head;
  private int size;
  private int live;

  /** Entries, holes among them; they are numbered from 0, the oldest. */
  int size() {
    return size;
  }

  /** How many may be in it before it has to grow. */
  int capacity() {
    return tags.length;
  }

  private int slot(int entry) {
    return head + entry & tags.length - 1;
  }

  /** Appends an entry; its tag is larger than all before. */
  void add(long tag, long position, Object source) {
    if (size == tags.length) {
      move(Math.max(FIRST, size * 2));
    }
    int slot = slot(size++);
    tags[slot] = tag;
    positions[slot] = position;
    sources[slot] = source;
    live++;
  }

  /**
   * The entry of an outstanding tag, or -1; one that a transaction has settled is not outstanding.
   * Acks mostly name the oldest.
   */
  int find(long tag) {
    int low = 0;
    int high = size > 0 && tags[head] == tag ? 0 : size - 1;
    while (low <= high) {
      int middle = low + high >>> 1;
      int slot = slot(middle);
      if (tags[slot] == tag) {
        return sources[slot] == null || isHeldAt(slot) ? -1 : middle;
      }
      if (tags[slot] < tag) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }

  /** Where an entry was delivered from, or null when it is settled. */
  @Nullable Object source(int entry) {
    return sources[slot(entry)];
  }

  long position(int entry) {
    return positions[slot(entry)];
  }

  /** An entry is settled. {@link #tidy} is due before the next one is added. */
  void settled(int entry) {
    sources[slot(entry)] = null;
    live--;
  }

  // What a transaction has settled.

  /** Keeps a settlement for the commit, unless there is one, or the entry is settled. */
  void hold(int entry, Settlement settlement) {
    int slot = slot(entry);
    if (sources[slot] == null || isHeldAt(slot)) {
      return;
    }
    if (held == null) {
      held = new @Nullable Settlement[tags.length];
    }
    held[slot] = settlement;
  }

  /** The settlement kept for an entry, or null. */
  @Nullable Settlement held(int entry) {
    return held == null ? null : held[slot(entry)];
  }

  private boolean isHeldAt(int slot) {
    return held != null && held[slot] != null;
  }

  /** Nothing is kept for a commit any more. */
  void forgetHeld() {
    held = null;
  }

  // Holes.

  /** Drops holes; to be called after entries were settled. Entries get other numbers by it. */
  void tidy() {
    while (size > 0 && sources[head] == null) {
      head = slot(1);
      size--;
    }
    if (size >= FEW && live <= size / 2) {
      close();
    }
    if (tags.length > KEPT && live <= tags.length / 8) {
      move(Math.max(KEPT, Integer.highestOneBit(live) * 4));
    }
  }

  /** Moves what is outstanding together, where it is. */
  private void close() {
    int to = 0;
    for (int from = 0; from < size; from++) {
      int slot = slot(from);
      Object source = sources[slot];
      if (source != null) {
        int free = slot(to++);
        sources[slot] = null;
        sources[free] = source;
        tags[free] = tags[slot];
        positions[free] = positions[slot];
        if (held != null) {
          Settlement settlement = held[slot];
          held[slot] = null;
          held[free] = settlement;
        }
      }
    }
    size = to;
  }

  /** Moves what is outstanding into a ring of another capacity. */
  private void move(int capacity) {
    long[] newTags = new long[capacity];
    long[] newPositions = new long[capacity];
    @Nullable Object[] newSources = new @Nullable Object[capacity];
    @Nullable Settlement @Nullable [] newHeld = held == null ? null : new Settlement[capacity];
    int to = 0;
    for (int from = 0; from < size; from++) {
      int slot = slot(from);
      if (sources[slot] != null) {
        newTags[to] = tags[slot];
        newPositions[to] = positions[slot];
        newSources[to] = sources[slot];
        if (newHeld != null && held != null) {
          newHeld[to] = held[slot];
        }
        to++;
      }
    }
    tags = newTags;
    positions = newPositions;
    sources = newSources;
    held = newHeld;
    head = 0;
    size = to;
  }
}
