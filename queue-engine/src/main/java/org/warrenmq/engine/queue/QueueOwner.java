package org.warrenmq.engine.queue;

import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.Room;

/** Who keeps the list of queues: told when one has ended its life by itself. */
public interface QueueOwner {
  /** Where {@link #gone} runs. */
  Room room();

  /**
   * An auto-delete queue lost its last consumer and sealed itself. Whoever ended that consumer gets
   * the answer from here, so that nobody finds the queue once it is there.
   */
  <T> void gone(QueueAddress queue, ReplyTo<T> reply, T answer);
}
