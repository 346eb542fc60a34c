package org.warrenmq.broker.amqp;

import org.warrenmq.broker.auth.AuthBackend;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.topology.Topology;

/** What a connection needs of the broker around it. */
interface Server {
  BrokerConfig settings();

  AuthBackend auth();

  Topology topology();

  ReplyRoutes replyRoutes();

  /** The connection is open for work. */
  void opened(AmqpConnection connection);

  /** Its socket is closed. */
  void closed(AmqpConnection connection);
}
