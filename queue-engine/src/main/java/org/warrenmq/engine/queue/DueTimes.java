package org.warrenmq.engine.queue;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.LongPredicate;
import org.warrenmq.engine.message.Stamps;

/**
 * When messages of a lane have to leave, wherever they are in it: for each block of positions the
 * earliest time of those in it. One entry for so many messages is what makes this bearable for
 * millions that lie on disk; an entry may be too early, when the message it stood for has left.
 * Part of a {@link QueueLog}, while any message has a time.
 */
final class DueTimes {
  /** As the store's pages. */
  static final int BLOCK = 256;

  /** Entries are looked through for those that mean nothing any more above this number. */
  private static final int FEW = 64;

  private record Block(long due, long first) {}

  private final PriorityQueue<Block> blocks =
      new PriorityQueue<>(Comparator.comparingLong(Block::due).thenComparingLong(Block::first));

  /** The block added to last, which mostly is added to again. */
  private long open = -1;

  private long openDue = Stamps.NEVER;
  private int pruneAbove = FEW;

  // What came back at a start, and whose times nobody has read yet.
  private long unknownFrom;
  private long unknownTo;

  /** Where the block of a position begins. */
  static long blockOf(long position) {
    return position & -BLOCK;
  }

  /** A message has to leave at a time. */
  void add(long position, long due, LongPredicate isThere) {
    long block = blockOf(position);
    if (block != open) {
      close(isThere);
      open = block;
      openDue = due;
    } else {
      openDue = Math.min(openDue, due);
    }
  }

  private void close(LongPredicate isThere) {
    if (openDue != Stamps.NEVER) {
      blocks.add(new Block(openDue, open));
      openDue = Stamps.NEVER;
      if (blocks.size() > pruneAbove) {
        prune(isThere);
      }
    }
  }

  /** Forgets blocks that have gone, and all but the earliest time of each. */
  private void prune(LongPredicate isThere) {
    Map<Long, Long> earliest = new HashMap<>();
    for (Block block : blocks) {
      if (isThere.test(block.first)) {
        earliest.merge(block.first, block.due, Math::min);
      }
    }
    blocks.clear();
    earliest.forEach((first, due) -> blocks.add(new Block(due, first)));
    pruneAbove = Math.max(FEW, 2 * blocks.size());
  }

  /** Of what lies between, the times have to be read. */
  void unknown(long from, long to) {
    unknownFrom = from;
    unknownTo = to;
  }

  /** Times of what lies below a position are known, or of no use any more. */
  void knownBelow(long position) {
    unknownFrom = Math.max(unknownFrom, position);
  }

  private boolean isUnknown() {
    return unknownFrom < unknownTo;
  }

  /** The earliest time there may be; {@link Stamps#NEVER} when there is none. */
  long earliest() {
    if (isUnknown()) {
      return 0;
    }
    Block first = blocks.peek();
    return first == null ? openDue : Math.min(openDue, first.due);
  }

  /** Where a block begins that has to be looked at by now; -1 when none has. */
  long due(long now) {
    if (openDue <= now) {
      return open;
    }
    Block first = blocks.peek();
    if (first != null && first.due <= now) {
      return first.first;
    }
    return isUnknown() ? unknownFrom : -1;
  }

  /**
   * Everything from a position on and below an end was looked at; what is left there of times is
   * added again.
   */
  void lookedAt(long from, long to, long now) {
    if (open >= from && open < to) {
      openDue = Stamps.NEVER;
    }
    for (Block first; (first = blocks.peek()) != null && first.due <= now; ) {
      if (first.first < from || first.first >= to) {
        break;
      }
      blocks.remove();
    }
    if (unknownFrom >= from && unknownFrom < to) {
      unknownFrom = to;
    }
  }

  void clear() {
    blocks.clear();
    openDue = Stamps.NEVER;
    unknownTo = unknownFrom;
  }
}
