package org.warrenmq.engine.queue;

import java.util.List;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.engine.message.Stamps;
import org.warrenmq.store.SettleReason;

/**
 * Has messages leave that were ready for too long, wherever they are in the queue: behind others,
 * and on disk, too. Each has its time from when it came. Runs in the queue's room.
 *
 * <p>{@link DueTimes} tells which blocks have something due. What is in memory of these is looked
 * at here; what is cold is read for that, and only what is due leaves, the rest stays cold.
 */
final class Expiry {
  private final Departures departures;

  /** Whether only the front is looked at, as RabbitMQ does. */
  private final boolean frontOnly;

  Expiry(Departures departures, boolean frontOnly) {
    this.departures = departures;
    this.frontOnly = frontOnly;
  }

  /**
   * When a message has to leave that comes now.
   *
   * @param queueTtl that of the queue's messages
   */
  static long due(Message message, long queueTtl, long now) {
    long ttl = Math.min(queueTtl, message.traits().ttl());
    return ttl >= Stamps.NEVER - now ? Stamps.NEVER : now + ttl;
  }

  /** When something may be due in a lane; {@link Stamps#NEVER} when nothing is. */
  long due(Lane lane) {
    if (frontOnly) {
      long front = lane.readyCount() == 0 ? -1 : lane.first();
      return front < 0 ? Stamps.NEVER : lane.log().due(front);
    }
    return lane.earliestDue();
  }

  /**
   * Has what is due leave.
   *
   * @return false when more has to, and cannot before something else has left or been read
   */
  boolean expire(Lane lane, long now) {
    return frontOnly ? expireFront(lane, now) : expireAnywhere(lane, now);
  }

  private boolean expireFront(Lane lane, long now) {
    while (lane.readyCount() > 0) {
      long front = lane.first();
      if (front < 0 || lane.log().due(front) > now) {
        return true;
      }
      if (!departures.mayLeave()) {
        return false;
      }
      departures.leaveReady(lane, front, SettleReason.EXPIRED);
    }
    return true;
  }

  private boolean expireAnywhere(Lane lane, long now) {
    DueTimes times = lane.log().dueTimes();
    while (times != null && !lane.isSweeping()) {
      times.knownBelow(lane.log().coldFrom());
      long at = times.due(now);
      if (at < 0) {
        return true;
      }
      long block = DueTimes.blockOf(at);
      if (!expireInMemory(lane, block, now)) {
        return false;
      }
      if (lane.log().hasColdIn(block)) {
        if (!departures.mayLeave()) {
          return false;
        }
        lane.sweep(Math.max(at, lane.log().coldFrom()));
        return false;
      }
      times.lookedAt(block, block + DueTimes.BLOCK, now);
      remember(lane, block, earliestReady(lane, block));
    }
    return times == null;
  }

  private boolean expireInMemory(Lane lane, long block, long now) {
    QueueLog log = lane.log();
    long end = block + DueTimes.BLOCK;
    for (long at = log.taken(block, end); at >= 0; at = log.taken(at + 1, end)) {
      if (log.due(at) <= now && lane.isReady(at)) {
        if (!departures.mayLeave()) {
          return false;
        }
        departures.leaveReady(lane, at, SettleReason.EXPIRED);
      }
    }
    return true;
  }

  /** Of what stays in memory of a block; what is out is looked for when it comes back. */
  private static long earliestReady(Lane lane, long block) {
    QueueLog log = lane.log();
    long earliest = Stamps.NEVER;
    long end = block + DueTimes.BLOCK;
    for (long at = log.taken(block, end); at >= 0; at = log.taken(at + 1, end)) {
      if (lane.isReady(at)) {
        earliest = Math.min(earliest, log.due(at));
      }
    }
    return earliest;
  }

  private static void remember(Lane lane, long block, long earliest) {
    if (earliest != Stamps.NEVER) {
      lane.log().dueInBlock(block, earliest);
    }
  }

  /**
   * What is cold was read: has leave what is due of it.
   *
   * @param from where the reading began
   * @param to everything before this position is among it, unless it has left
   */
  void swept(Lane lane, List<MessageStore.Loaded> messages, long from, long to, long now) {
    QueueLog log = lane.log();
    DueTimes times = log.dueTimes();
    if (times == null) {
      return;
    }
    long first = DueTimes.blockOf(from);
    // What is behind the last whole block is left to another time.
    boolean all = to >= log.coldTo() || to <= from;
    long end = all ? DueTimes.blockOf(Math.max(from, to)) + DueTimes.BLOCK : DueTimes.blockOf(to);
    if (end <= first) {
      // One block is more than was read at once: it goes on from there.
      lane.sweptTo(to, expireCold(lane, messages, first, to, now));
      return;
    }
    times.lookedAt(first, end, now);
    remember(lane, first, lane.endSwept());
    for (long block = first; block < end; block += DueTimes.BLOCK) {
      remember(lane, block, earliestReady(lane, block));
      remember(lane, block, expireCold(lane, messages, block, block + DueTimes.BLOCK, now));
    }
  }

  /**
   * Has leave what is due of the cold messages of a block, or the first part of one.
   *
   * @return when the others are due
   */
  private long expireCold(
      Lane lane, List<MessageStore.Loaded> messages, long from, long to, long now) {
    long earliest = Stamps.NEVER;
    for (MessageStore.Loaded loaded : messages) {
      long at = loaded.position();
      if (at < from || at >= to || !lane.log().isCold(at)) {
        continue;
      }
      long due = loaded.stamps().due();
      if (due <= now && departures.mayLeave()) {
        departures.leaveCold(lane, loaded);
      } else {
        earliest = Math.min(earliest, due);
      }
    }
    return earliest;
  }

  /** Who has messages leave. */
  interface Departures {
    /** Whether one more may leave now; if not, the queue proceeds when it may. */
    boolean mayLeave();

    /** A ready message leaves, from wherever it is in memory. */
    void leaveReady(Lane lane, long position, SettleReason reason);

    /** A cold message leaves that was just read, since it is due. */
    void leaveCold(Lane lane, MessageStore.Loaded cold);
  }
}
