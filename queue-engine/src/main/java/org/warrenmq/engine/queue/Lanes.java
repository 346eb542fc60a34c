package org.warrenmq.engine.queue;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageTraits;
import org.warrenmq.engine.message.Stamps;

/**
 * The {@link Lane}s of a queue, one for each priority that messages came with; a plain queue has
 * one. Runs in the queue's room.
 *
 * <p>A lane has the number of its priority; but that of messages which name none is 0, and the two
 * numbers change places: where no message names any there is one lane. A position in the queue
 * names the lane, too: its number stands in the highest octet, and a plain queue's positions are
 * those of its lane. To the store each lane is a log of its own.
 */
final class Lanes {
  private static final int LANE_SHIFT = 56;

  /** To the store the lanes of a queue are logs with their number above the queue's. */
  private static final int STORE_SHIFT = 48;

  private final Lane first;
  private final int maxPriority;
  private final int usualPriority;
  private final Dispatcher.Owner opener;

  /** All of them, the highest priority first; null while there is only the first. */
  private @Nullable List<Lane> all;

  /**
   * @param maxPriority the highest priority that there is
   * @param usualPriority that of a message which names none
   * @param opener makes the lane of a number
   */
  Lanes(int maxPriority, int usualPriority, Dispatcher.Owner opener) {
    this.maxPriority = maxPriority;
    this.usualPriority = usualPriority;
    this.opener = opener;
    this.first = opener.openLane(0);
  }

  /** The number by which the store knows a lane. */
  static long storeId(long queueId, int number) {
    return queueId | (long) number << STORE_SHIFT;
  }

  /** The queue to which such a number belongs. */
  static long queueId(long storeId) {
    return storeId & (1L << STORE_SHIFT) - 1;
  }

  /** The number of the lane in such a number. */
  static int number(long storeId) {
    return (int) (storeId >>> STORE_SHIFT);
  }

  /** Where a position of a lane is in the queue. */
  static long position(int number, long inLane) {
    return inLane | (long) number << LANE_SHIFT;
  }

  /** Where a position of the queue is in its lane. */
  static long inLane(long position) {
    return position & (1L << LANE_SHIFT) - 1;
  }

  /** The lane that a position of the queue is in. */
  Lane of(long position) {
    return all == null ? first : numbered((int) (position >>> LANE_SHIFT));
  }

  /** The lane that a message comes to. */
  Lane of(Message message) {
    if (maxPriority == 0) {
      return first;
    }
    int priority = message.traits().priority();
    return priority == MessageTraits.NO_PRIORITY
        ? first
        : numbered(swapped(Math.min(priority, maxPriority)));
  }

  /** The number of a priority's lane, and the priority of a lane with a number. */
  private int swapped(int priority) {
    if (priority == usualPriority) {
      return 0;
    }
    return priority == 0 ? usualPriority : priority;
  }

  /** The lane of a number, made when it is wanted. */
  Lane numbered(int number) {
    List<Lane> lanes = all;
    if (lanes == null) {
      if (number == 0) {
        return first;
      }
      lanes = new ArrayList<>(4);
      lanes.add(first);
      all = lanes;
    }
    int priority = swapped(number);
    int at = 0;
    while (at < lanes.size() && swapped(lanes.get(at).number()) > priority) {
      at++;
    }
    if (at < lanes.size() && lanes.get(at).number() == number) {
      return lanes.get(at);
    }
    Lane lane = opener.openLane(number);
    lanes.add(at, lane);
    return lane;
  }

  /** Whether there is only one, now. */
  boolean isSingle() {
    return all == null;
  }

  /** The one that is always there, and the only one of a plain queue. */
  Lane first() {
    return first;
  }

  /** The highest priority first. */
  List<Lane> all() {
    return all == null ? List.of(first) : all;
  }

  /** The one whose messages are due for delivery; the first when none has any. */
  Lane front() {
    List<Lane> lanes = all;
    if (lanes != null) {
      for (int i = 0; i < lanes.size(); i++) {
        if (lanes.get(i).readyCount() > 0) {
          return lanes.get(i);
        }
      }
    }
    return first;
  }

  /**
   * When the oldest ready message came, in milliseconds since the epoch; {@link Stamps#NEVER} when
   * none is ready, {@link Stamps#UNKNOWN} when something has to be read first: the queue proceeds
   * then.
   */
  long oldest() {
    long oldest = Stamps.NEVER;
    for (Lane lane : all()) {
      // An unknown one is less than any.
      oldest = Math.min(oldest, lane.oldest());
    }
    return oldest;
  }

  /** Whether any message ever had to leave at a time. */
  boolean haveDues() {
    List<Lane> lanes = all;
    if (lanes == null) {
      return first.log().dueTimes() != null;
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
      return first.readyCount();
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
      return first.readyBytes();
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
      return first.unsettledCount();
    }
    long sum = 0;
    for (int i = 0; i < lanes.size(); i++) {
      sum += lanes.get(i).unsettledCount();
    }
    return sum;
  }
}
