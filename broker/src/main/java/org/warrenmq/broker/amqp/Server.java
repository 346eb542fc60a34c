package org.warrenmq.broker.amqp;

import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.audit.AuditTrail;
import org.warrenmq.broker.auth.AuthBackend;
import org.warrenmq.broker.auth.Peer;
import org.warrenmq.broker.auth.SaslMechanisms;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.topology.ConnectionId;
import org.warrenmq.broker.topology.Topology;
import org.warrenmq.broker.topology.VirtualHost;

/** What a connection needs of the broker around it. */
interface Server extends Blocking.Alarm {
  BrokerConfig settings();

  AuthBackend auth();

  /** How clients may log in. */
  SaslMechanisms mechanisms();

  Topology topology();

  /** Takes down what a user changes from somewhere; null: nobody does. */
  @Nullable AuditTrail audit(String user, Peer from);

  /** How many connections and channels there are, and for whom. */
  Usage usage();

  ReplyRoutes replyRoutes();

  /** Where a connection gives up its exclusive queues. */
  Releases releases();

  /** What is done while memory is short. */
  MemoryPressure pressure();

  /** What the next connection is to the topology. */
  ConnectionId newConnection();

  /** The connection is open for work in a virtual host. */
  void opened(OpenConnection connection, VirtualHost vhost);

  /** Its socket is closed. */
  void closed(OpenConnection connection);
}
