package org.warrenmq.engine.queue;

import org.warrenmq.engine.message.Message;

/**
 * What is known outside of a queue in a simulation: told by channels of what they see, and checks
 * it on the spot.
 *
 * @param <I> a message in it
 */
interface QueueInSimulation<I> {
  QueueAddress address();

  /**
   * A message came out.
   *
   * @param receiver whose deliveries come in the order in which they were decided
   */
  I delivered(long position, Message message, boolean redelivered, boolean noAck, Object receiver);

  /** A settlement was sent. */
  void settled(I item, Settlement settlement);
}
