package org.warrenmq.engine;

import java.util.Arrays;

/**
 * The positions that may be delivered next, in order: what came back first, then what was never
 * delivered. Runs in the queue's room.
 *
 * <p>Everything at or after {@code head} has never been delivered, so a position that comes back is
 * always below it: the smallest returned position, or else {@code head}, is the queue's front.
 */
final class ReadyWindow {
  private static final long[] NONE = {};

  /** A heap up to this size is kept when it gets empty: returns of a few must not allocate. */
  private static final int KEPT = 32;

  private long head;

  /** Binary min-heap of returned positions. */
  private long[] returned = NONE;

  private int returnedCount;

  /** Messages ready when the log ends at {@code next}. */
  long size(long next) {
    return next - head + returnedCount;
  }

  boolean isEmpty(long next) {
    return returnedCount == 0 && head == next;
  }

  /** The front's position; the window must not be empty. */
  long first() {
    return returnedCount > 0 ? returned[0] : head;
  }

  /** Takes the front. */
  long take() {
    if (returnedCount == 0) {
      return head++;
    }
    long first = returned[0];
    long last = returned[--returnedCount];
    int hole = 0;
    for (int child; (child = 2 * hole + 1) < returnedCount; hole = child) {
      if (child + 1 < returnedCount && returned[child + 1] < returned[child]) {
        child++;
      }
      if (last <= returned[child]) {
        break;
      }
      returned[hole] = returned[child];
    }
    returned[hole] = last;
    if (returnedCount == 0 && returned.length > KEPT) {
      returned = NONE;
    }
    return first;
  }

  /** A delivered message comes back to its place. */
  void giveBack(long position) {
    assert position < head;
    if (returnedCount == returned.length) {
      returned = Arrays.copyOf(returned, Math.max(8, returnedCount * 2));
    }
    int hole = returnedCount++;
    for (int parent; hole > 0 && returned[parent = (hole - 1) >>> 1] > position; hole = parent) {
      returned[hole] = returned[parent];
    }
    returned[hole] = position;
  }

  /** First position never delivered. */
  long head() {
    return head;
  }

  /** The positions that came back, ascending. */
  long[] returnedSorted() {
    long[] sorted = Arrays.copyOf(returned, returnedCount);
    Arrays.sort(sorted);
    return sorted;
  }

  /** Forgets everything ready; the next message appended is the front. */
  void clear(long next) {
    head = next;
    returned = NONE;
    returnedCount = 0;
  }

  /** After a restart or a change of leader: the given positions are ready again, ascending. */
  void restore(long[] positions, long next) {
    head = next;
    returned = positions.clone();
    returnedCount = positions.length;
  }
}
