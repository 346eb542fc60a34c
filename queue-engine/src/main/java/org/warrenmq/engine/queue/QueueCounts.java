package org.warrenmq.engine.queue;

import org.warrenmq.store.SettleReason;

/** How many messages came to a queue and left it, since it is here; kept in the queue's room. */
public final class QueueCounts {
  private long appended;
  private long acked;
  private long taken;
  private long rejected;
  private long expired;
  private long dropped;
  private long returnedTooOften;
  private long purged;

  void appended() {
    appended++;
  }

  void left(SettleReason reason) {
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
