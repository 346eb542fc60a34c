package org.warrenmq.engine.queue;

import java.util.Arrays;

/**
 * The positions that may be delivered next, in order: what came back first, then what was never
 * delivered. Runs in the queue's room.
 *
 * <p>Everything at or after {@code head} has never been delivered, so a position that comes back is
 * always below it: the smallest returned position, or else the first message from {@code head} on,
 * is the queue's front.
 */
final class ReadyWindow {
  private static final long[] NONE = {};

  /** A heap up to this size is kept when it gets empty: returns of a few must not allocate. */
  private static final int KEPT = 32;

  private long head;

  /** Binary min-heap of returned positions. */
  private long[] returned = NONE;

  private int returnedCount;

  /** Whether any were taken from among the others: they may stand there still, and twice. */
  private boolean gaps;

  /** The front's position, or -1 when cold messages come first, or none. */
  long first(QueueLog log) {
    // What left from the middle stands here until it would be the front.
    while (returnedCount > 0 && !log.isBack(returned[0])) {
      removeFirst();
    }
    return returnedCount > 0 ? returned[0] : log.following(head);
  }

  /** Takes the front, which is at this position. */
  void take(long position, QueueLog log) {
    if (returnedCount == 0) {
      head = position + 1;
    } else {
      log.back(position, false);
      removeFirst();
    }
  }

  /**
   * Takes what is ready from behind others.
   *
   * @param position of something that came back, or else the first one never delivered
   */
  void takeAny(long position, QueueLog log) {
    if (position >= head) {
      head = position + 1;
      return;
    }
    log.back(position, false);
    if (returnedCount > 0 && returned[0] == position) {
      removeFirst();
    } else {
      gaps = true;
    }
  }

  /** The first message never delivered stays, as if it had come back. */
  void passOver(long position, QueueLog log) {
    head = position + 1;
    giveBack(position, log);
  }

  private void removeFirst() {
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
  }

  /** A delivered message comes back to its place. */
  void giveBack(long position, QueueLog log) {
    assert position < head;
    log.back(position, true);
    if (returnedCount == returned.length) {
      makeRoom(log);
    }
    int hole = returnedCount++;
    for (int parent; hole > 0 && returned[parent = (hole - 1) >>> 1] > position; hole = parent) {
      returned[hole] = returned[parent];
    }
    returned[hole] = position;
  }

  /** The first that was never delivered passes for delivered, as far as is known, and is out. */
  void takeNext(long position) {
    head = position + 1;
  }

  private void makeRoom(QueueLog log) {
    if (gaps) {
      gaps = false;
      // A sorted array is a heap.
      Arrays.sort(returned, 0, returnedCount);
      int kept = 0;
      for (int i = 0; i < returnedCount; i++) {
        long position = returned[i];
        if (log.isBack(position) && (kept == 0 || returned[kept - 1] != position)) {
          returned[kept++] = position;
        }
      }
      returnedCount = kept;
    }
    if (returnedCount >= returned.length / 2) {
      returned = Arrays.copyOf(returned, Math.max(8, returnedCount * 2));
    }
  }

  /** First position never delivered. */
  long head() {
    return head;
  }

  /** What comes from a position on is as if it never had been delivered. */
  void readAgain(long from) {
    head = Math.min(head, from);
    // A sorted array is a heap.
    Arrays.sort(returned, 0, returnedCount);
    int kept = returnedCount;
    while (kept > 0 && returned[kept - 1] >= head) {
      kept--;
    }
    returned = kept == 0 ? NONE : Arrays.copyOf(returned, kept);
    returnedCount = kept;
  }

  /** Forgets everything ready; the next message appended is the front. */
  void clear(long next) {
    head = next;
    returned = NONE;
    returnedCount = 0;
  }

  /** After a restart or a change of leader: everything from a position on is ready again. */
  void restore(long first) {
    head = first;
    returned = NONE;
    returnedCount = 0;
  }
}
