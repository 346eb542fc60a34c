package org.warrenmq.engine.queue;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.message.Message;

/**
 * The {@link Lane}s of a queue, one for each priority that messages came with; a plain queue has
 * one. Runs in the queue's room.
 *
 * <p>A position in the queue names the lane, too: the level stands in its highest octet, and a
 * plain queue's positions are those of its lane. To the store each lane is a log of its own.
 */
final class Lanes {
  private static final int LEVEL_SHIFT = 56;

  /** To the store the lanes of a queue are logs with the level above the queue's number. */
  private static final int STORE_SHIFT = 48;

  private final Lane lowest;
  private final int maxLevel;
  private final Dispatcher.Owner opener;

  /** All of them, the highest first; null while there is only the lowest. */
  private @Nullable List<Lane> all;

  /**
   * @param maxLevel the highest priority that there is
   * @param opener makes the lane of a level
   */
  Lanes(int maxLevel, Dispatcher.Owner opener) {
    this.maxLevel = maxLevel;
    this.opener = opener;
    this.lowest = opener.openLane(0);
  }

  /** The number by which the store knows a lane. */
  static long storeId(long queueId, int level) {
    return queueId | (long) level << STORE_SHIFT;
  }

  /** The queue to which such a number belongs. */
  static long queueId(long storeId) {
    return storeId & (1L << STORE_SHIFT) - 1;
  }

  /** The level in such a number. */
  static int level(long storeId) {
    return (int) (storeId >>> STORE_SHIFT);
  }

  /** Where a position of a lane is in the queue. */
  static long position(int level, long inLane) {
    return inLane | (long) level << LEVEL_SHIFT;
  }

  /** Where a position of the queue is in its lane. */
  static long inLane(long position) {
    return position & (1L << LEVEL_SHIFT) - 1;
  }

  /** The lane that a position of the queue is in. */
  Lane of(long position) {
    return all == null ? lowest : level((int) (position >>> LEVEL_SHIFT));
  }

  /** The lane that a message comes to. */
  Lane of(Message message) {
    return maxLevel == 0 ? lowest : level(Math.min(message.traits().priority(), maxLevel));
  }

  /** The lane of a level, made when it is wanted. */
  Lane level(int level) {
    List<Lane> lanes = all;
    if (lanes == null) {
      if (level == 0) {
        return lowest;
      }
      lanes = new ArrayList<>(4);
      lanes.add(lowest);
      all = lanes;
    }
    int at = 0;
    while (at < lanes.size() && lanes.get(at).level() > level) {
      at++;
    }
    if (at < lanes.size() && lanes.get(at).level() == level) {
      return lanes.get(at);
    }
    Lane lane = opener.openLane(level);
    lanes.add(at, lane);
    return lane;
  }

  /** Whether there is only one, now. */
  boolean isSingle() {
    return all == null;
  }

  Lane lowest() {
    return lowest;
  }

  /** The highest first. */
  List<Lane> all() {
    return all == null ? List.of(lowest) : all;
  }

  /** The one whose messages are due for delivery; the lowest when none has any. */
  Lane front() {
    List<Lane> lanes = all;
    if (lanes != null) {
      for (int i = 0; i < lanes.size(); i++) {
        if (lanes.get(i).readyCount() > 0) {
          return lanes.get(i);
        }
      }
    }
    return lowest;
  }

  /** Whether any message ever had to leave at a time. */
  boolean haveDues() {
    List<Lane> lanes = all;
    if (lanes == null) {
      return lowest.log().dueTimes() != null;
    }
    boolean some = false;
    for (int i = 0; i < lanes.size(); i++) {
      some |= lanes.get(i).log().dueTimes() != null;
    }
    return some;
  }

  /** Messages that can be delivered. */
  long readyCount() {
    List<Lane> lanes = all;
    if (lanes == null) {
      return lowest.readyCount();
    }
    long sum = 0;
    for (int i = 0; i < lanes.size(); i++) {
      sum += lanes.get(i).readyCount();
    }
    return sum;
  }

  /** Octets of their bodies. */
  long readyBytes() {
    List<Lane> lanes = all;
    if (lanes == null) {
      return lowest.readyBytes();
    }
    long sum = 0;
    for (int i = 0; i < lanes.size(); i++) {
      sum += lanes.get(i).readyBytes();
    }
    return sum;
  }

  /** Messages delivered and not settled. */
  long unsettledCount() {
    List<Lane> lanes = all;
    if (lanes == null) {
      return lowest.unsettledCount();
    }
    long sum = 0;
    for (int i = 0; i < lanes.size(); i++) {
      sum += lanes.get(i).unsettledCount();
    }
    return sum;
  }
}
