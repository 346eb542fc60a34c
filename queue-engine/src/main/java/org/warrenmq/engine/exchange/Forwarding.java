package org.warrenmq.engine.exchange;

import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.message.Message;

/** Where delayed messages go when their time has come; called in the room of the {@link Delays}. */
@FunctionalInterface
public interface Forwarding {
  /**
   * Routes a message as things are now, and sends it. A large body comes with one hold, which is
   * passed on or released.
   *
   * @param publisher told by each queue that gets it
   * @param sequence what it is told, not 0
   * @return how many queues get it
   */
  int forward(Message message, Publisher publisher, long sequence);
}
