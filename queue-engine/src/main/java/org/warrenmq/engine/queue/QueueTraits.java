package org.warrenmq.engine.queue;

import org.warrenmq.engine.message.Entry;

/**
 * What a queue is from its declaration to its end; what may change is in its {@link QueueSettings}.
 * Immutable.
 *
 * @param durable whether its persistent messages outlive the process
 * @param autoDelete whether it ends when its last consumer does
 * @param singleActiveConsumer whether one consumer at a time gets everything, the others waiting
 */
public record QueueTraits(boolean durable, boolean autoDelete, boolean singleActiveConsumer) {
  /** A plain queue. */
  public static final QueueTraits PLAIN = new QueueTraits(false, false, false);

  /** True for a message that must outlive the process. */
  boolean keeps(Entry message) {
    return durable && message.persistent();
  }
}
