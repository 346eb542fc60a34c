package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.ACCESS_REFUSED;
import static org.warrenmq.codec.ReplyCode.NOT_IMPLEMENTED;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.auth.Operation;
import org.warrenmq.broker.topology.QueueEntry;
import org.warrenmq.broker.topology.Refusal;
import org.warrenmq.broker.topology.RoomEntry;
import org.warrenmq.broker.topology.VirtualHost;
import org.warrenmq.codec.BasicMethod;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.ConnectionError;
import org.warrenmq.codec.Content;
import org.warrenmq.engine.home.AcceptedBatch;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.FanOut;
import org.warrenmq.engine.queue.QueueAddress;
import org.warrenmq.engine.queue.QueueCommand;
import org.warrenmq.router.Exchange;
import org.warrenmq.router.QueueDestination;
import org.warrenmq.router.RouteCache;
import org.warrenmq.router.RouteResult;

/**
 * A channel's way from basic.publish to the queues: RabbitMQ's checks in RabbitMQ's order, routing,
 * return, confirm. Also the publisher of a channel without confirms and transactions: what is
 * accepted goes off its read gate. Runs on the connection's loop.
 */
final class PublishPath implements Publisher {
  private static final QueueDestination[] NOWHERE = {};

  private final Session session;
  private final Replies channel;
  private final Consumers consumers;

  /** Who hears from queues what became of publishes: this, or one of the next two. */
  private Publisher publisher = this;

  private @Nullable Confirms confirms;
  private @Nullable TxBuffer transaction;
  private @Nullable PublishedProperties lastProperties;

  /** Where the last message to the default exchange went; the next mostly goes there, too. */
  private QueueDestination[] lastQueue = NOWHERE;

  PublishPath(Session session, Replies channel, Consumers consumers) {
    this.session = session;
    this.channel = channel;
    this.consumers = consumers;
  }

  /** From now on publishes wait for their commit. */
  void transact(TxBuffer buffer) {
    transaction = buffer;
    publisher = buffer;
  }

  /** From now on publishes are numbered and confirmed. */
  void confirm(Confirms toClient) {
    confirms = toClient;
    publisher = toClient;
  }

  @Override
  public RoomLoop loop() {
    return session.loop();
  }

  @Override
  public void accepted(AcceptedBatch batch) {
    session.gate().release(batch.cost());
  }

  void publish(BasicMethod.Publish publish, Content content) {
    if (publish.immediate()) {
      throw new ConnectionError(NOT_IMPLEMENTED, "immediate=true");
    }
    session.access().checkPublish(publish.exchange());
    VirtualHost vhost = session.vhost();
    Exchange exchange = vhost.exchanges().find(publish.exchange());
    if (exchange == null) {
      throw Refusal.noExchange(publish.exchange(), vhost.name());
    }
    if (exchange.spec().internal()) {
      throw new ChannelError(
          ACCESS_REFUSED,
          "cannot publish to internal exchange '%s' in vhost '%s'"
              .formatted(exchange.name(), vhost.name()));
    }
    PublishedProperties properties = properties(content);
    if (session.access().limitsTopics()) {
      checkTopics(exchange, publish.routingKey(), properties.furtherKeys());
    }
    Message message =
        new Message(
            publish.exchange(),
            publish.routingKey(),
            properties.delivered(content),
            properties.traits());
    boolean answered = exchange.isDefault() && reply(message, properties.furtherKeys());
    QueueDestination[] targets = route(vhost, exchange, publish.routingKey(), properties);
    if (publish.mandatory() && waits(targets) && !leads(vhost, exchange, publish, properties)) {
      targets = copies(targets);
    }
    boolean returns = publish.mandatory() && !answered && !isTaken(targets);
    if (transaction != null) {
      transaction.add(new TxBuffer.Held(publish, message, targets, returns));
    } else {
      long sequence = confirms == null ? 0 : confirms.published(targets.length);
      deliver(publish, message, targets, returns, sequence);
    }
  }

  private void checkTopics(Exchange exchange, String key, List<String> furtherKeys) {
    session.access().checkTopic(Operation.WRITE, exchange, key);
    for (String further : furtherKeys) {
      session.access().checkTopic(Operation.WRITE, exchange, further);
    }
    session.input().pauseIfBehind();
  }

  /** Sends a publish of a transaction that commits. */
  void release(TxBuffer.Held held) {
    deliver(held.publish(), held.message(), held.targets(), held.returns(), 0);
  }

  /** Whether no queue gets it yet, but one may later. */
  private static boolean waits(QueueDestination[] targets) {
    for (QueueDestination target : targets) {
      if (!(target instanceof RoomEntry)) {
        return false;
      }
    }
    return targets.length > 0;
  }

  /** What only remembers it. */
  private static QueueDestination[] copies(QueueDestination[] targets) {
    return Arrays.stream(targets)
        .filter(target -> target instanceof RoomEntry room && room.getsCopies())
        .toArray(QueueDestination[]::new);
  }

  /** Whether somebody gets it who does not only remember it. */
  private static boolean isTaken(QueueDestination[] targets) {
    for (QueueDestination target : targets) {
      if (!(target instanceof RoomEntry room && room.getsCopies())) {
        return true;
      }
    }
    return false;
  }

  /** Whether a queue would get it if no exchange kept it for a while. */
  private boolean leads(
      VirtualHost vhost,
      Exchange exchange,
      BasicMethod.Publish publish,
      PublishedProperties properties) {
    RouteResult result = new RouteResult();
    session
        .routes()
        .router()
        .routeThrough(
            vhost.exchanges(),
            vhost::queue,
            exchange,
            publish.routingKey(),
            properties.furtherKeys(),
            properties.asked(),
            result);
    session.input().pauseIfBehind();
    return !result.isEmpty();
  }

  private void deliver(
      BasicMethod.Publish publish,
      Message message,
      QueueDestination[] targets,
      boolean returns,
      long sequence) {
    if (targets.length == 0) {
      if (returns) {
        session
            .messages()
            .returned(channel.number(), publish.exchange(), publish.routingKey(), message.shown());
      } else {
        session.store().bodies().release(message.content().body());
      }
      if (confirms != null) {
        confirms.writeAtTurnEnd();
      }
      return;
    }
    session.input().usesStore();
    if (returns) {
      // It is remembered all the same.
      session.store().bodies().hold(message.content().body(), 1);
      session
          .messages()
          .returned(channel.number(), publish.exchange(), publish.routingKey(), message.shown());
    }
    if (targets.length > 1) {
      // The one hold that came with it is for one of them.
      session.store().bodies().hold(message.content().body(), targets.length - 1);
    }
    if (targets.length == 1) {
      send((QueueEntry) targets[0], message, sequence);
    } else {
      sendToAll(targets, message, sequence);
    }
  }

  /**
   * Direct replies: to channels, not queues, and at once, transaction or not. Each gets one copy
   * however often it is named.
   *
   * @return whether somebody is there to get one
   */
  private boolean reply(Message message, List<String> furtherKeys) {
    boolean answered = reply(message, message.routingKey());
    if (!furtherKeys.isEmpty()) {
      Set<String> others = new LinkedHashSet<>(furtherKeys);
      others.remove(message.routingKey());
      for (String key : others) {
        answered |= reply(message, key);
      }
    }
    return answered;
  }

  private boolean reply(Message message, String key) {
    ReplyRoutes.Recipient recipient =
        ReplyRoutes.covers(key) ? session.replyRoutes().find(key) : null;
    if (recipient == null) {
      return false;
    }
    session.store().bodies().hold(message.content().body(), 1);
    recipient.send(session.loop(), message);
    return true;
  }

  /**
   * Hands a message to a queue. One on this loop has it before the turn ends: nobody need be told
   * of that, unless the client wants a confirm, or it goes on from there.
   */
  private void send(QueueEntry entry, Message message, long sequence) {
    RoomLoop loop = session.loop();
    QueueAddress queue = entry.room();
    if (queue.loop() == loop && sequence == 0 && !(entry instanceof RoomEntry)) {
      loop.send(loop, new QueueCommand.Publish(queue, message, null, 0));
    } else {
      session.gate().charge(QueueCommand.Publish.cost(message));
      loop.send(queue.loop(), new QueueCommand.Publish(queue, message, publisher, sequence));
    }
  }

  /** The same for many queues: those on this loop get it by one piece of mail. */
  private void sendToAll(QueueDestination[] targets, Message message, long sequence) {
    RoomLoop loop = session.loop();
    FanOut here =
        new FanOut(loop, targets.length, message, sequence == 0 ? null : publisher, sequence);
    for (QueueDestination target : targets) {
      QueueEntry entry = (QueueEntry) target;
      QueueAddress queue = entry.room();
      if (queue.loop() != loop || entry instanceof RoomEntry) {
        send(entry, message, sequence);
      } else {
        if (sequence != 0) {
          session.gate().charge(here.cost());
        }
        here.add(queue);
      }
    }
    here.send();
    session.input().pauseIfBehind();
  }

  private PublishedProperties properties(Content content) {
    PublishedProperties last = lastProperties;
    if (last == null || !last.isFor(content.properties(), consumers.replies())) {
      last = PublishedProperties.of(content.properties(), session.user(), consumers.replies());
      if (last.mayReturn()) {
        remember(last);
      }
    }
    return last;
  }

  private void remember(@Nullable PublishedProperties properties) {
    channel.grow(cost(properties) - cost(lastProperties));
    lastProperties = properties;
  }

  private static int cost(@Nullable PublishedProperties properties) {
    return properties == null ? 0 : properties.cost();
  }

  /** Forgets what is there for speed only. */
  void forgetRemembered() {
    remember(null);
    lastQueue = NOWHERE;
  }

  private QueueDestination[] route(
      VirtualHost vhost, Exchange exchange, String key, PublishedProperties properties) {
    if (properties.furtherKeys().isEmpty()) {
      return exchange.isDefault()
          ? toQueue(vhost.queue(key))
          : lookUp(vhost, exchange, key, properties);
    }
    RouteResult result = new RouteResult();
    session
        .routes()
        .router()
        .route(
            vhost.exchanges(),
            vhost::queue,
            exchange,
            key,
            properties.furtherKeys(),
            properties.asked(),
            result);
    // Many keys can be given, each as long to route as any.
    session.input().pauseIfBehind();
    return result.toArray();
  }

  private QueueDestination[] lookUp(
      VirtualHost vhost, Exchange exchange, String key, PublishedProperties properties) {
    RouteCache routes = session.routes().used();
    long computed = routes.computed();
    QueueDestination[] targets =
        routes.lookup(vhost.exchanges(), vhost::queue, exchange, key, properties.asked());
    if (routes.computed() != computed) {
      // Patterns can be made that take long.
      session.input().pauseIfBehind();
    }
    return targets;
  }

  private QueueDestination[] toQueue(@Nullable QueueEntry queue) {
    if (queue == null) {
      return NOWHERE;
    }
    if (lastQueue.length == 0 || lastQueue[0] != queue) {
      lastQueue = new QueueDestination[] {queue};
    }
    return lastQueue;
  }
}
