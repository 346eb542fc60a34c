package org.warrenmq.router;

/**
 * A room in which an exchange keeps messages, or remembers what it needs of them: the router sends
 * there what that takes. Implemented by the broker, read by any thread.
 */
public interface RoomDestination extends QueueDestination {
  /** Whether it takes a message with these properties. */
  boolean takes(MessageProperties properties);
}
