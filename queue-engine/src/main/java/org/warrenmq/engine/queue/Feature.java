package org.warrenmq.engine.queue;

import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.Stamps;
import org.warrenmq.store.SettleReason;

/**
 * A part of a queue that its {@link QueueSettings} ask for; a plain queue has none. The {@link
 * Dispatcher} asks it at these places, in the queue's room.
 */
interface Feature {
  /** Before a message is appended: false refuses it. */
  default boolean admits(Message message, Lane lane) {
    return true;
  }

  /** A message was appended. */
  default void appended(long position, Lane lane, long now) {}

  /** Whether it has to look at the front message, though that may have to be read for it. */
  boolean watchesFront(Lane lane);

  /**
   * Why the front message has to leave now; null when it may stay.
   *
   * @param front its position; it is not cold
   */
  @Nullable SettleReason drops(long front, Lane lane, long now);

  /**
   * When the front message, which may stay now, has to leave though nothing else happens.
   *
   * @param front its position; it is not cold
   */
  default long due(long front, Lane lane) {
    return Stamps.NEVER;
  }
}
