package org.warrenmq.engine;

/**
 * A queue's effective settings: what its declaration and, later, policies come to. Immutable.
 *
 * @param durable whether its persistent messages outlive the process
 * @param autoDelete whether it ends when its last consumer does
 * @param singleActiveConsumer whether one consumer at a time gets everything, the others waiting
 */
public record QueuePolicy(boolean durable, boolean autoDelete, boolean singleActiveConsumer) {
  /** A plain queue. */
  public static final QueuePolicy PLAIN = new QueuePolicy(false, false, false);
}
