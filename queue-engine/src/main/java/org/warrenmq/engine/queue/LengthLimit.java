package org.warrenmq.engine.queue;

import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.QueueSettings.Overflow;
import org.warrenmq.store.SettleReason;

/**
 * A queue has so many ready messages at most, wherever they lie: it refuses one more, or drops the
 * oldest. What its consumers hold does not count. Runs in the queue's room.
 *
 * @param most 0 or more
 */
record LengthLimit(long most, Overflow overflow) implements Feature {
  @Override
  public boolean admits(Message message, Lane lane) {
    return overflow != Overflow.REJECT_PUBLISH || lane.readyCount() < most;
  }

  @Override
  public boolean watchesFront(Lane lane) {
    return overflow == Overflow.DROP_HEAD && lane.readyCount() > most;
  }

  @Override
  public @Nullable SettleReason drops(long front, Lane lane, long now) {
    return watchesFront(lane) ? SettleReason.DROPPED : null;
  }
}
