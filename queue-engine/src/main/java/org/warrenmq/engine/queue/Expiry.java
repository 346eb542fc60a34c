package org.warrenmq.engine.queue;

import org.jspecify.annotations.Nullable;
import org.warrenmq.store.SettleReason;

/**
 * Messages that are ready for too long leave. Each has its time from when it came; only the front
 * one is looked at, as one that waits behind it is not due before it. Runs in the queue's room.
 *
 * @param ttl milliseconds, 0 for at once unless it is delivered; {@link QueueSettings#UNLIMITED}
 *     when only those that came before have a time
 */
record Expiry(long ttl) implements Feature {
  @Override
  public void appended(long position, Lane lane, long now) {
    if (ttl != QueueSettings.UNLIMITED) {
      lane.log().due(position, now + ttl);
    }
  }

  @Override
  public boolean watchesFront(Lane lane) {
    return true;
  }

  @Override
  public @Nullable SettleReason drops(long front, Lane lane, long now) {
    return lane.log().due(front) <= now ? SettleReason.EXPIRED : null;
  }

  @Override
  public long due(long front, Lane lane) {
    return lane.log().due(front);
  }
}
