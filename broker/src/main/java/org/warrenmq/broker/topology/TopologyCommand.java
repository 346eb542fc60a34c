package org.warrenmq.broker.topology;

import org.warrenmq.router.ExchangeSpec;

/**
 * A change of the topology that somebody wants: names and values only, so that it means the same on
 * another node. What of it is to be done, the {@link Topology} decides.
 */
public sealed interface TopologyCommand {
  record CreateVhost(String name) implements TopologyCommand {}

  /** A virtual host goes with everything in it. */
  record DeleteVhost(String name) implements TopologyCommand {}

  record DeclareExchange(ExchangeSpec spec) implements TopologyCommand {}

  record DeleteExchange(String vhost, String name, boolean ifUnused) implements TopologyCommand {}

  /**
   * @param connection who asks, for exclusive queues
   */
  record Bind(String vhost, BindingSpec binding, ConnectionId connection)
      implements TopologyCommand {}

  record Unbind(String vhost, BindingSpec binding, ConnectionId connection)
      implements TopologyCommand {}

  /**
   * @param connection who asks; the owner if the queue is exclusive
   */
  record DeclareQueue(String vhost, QueueSpec spec, ConnectionId connection)
      implements TopologyCommand {}

  record DeleteQueue(
      String vhost, String name, boolean ifUnused, boolean ifEmpty, ConnectionId connection)
      implements TopologyCommand {}

  /** A connection ends: its exclusive queues go. */
  record ReleaseConnection(ConnectionId connection) implements TopologyCommand {}
}
