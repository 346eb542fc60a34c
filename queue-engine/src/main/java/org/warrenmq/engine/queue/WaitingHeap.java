package org.warrenmq.engine.queue;

import java.util.Arrays;
import org.warrenmq.engine.message.Stamps;

/**
 * Positions of a queue, each with a time, the earliest first: 16 bytes each. Part of {@link Retry},
 * in the queue's room.
 */
final class WaitingHeap {
  private static final long[] NONE = {};

  /** One up to this size is kept when it gets empty. */
  private static final int KEPT = 32;

  /** Binary min-heap of the times, and parallel to it the positions. */
  private long[] times = NONE;

  private long[] positions = NONE;
  private int count;

  /** The earliest time; {@link Stamps#NEVER} when nothing is there. */
  long earliest() {
    return count == 0 ? Stamps.NEVER : times[0];
  }

  void add(long time, long position) {
    if (count == times.length) {
      int larger = Math.max(8, count + (count >> 1));
      times = Arrays.copyOf(times, larger);
      positions = Arrays.copyOf(positions, larger);
    }
    int hole = count++;
    for (int parent; hole > 0 && times[parent = (hole - 1) >>> 1] > time; hole = parent) {
      move(parent, hole);
    }
    times[hole] = time;
    positions[hole] = position;
  }

  /** What has the earliest time, which there is. */
  long first() {
    return positions[0];
  }

  /** The same, and removes it. */
  long removeFirst() {
    long first = positions[0];
    count--;
    int hole = 0;
    for (int child; (child = 2 * hole + 1) < count; hole = child) {
      if (child + 1 < count && times[child + 1] < times[child]) {
        child++;
      }
      if (times[count] <= times[child]) {
        break;
      }
      move(child, hole);
    }
    move(count, hole);
    if (count == 0 && times.length > KEPT) {
      times = NONE;
      positions = NONE;
    }
    return first;
  }

  private void move(int from, int to) {
    times[to] = times[from];
    positions[to] = positions[from];
  }
}
