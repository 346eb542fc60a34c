package org.warrenmq.engine.queue;

import org.warrenmq.engine.message.Entry;

/**
 * The messages of a queue that are of one priority: what it contains of them, and which may be
 * delivered next. A plain queue has one lane. Runs in the queue's room.
 */
final class Lane {
  private final QueueLog log;
  private final ReadyWindow ready = new ReadyWindow();

  /** Delivered, or taken, and not settled. */
  private long unsettled;

  /** Messages below may have been delivered before the start. */
  private long deliveredBefore;

  Lane(QueueLog log) {
    this.log = log;
    ready.restore(log.first());
  }

  /** The log came back at a start, with messages that may have been delivered below a position. */
  void restored(long delivered) {
    ready.restore(log.first());
    deliveredBefore = delivered;
  }

  /** From a position on, behind which nothing is out, everything has become cold. */
  void readAgain(long cold) {
    ready.readAgain(cold);
  }

  /** The position after the last message that is out; where the log begins when none is. */
  long afterUnsettled() {
    if (unsettled == 0) {
      return log.first();
    }
    int back = ready.sortReturned() - 1;
    for (long at = log.takenBelow(ready.head()); at >= 0; at = log.takenBelow(at)) {
      if (back < 0 || ready.returned(back) != at) {
        return at + 1;
      }
      back--;
    }
    return log.first();
  }

  QueueLog log() {
    return log;
  }

  /** Messages that can be delivered. */
  long readyCount() {
    return log.size() - unsettled;
  }

  /** Messages delivered and not settled. */
  long unsettledCount() {
    return unsettled;
  }

  /** The first position never delivered. */
  long head() {
    return ready.head();
  }

  /**
   * From here on no message was delivered, in this run or before the start: what an earlier run
   * delivered stays a redelivery until it is, though nobody may have asked for it since.
   */
  long neverDelivered() {
    return Math.max(ready.head(), deliveredBefore);
  }

  /** The front message's position, or -1 when it is cold; without meaning when none is ready. */
  long first() {
    return ready.first(log);
  }

  /** Whether the message at a position was delivered before. */
  boolean isRedelivered(long position) {
    return position < deliveredBefore || log.returns(position) > 0;
  }

  /** The front message leaves the ready ones, and awaits its settlement. */
  void take(long position) {
    ready.take(position);
    unsettled++;
  }

  /** Something taken comes back to its place. */
  void giveBack(long position, boolean counted) {
    ready.giveBack(position);
    unsettled--;
    if (counted) {
      log.returned(position);
    }
  }

  /** Something taken has left for good. */
  Entry remove(long position) {
    unsettled--;
    return log.settle(position);
  }

  /**
   * Drops everything ready.
   *
   * @return the positions of what stays, as it was taken; ascending
   */
  long[] purge() {
    long[] kept = unsettled == 0 ? new long[0] : unsettledPositions();
    log.purge(log.next(), kept);
    ready.clear(log.next());
    return kept;
  }

  /** There may be hundreds of thousands of what came back: nothing is copied but what stays. */
  private long[] unsettledPositions() {
    long[] positions = new long[Math.toIntExact(unsettled)];
    int count = 0;
    int back = 0;
    int allBack = ready.sortReturned();
    long end = ready.head();
    for (long at = log.taken(log.first(), end); at >= 0; at = log.taken(at + 1, end)) {
      while (back < allBack && ready.returned(back) < at) {
        back++;
      }
      if (back == allBack || ready.returned(back) != at) {
        positions[count++] = at;
      }
    }
    return positions;
  }

  /** The queue has ended. */
  void clear() {
    log.clear();
    ready.clear(log.next());
    unsettled = 0;
  }
}
