package org.warrenmq.engine.queue;

import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.engine.message.Stamps;
import org.warrenmq.store.SettleReason;

/**
 * How many messages came to a queue and left it, since it is here, and how long those were in it
 * while somebody asks for that; kept in the queue's room.
 */
public final class QueueCounts {
  private long appended;
  private long acked;
  private long taken;
  private long rejected;
  private long expired;
  private long dropped;
  private long returnedTooOften;
  private long purged;

  /** Null while nobody asks. */
  private @Nullable SojournTimes sojourns;

  /**
   * @param times null for nobody
   */
  void watch(@Nullable SojournTimes times) {
    sojourns = times;
  }

  @Nullable SojournTimes sojourns() {
    return sojourns;
  }

  /** Milliseconds by which a message that comes now may count as older than it is. */
  int precision() {
    return sojourns == null ? LogSegment.COARSE : 0;
  }

  void appended() {
    appended++;
  }

  /** A message leaves that is in memory, or in part. */
  void left(Lane lane, long position, SettleReason reason) {
    count(reason);
    if (sojourns != null) {
      sojourns.left(lane.log().came(position));
    }
  }

  /** A message leaves that was only read to be looked at. */
  void left(MessageStore.Loaded message, SettleReason reason) {
    count(reason);
    if (sojourns != null && message.stamps().enqueued() != Stamps.UNKNOWN) {
      sojourns.left(message.stamps().enqueued());
    }
  }

  private void count(SettleReason reason) {
    switch (reason) {
      case ACKED -> acked++;
      case TAKEN -> taken++;
      case REJECTED -> rejected++;
      case EXPIRED -> expired++;
      case DROPPED -> dropped++;
      case DELIVERY_LIMIT -> returnedTooOften++;
    }
  }

  void purged(long messages) {
    purged += messages;
  }

  /** Messages that came. */
  public long appendedCount() {
    return appended;
  }

  /** Messages that left for a reason. */
  public long leftCount(SettleReason reason) {
    return switch (reason) {
      case ACKED -> acked;
      case TAKEN -> taken;
      case REJECTED -> rejected;
      case EXPIRED -> expired;
      case DROPPED -> dropped;
      case DELIVERY_LIMIT -> returnedTooOften;
    };
  }

  /** Messages that purges took. */
  public long purgedCount() {
    return purged;
  }
}
