package org.warrenmq.broker.config;

/**
 * How much there may be on the node, whoever has it; -1: however much. Immutable, any thread.
 *
 * @param vhosts virtual hosts
 * @param queues in all of them
 * @param exchanges in all of them, those that are always there included
 * @param connections open ones for AMQP
 * @param channels over all connections
 */
public record NodeLimits(int vhosts, int queues, int exchanges, int connections, int channels) {
  public static final NodeLimits NONE = new NodeLimits(-1, -1, -1, -1, -1);
}
