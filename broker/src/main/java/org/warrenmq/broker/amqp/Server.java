package org.warrenmq.broker.amqp;

import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.auth.AuthBackend;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.topology.ConnectionId;
import org.warrenmq.broker.topology.Topology;

/** What a connection needs of the broker around it. */
interface Server {
  BrokerConfig settings();

  AuthBackend auth();

  Topology topology();

  ReplyRoutes replyRoutes();

  /** Where a connection gives up its exclusive queues. */
  Releases releases();

  /** What is done while memory is short. */
  MemoryPressure pressure();

  /** Why publishes must wait, or null when they need not. */
  @Nullable String blockReason();

  /** What the next connection is to the topology. */
  ConnectionId newConnection();

  /** The connection is open for work. */
  void opened(AmqpConnection connection);

  /** Its socket is closed. */
  void closed(AmqpConnection connection);
}
