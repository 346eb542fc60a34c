package org.warrenmq.broker.amqp;

import static org.warrenmq.broker.amqp.Access.EXCHANGE;
import static org.warrenmq.broker.amqp.Access.QUEUE;
import static org.warrenmq.broker.auth.Operation.CONFIGURE;
import static org.warrenmq.broker.auth.Operation.READ;
import static org.warrenmq.broker.auth.Operation.WRITE;
import static org.warrenmq.codec.ReplyCode.NOT_FOUND;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.topology.BindingSpec;
import org.warrenmq.broker.topology.QueueEntry;
import org.warrenmq.broker.topology.QueueRules;
import org.warrenmq.broker.topology.QueueSpec;
import org.warrenmq.broker.topology.Refusal;
import org.warrenmq.broker.topology.TopologyCommand;
import org.warrenmq.broker.topology.TopologyReply;
import org.warrenmq.codec.AmqpError;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.ExchangeMethod;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.Method;
import org.warrenmq.codec.QueueMethod;
import org.warrenmq.codec.WireString;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.queue.QueueCommand;
import org.warrenmq.engine.queue.QueueCommand.QueueStatus;
import org.warrenmq.router.Exchange;
import org.warrenmq.router.ExchangeSpec;

/**
 * A channel's declares, deletes, binds and purges: turns methods into commands for the topology or
 * questions to a queue, and their answers into replies. Runs on the connection's loop; the channel
 * is parked from the command to the answer, so what follows it, nowait or not, sees its effect.
 */
final class Declarations {
  private final Session session;
  private final Replies channel;
  private String lastQueue = "";

  Declarations(Session session, Replies channel) {
    this.session = session;
    this.channel = channel;
  }

  /**
   * The queue whose messages a method wants, for use by this connection; the empty name is the last
   * declared.
   */
  QueueEntry readableQueue(String given) {
    String name = queueName(given);
    session.access().check(READ, QUEUE, name);
    return openQueue(name);
  }

  private QueueEntry openQueue(String name) {
    QueueEntry queue = session.vhost().queue(name);
    if (queue == null) {
      throw Refusal.noQueue(name, vhost());
    }
    if (!queue.isOpenTo(session.id())) {
      throw Refusal.locked(queue.name(), queue.vhost());
    }
    return queue;
  }

  /** The name of the virtual host in which everything is declared. */
  private String vhost() {
    return session.vhost().name();
  }

  private String queueName(String given) {
    if (!given.isEmpty()) {
      return given;
    }
    if (lastQueue.isEmpty()) {
      throw new ChannelError(NOT_FOUND, "no previously declared queue");
    }
    return lastQueue;
  }

  void queue(QueueMethod method) {
    switch (method) {
      case QueueMethod.Declare declare -> {
        if (declare.queue().startsWith(ReplyRoutes.NAME)) {
          declareReplies(declare);
        } else if (declare.passive()) {
          inspect(declare);
        } else {
          declare(declare);
        }
      }
      case QueueMethod.Delete delete -> delete(delete);
      case QueueMethod.Purge purge -> purge(purge);
      case QueueMethod.Bind bind -> {
        BindingSpec binding =
            toQueue(bind.exchange(), bind.queue(), bind.routingKey(), bind.arguments());
        bind(method, binding, bind.nowait() ? null : new QueueMethod.BindOk());
      }
      case QueueMethod.Unbind unbind -> {
        BindingSpec binding =
            toQueue(unbind.exchange(), unbind.queue(), unbind.routingKey(), unbind.arguments());
        unbind(method, binding, new QueueMethod.UnbindOk());
      }
      case QueueMethod.DeclareOk _,
          QueueMethod.DeleteOk _,
          QueueMethod.PurgeOk _,
          QueueMethod.BindOk _,
          QueueMethod.UnbindOk _ ->
          throw Faults.unexpectedMethod();
    }
  }

  void exchange(ExchangeMethod method) {
    switch (method) {
      case ExchangeMethod.Declare declare -> declare(declare);
      case ExchangeMethod.Delete(String given, boolean ifUnused, boolean nowait) -> {
        String name = withoutLineBreaks(given);
        checkConfigureExchange(name);
        command(
            method,
            new TopologyCommand.DeleteExchange(vhost(), name, ifUnused),
            nowait ? null : new ExchangeMethod.DeleteOk());
      }
      case ExchangeMethod.Bind bind ->
          bind(
              method,
              toExchange(bind.source(), bind.destination(), bind.routingKey(), bind.arguments()),
              bind.nowait() ? null : new ExchangeMethod.BindOk());
      case ExchangeMethod.Unbind unbind ->
          unbind(
              method,
              toExchange(
                  unbind.source(), unbind.destination(), unbind.routingKey(), unbind.arguments()),
              unbind.nowait() ? null : new ExchangeMethod.UnbindOk());
      case ExchangeMethod.DeclareOk _,
          ExchangeMethod.DeleteOk _,
          ExchangeMethod.BindOk _,
          ExchangeMethod.UnbindOk _ ->
          throw Faults.unexpectedMethod();
    }
  }

  /** Where neither queue nor key are named, the key is the last queue's name. */
  private BindingSpec toQueue(String exchange, String given, String key, FieldTable arguments) {
    String queue = queueName(given);
    return new BindingSpec(
        withoutLineBreaks(exchange),
        withoutLineBreaks(queue),
        true,
        given.isEmpty() && key.isEmpty() ? queue : key,
        arguments);
  }

  private static BindingSpec toExchange(
      String source, String destination, String key, FieldTable arguments) {
    return new BindingSpec(
        withoutLineBreaks(source), withoutLineBreaks(destination), false, key, arguments);
  }

  private void declare(ExchangeMethod.Declare declare) {
    String name = withoutLineBreaks(declare.exchange());
    Method ok = declare.nowait() ? null : new ExchangeMethod.DeclareOk();
    if (declare.passive()) {
      if (name.isEmpty()) {
        throw Refusal.defaultExchange();
      }
      if (session.vhost().exchanges().find(name) == null) {
        throw Refusal.noExchange(name, vhost());
      }
      replyUnlessNull(ok);
      return;
    }
    ExchangeSpec spec =
        new ExchangeSpec(
            vhost(),
            name,
            declare.type(),
            declare.durable(),
            declare.autoDelete(),
            declare.internal(),
            declare.arguments());
    checkConfigureExchange(name);
    if (session.vhost().exchanges().find(name) == null) {
      checkLeads(EXCHANGE, name, spec.arguments().getString(ExchangeSpec.ALTERNATE_EXCHANGE));
    }
    command(declare, new TopologyCommand.DeclareExchange(spec), ok);
  }

  /** Whoever may, nobody does it with the default exchange. */
  private void checkConfigureExchange(String name) {
    if (!name.isEmpty()) {
      session.access().check(CONFIGURE, EXCHANGE, name);
    }
  }

  /**
   * What is declared sends messages to an exchange by itself.
   *
   * @param exchange null if it does not
   */
  private void checkLeads(String kind, String name, @Nullable String exchange) {
    if (exchange != null) {
      session.access().check(READ, kind, name);
      session.access().check(WRITE, EXCHANGE, exchange);
    }
  }

  private void checkBinding(BindingSpec binding) {
    String kind = binding.toQueue() ? QUEUE : EXCHANGE;
    session.access().check(WRITE, kind, binding.destination());
    if (binding.source().isEmpty() || !binding.toQueue() && binding.destination().isEmpty()) {
      throw Refusal.defaultExchange();
    }
    session.access().check(READ, EXCHANGE, binding.source());
    Exchange source = session.vhost().exchanges().find(binding.source());
    if (source != null && session.access().limitsTopics()) {
      session.access().checkTopic(READ, source, binding.routingKey());
    }
  }

  private void bind(Method method, BindingSpec binding, @Nullable Method ok) {
    checkBinding(binding);
    command(method, new TopologyCommand.Bind(vhost(), binding, session.id()), ok);
  }

  private void unbind(Method method, BindingSpec binding, @Nullable Method ok) {
    checkBinding(binding);
    command(method, new TopologyCommand.Unbind(vhost(), binding, session.id()), ok);
  }

  private void declare(QueueMethod.Declare declare) {
    String name = withoutLineBreaks(declare.queue());
    QueueRules.checkName(name);
    QueueSpec spec =
        new QueueSpec(
            name.isEmpty() ? ServerNames.queue() : name,
            declare.durable(),
            declare.exclusive(),
            declare.autoDelete(),
            declare.arguments());
    String checked = name.isEmpty() ? session.access().namedByServer(spec.name()) : name;
    session.access().check(CONFIGURE, QUEUE, checked);
    if (session.vhost().queue(spec.name()) == null) {
      checkLeads(QUEUE, checked, spec.deadLetterExchange());
    }
    ask(
        declare,
        new TopologyCommand.DeclareQueue(vhost(), spec, session.id()),
        answer -> {
          lastQueue = spec.name();
          return declare.nowait() ? null : declareOk(answer);
        });
  }

  private static @Nullable Method declareOk(TopologyReply answer) {
    return answer instanceof TopologyReply.QueueDeclared(String name, long ready, int consumers)
        ? new QueueMethod.DeclareOk(name, ready, consumers)
        : null;
  }

  /** The names of direct reply-to exist as long as somebody consumes them. */
  private void declareReplies(QueueMethod.Declare declare) {
    String name = declare.queue();
    if (!name.equals(ReplyRoutes.NAME) && session.replyRoutes().find(name) == null) {
      throw Refusal.noQueue(name, vhost());
    }
    replyUnlessNull(declare.nowait() ? null : new QueueMethod.DeclareOk(name, 0, 1));
  }

  /** A passive declare: the queue is asked directly. */
  private void inspect(QueueMethod.Declare declare) {
    String name = withoutLineBreaks(declare.queue());
    if (name.isEmpty()) {
      // Here, and only here, the empty name is not the last declared one.
      throw Refusal.noQueue(name, vhost());
    }
    QueueEntry queue = openQueue(name);
    ReplyTo<@Nullable QueueStatus> answer =
        new ReplyTo<>(session.loop(), status -> inspected(declare, queue, status));
    channel.park();
    session.loop().send(queue.room().loop(), new QueueCommand.Inspect(queue.room(), answer));
  }

  private void inspected(
      QueueMethod.Declare declare, QueueEntry queue, @Nullable QueueStatus status) {
    if (status == null) {
      gone(queue, declare);
    } else {
      lastQueue = queue.name();
      if (!declare.nowait()) {
        channel.replyIfOpen(
            new QueueMethod.DeclareOk(queue.name(), status.ready(), status.consumers()));
      }
    }
    channel.resume();
  }

  private void gone(QueueEntry queue, Method method) {
    channel.fail(
        Refusal.noQueue(queue.name(), queue.vhost()).at(method.classId(), method.methodId()));
  }

  private void delete(QueueMethod.Delete delete) {
    String name = withoutLineBreaks(queueName(delete.queue()));
    session.access().check(CONFIGURE, QUEUE, name);
    channel.parkBeforeDeliveries();
    ask(
        delete,
        new TopologyCommand.DeleteQueue(
            vhost(), name, delete.ifUnused(), delete.ifEmpty(), session.id()),
        answer ->
            !delete.nowait() && answer instanceof TopologyReply.QueueDeleted(long ready)
                ? new QueueMethod.DeleteOk(ready)
                : null);
  }

  private void purge(QueueMethod.Purge purge) {
    QueueEntry queue = readableQueue(purge.queue());
    ReplyTo<@Nullable Long> answer =
        new ReplyTo<>(
            session.loop(),
            purged -> {
              if (purged == null) {
                gone(queue, purge);
              } else if (!purge.nowait()) {
                channel.replyIfOpen(new QueueMethod.PurgeOk(purged));
              }
              channel.resume();
            });
    channel.park();
    session.loop().send(queue.room().loop(), new QueueCommand.Purge(queue.room(), answer));
  }

  /** A change whose answer carries nothing. */
  private void command(Method method, TopologyCommand command, @Nullable Method ok) {
    ask(method, command, _ -> ok);
  }

  /**
   * Sends a command to the topology and parks the channel until the answer.
   *
   * @param ok makes the reply of a success, or null for none
   */
  private void ask(
      Method method, TopologyCommand command, Function<TopologyReply, @Nullable Method> ok) {
    channel.park();
    long cost = WaitingMethods.cost(method);
    session.gate().park(cost);
    session.ask(
        command,
        new ReplyTo<>(
            session.loop(),
            answer -> {
              session.gate().park(-cost);
              if (answer instanceof TopologyReply.Refused(AmqpError error)) {
                channel.fail(error.at(method.classId(), method.methodId()));
              } else if (channel.isOpen()) {
                replyUnlessNull(ok.apply(answer));
              }
              channel.resume();
            }));
  }

  private void replyUnlessNull(@Nullable Method ok) {
    if (ok != null) {
      channel.reply(ok);
    }
  }

  /** RabbitMQ takes CR and LF out of names here, and not where messages are sent or taken. */
  private static String withoutLineBreaks(String name) {
    if (name.indexOf('\n') < 0 && name.indexOf('\r') < 0) {
      return name;
    }
    // Octets that come together may be a character now: one name has one string.
    byte[] octets = WireString.bytes(name.replace("\n", "").replace("\r", ""));
    return WireString.decode(octets, 0, octets.length);
  }
}
