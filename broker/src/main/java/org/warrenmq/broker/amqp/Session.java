package org.warrenmq.broker.amqp;

import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.audit.AuditTrail;
import org.warrenmq.broker.auth.User;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.topology.Asker;
import org.warrenmq.broker.topology.ConnectionId;
import org.warrenmq.broker.topology.Topology;
import org.warrenmq.broker.topology.TopologyCommand;
import org.warrenmq.broker.topology.TopologyReply;
import org.warrenmq.broker.topology.TopologyRequest;
import org.warrenmq.broker.topology.VirtualHost;
import org.warrenmq.codec.PropertyInterner;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.RoomLoop;

/**
 * An open connection, as far as its channels and their parts need it: made when connection.open is
 * accepted, and the same until the end. Everything in it runs on the connection's loop; the record
 * itself is immutable.
 *
 * @param loop the connection's
 * @param store the loop's dealings with the message store
 * @param topology who carries out declarations
 * @param replyRoutes where replies of direct reply-to go
 * @param vhost what the client works in
 * @param user who publishes
 * @param access what the user may do there
 * @param presence the connection among those that are counted
 * @param client what the client can take
 * @param id who asks for declarations, and whom exclusive queues belong to
 * @param asker whether it has given those up: it gets no new ones
 * @param limits what a connection may do
 * @param routes those its publishes have taken
 * @param properties those its publishes have had
 * @param input what has been read
 * @param uploads large bodies that are not whole
 * @param blocking whether publishes wait for an alarm to end
 * @param gate whether the socket is read, and what the connection holds
 * @param output what is said with this turn
 * @param messages writes messages there
 * @param faults what an error leads to that is the whole connection's
 * @param audit takes down what the client changes; null: nobody does
 */
record Session(
    RoomLoop loop,
    LoopStore store,
    Topology topology,
    ReplyRoutes replyRoutes,
    VirtualHost vhost,
    User user,
    Access access,
    Presence presence,
    Client client,
    ConnectionId id,
    Asker asker,
    BrokerConfig.Limits limits,
    Routes routes,
    PropertyInterner properties,
    Input input,
    Uploads uploads,
    Blocking blocking,
    ReadGate gate,
    TurnOutput output,
    MessageWriter messages,
    Faults faults,
    @Nullable AuditTrail audit) {

  /** Sends a command to the topology, after everything sent to queues so far. */
  void ask(TopologyCommand command, ReplyTo<TopologyReply> reply) {
    ReplyTo<TopologyReply> answered =
        audit == null || isThere(command) ? reply : audit.follow(command, reply);
    loop.postOutgoing();
    loop.send(topology.room(), topology.mail(new TopologyRequest(command, answered, asker)));
  }

  /** Whether it declares something that is there, and so changes nothing. */
  private boolean isThere(TopologyCommand command) {
    return switch (command) {
      case TopologyCommand.DeclareQueue(_, var spec, _) -> vhost.queue(spec.name()) != null;
      case TopologyCommand.DeclareExchange(var spec) -> vhost.exchanges().find(spec.name()) != null;
      default -> false;
    };
  }
}
