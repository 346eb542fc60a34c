package org.warrenmq.engine.queue;

import java.util.List;
import org.warrenmq.engine.message.Stamps;
import org.warrenmq.store.SettleReason;
import org.warrenmq.store.WriteRequest.Return;

/**
 * Holds back messages that came back to a queue until their time has come, as its {@link
 * RetryDelay} says. Runs in the queue's room.
 *
 * <p>Such a message stays what it was when somebody had it: taken, and not settled. Its time is in
 * the log and goes to the store with its count of returns. Bounded by the queue's messages; content
 * that is on disk is forgotten while memory is short.
 *
 * <p>What comes back at a start may have to wait as well: everything that may have been delivered
 * is read once, in slices, before anything is given out, and what need not wait is ready again.
 */
final class Retry {
  private final Owner owner;
  private final Lanes lanes;
  private final WaitingHeap waiting = new WaitingHeap();
  private RetryDelay delay;

  /** The dispatcher, as what waits sees it. */
  interface Owner {
    /** Whether there is time for one more message now; if not, the queue proceeds soon. */
    boolean hasTime();

    /** What came back at a start was taken, to look whether it has to wait. */
    void tookUnsorted(Lane lane, long position);

    /** A message that was taken is ready again. */
    void giveBack(Lane lane, long position);

    /** A message that was taken leaves for good. */
    void leaveTaken(Lane lane, long position, SettleReason reason);
  }

  Retry(Owner owner, Lanes lanes, RetryDelay delay) {
    this.owner = owner;
    this.lanes = lanes;
    this.delay = delay;
  }

  /** What comes back from now on waits as long as this says. */
  void delay(RetryDelay changed) {
    delay = changed;
  }

  /**
   * When a message may be delivered again that comes back now, and is counted already.
   *
   * @return {@link Return#AT_ONCE} if it need not wait
   */
  long endOfWait(Lane lane, long position, Settlement settlement, long now) {
    if (!delay.concerns(settlement)) {
      return Return.AT_ONCE;
    }
    int returns = lane.log().returns(position);
    long millis = delay.millis(Lanes.position(lane.number(), position), returns);
    return millis == 0 ? Return.AT_ONCE : now + millis;
  }

  /** A message that was taken waits for the time that the log has. */
  void add(Lane lane, long position) {
    QueueLog log = lane.log();
    long until = Math.min(log.retryAt(position), log.due(position));
    waiting.add(until, Lanes.position(lane.number(), position));
    lane.ledger().setAside(position);
  }

  /** When something ends to wait; {@link Stamps#NEVER} when nothing waits. */
  long earliest() {
    return waiting.earliest();
  }

  /** Whether there is nothing to do now. */
  boolean isIdle(long now) {
    List<Lane> all = lanes.all();
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).hasUnsorted()) {
        return false;
      }
    }
    return waiting.earliest() > now;
  }

  /**
   * What came back at a start is looked through, and what has waited long enough is ready again.
   *
   * @return false when there is more to do: something has to be read or sent first, or time is up
   */
  boolean proceed(long now) {
    boolean sorted = true;
    List<Lane> all = lanes.all();
    for (int i = 0; i < all.size(); i++) {
      sorted &= sortOut(all.get(i), now);
    }
    return sorted && release(now);
  }

  private boolean sortOut(Lane lane, long now) {
    while (lane.hasUnsorted()) {
      if (!owner.hasTime()) {
        return false;
      }
      long position = lane.takeUnsorted();
      if (position < 0) {
        return !lane.hasUnsorted();
      }
      owner.tookUnsorted(lane, position);
      if (lane.log().retryAt(position) > now) {
        add(lane, position);
      } else {
        owner.giveBack(lane, position);
        lane.ledger().setAside(position);
      }
    }
    return true;
  }

  /** What expired meanwhile leaves instead. */
  private boolean release(long now) {
    while (waiting.earliest() <= now) {
      if (!owner.hasTime()) {
        return false;
      }
      // The times of what is out do not change.
      Lane lane = lanes.of(waiting.first());
      long position = Lanes.inLane(waiting.first());
      if (lane.log().due(position) > now) {
        waiting.removeFirst();
        owner.giveBack(lane, position);
      } else {
        waiting.removeFirst();
        owner.leaveTaken(lane, position, SettleReason.EXPIRED);
      }
    }
    return true;
  }

  /** All that waits is ready again, and what came back at a start need not wait. */
  void releaseAll() {
    lanes.all().forEach(lane -> lane.sortOutBelow(0));
    while (waiting.earliest() != Stamps.NEVER) {
      long position = waiting.removeFirst();
      owner.giveBack(lanes.of(position), Lanes.inLane(position));
    }
  }
}
