package org.warrenmq.engine.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Messages of a lane that left from behind others without having been delivered, or as dead letters
 * from anywhere, until nothing that is read from the store can bring them back: their end is on
 * disk, and what was being read then has come. Runs in the queue's room; bounded by what is on its
 * way to the disk.
 */
final class Departed {
  private final Set<Long> positions = new HashSet<>();

  /** Handed to the store, in this order. */
  private final ArrayDeque<Settled> settled = new ArrayDeque<>();

  /** On disk since the present reading began. */
  private final List<Long> onDisk = new ArrayList<>();

  private record Settled(long position, long write) {}

  void add(long position) {
    positions.add(position);
  }

  boolean contains(long position) {
    return positions.contains(position);
  }

  /**
   * The store is told that a message has left.
   *
   * @param write as {@link QueueJournal#awaitWrite} names it
   */
  void settled(long position, long write) {
    settled.add(new Settled(position, write));
  }

  /**
   * Something was written.
   *
   * @param reading whether something is being read that may be older
   */
  void written(QueueJournal journal, boolean reading) {
    for (Settled first; (first = settled.peek()) != null && journal.isWritten(first.write); ) {
      settled.remove();
      onDisk.add(first.position);
    }
    if (!reading) {
      readingEnded();
    }
  }

  /** What was being read has come, or is of no use. */
  void readingEnded() {
    onDisk.forEach(positions::remove);
    onDisk.clear();
  }
}
