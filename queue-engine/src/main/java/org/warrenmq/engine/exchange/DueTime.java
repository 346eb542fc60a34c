package org.warrenmq.engine.exchange;

import org.warrenmq.engine.message.Message;

/** Tells when a message leaves; any thread. */
@FunctionalInterface
public interface DueTime {
  /**
   * @param now in milliseconds since 1970
   * @return the same; what is not later than now leaves at once
   */
  long of(Message message, long now);
}
