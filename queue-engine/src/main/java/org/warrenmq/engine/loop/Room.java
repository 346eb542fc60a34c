package org.warrenmq.engine.loop;

/**
 * Somewhere mail can be sent to from any thread: an event loop with its connections and queues, or
 * the topology.
 *
 * <p>Mail from one sender is opened in the order in which it was posted.
 */
public interface Room {
  /**
   * Hands over mail and wakes the room if it sleeps. Never blocks and never refuses: what bounds
   * the mail under way is the credit of those who send it (a connection's read gate, a consumer's
   * delivery window, the number of deliveries outstanding).
   */
  void post(Mail mail);
}
