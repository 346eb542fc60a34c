package org.warrenmq.engine.queue;

import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.message.Message;
import org.warrenmq.store.SettleReason;

/** The way of one queue's dead letters to other queues. Called in the queue's room. */
public interface DeadLetterRoute {
  /** That of a queue in a place without any other. */
  DeadLetterRoute NOWHERE = (_, _, _, _, _) -> 0;

  /**
   * Publishes a message that has left the queue.
   *
   * @param message as it was in the queue
   * @param reason why it left
   * @param publisher told by each queue that gets it; null when nobody needs to know
   * @param sequence the publisher's number for it, 0 when it wants no confirm
   * @return how many queues get it
   */
  int send(
      Message message,
      SettleReason reason,
      DeadLetterTarget target,
      @Nullable Publisher publisher,
      long sequence);
}
