package org.warrenmq.router;

/**
 * Where an exchange that delays keeps messages until their time: the router sends what has to wait
 * there instead of asking the bindings. Implemented by the broker, read by any thread.
 */
public interface DelayDestination extends QueueDestination {
  /** Whether a message with these properties has to wait. */
  boolean delays(MessageProperties properties);
}
