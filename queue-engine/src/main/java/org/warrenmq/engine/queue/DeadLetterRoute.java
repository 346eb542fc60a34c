package org.warrenmq.engine.queue;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.message.Message;
import org.warrenmq.store.SettleReason;

/** The way of one queue's dead letters to other queues. Called in the queue's room. */
@FunctionalInterface
public interface DeadLetterRoute {
  /** That of a queue in a place without any other. */
  DeadLetterRoute NOWHERE = (_, _, _) -> null;

  /**
   * Where a message goes that leaves the queue.
   *
   * @param message as it was in the queue
   * @param reason why it leaves
   * @return null when nobody would get it
   */
  @Nullable Copies route(Message message, SettleReason reason, DeadLetterTarget target);

  /**
   * A message as a dead letter, and who gets it.
   *
   * @param queues none when it would only go round
   */
  record Copies(Message letter, List<QueueAddress> queues) {}
}
