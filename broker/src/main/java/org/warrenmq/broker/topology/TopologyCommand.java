package org.warrenmq.broker.topology;

import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.router.ExchangeSpec;

/**
 * A change of the topology: whoever wants one (AMQP today) sends one of these, and the one writer
 * carries it out. By the time the reply is opened, every reader sees the change.
 */
public sealed interface TopologyCommand {
  VirtualHost vhost();

  ReplyTo<TopologyReply> reply();

  record DeclareExchange(VirtualHost vhost, ExchangeSpec spec, ReplyTo<TopologyReply> reply)
      implements TopologyCommand {}

  record DeleteExchange(
      VirtualHost vhost, String name, boolean ifUnused, ReplyTo<TopologyReply> reply)
      implements TopologyCommand {}

  /** A binding as clients name it. */
  record BindingSpec(
      String source,
      String destination,
      boolean toQueue,
      String routingKey,
      FieldTable arguments) {}

  /**
   * @param connection who asks, for exclusive queues
   */
  record Bind(
      VirtualHost vhost, BindingSpec binding, Owner connection, ReplyTo<TopologyReply> reply)
      implements TopologyCommand {}

  record Unbind(
      VirtualHost vhost, BindingSpec binding, Owner connection, ReplyTo<TopologyReply> reply)
      implements TopologyCommand {}

  /**
   * @param connection who asks; the owner if the queue is exclusive
   * @param home the loop on which a new queue lives
   */
  record DeclareQueue(
      VirtualHost vhost,
      QueueSpec spec,
      Owner connection,
      LoopStore home,
      ReplyTo<TopologyReply> reply)
      implements TopologyCommand {
    /** The owner the declaration asks for. */
    @Nullable Owner owner() {
      return spec.exclusive() ? connection : null;
    }
  }

  record DeleteQueue(
      VirtualHost vhost,
      String name,
      boolean ifUnused,
      boolean ifEmpty,
      Owner connection,
      ReplyTo<TopologyReply> reply)
      implements TopologyCommand {}

  /** A connection ends: its exclusive queues go. */
  record ReleaseConnection(VirtualHost vhost, Owner connection, ReplyTo<TopologyReply> reply)
      implements TopologyCommand {}
}
