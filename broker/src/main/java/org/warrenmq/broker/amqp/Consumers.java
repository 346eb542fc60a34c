package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.NOT_ALLOWED;
import static org.warrenmq.codec.ReplyCode.NOT_IMPLEMENTED;
import static org.warrenmq.codec.ReplyCode.PRECONDITION_FAILED;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.broker.topology.QueueEntry;
import org.warrenmq.broker.topology.Refusal;
import org.warrenmq.codec.BasicMethod;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.ConnectionError;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.queue.DeliveryBatch;
import org.warrenmq.engine.queue.QueueCommand;
import org.warrenmq.engine.queue.QueueCommand.SubscribeReply;

/**
 * A channel's consumers: starts and cancels them, and takes what their queues send to where it
 * belongs. Runs on the connection's loop.
 */
final class Consumers implements Subscription.Receiver, AckTimeout.Watch, AckTimeout.Owner {
  private static final String STREAM_OFFSET = "x-stream-offset";

  private static final int CLASS = BasicMethod.CLASS_ID;
  private static final int CONSUME = 20;

  private final Session session;
  private final Replies channel;
  private final DeliveryTracker deliveries;
  private final DeliveryPath path;
  private final Declarations declarations;

  /** Replaced by one that can be changed with the first consumer: most channels have none. */
  private Map<String, Subscription> byTag = Map.of();

  /** Whose queues have ended while cancels were held back; null while there are none. */
  private @Nullable ArrayDeque<Subscription> uncancelled;

  /** Null until there was such a limit. */
  private @Nullable SharedPrefetch sharedPrefetch;

  /** Null until something was delivered that may be acked too late. */
  private @Nullable AckTimeout ackTimeout;

  private @Nullable ReplyConsumer replies;
  private int prefetch;

  Consumers(
      Session session, Replies channel, DeliveryTracker deliveries, Declarations declarations) {
    this.session = session;
    this.channel = channel;
    this.deliveries = deliveries;
    this.path = new DeliveryPath(session, channel, deliveries, this);
    this.declarations = declarations;
  }

  @Override
  public RoomLoop loop() {
    return session.loop();
  }

  private SharedPrefetch sharedPrefetch() {
    SharedPrefetch shared = sharedPrefetch;
    if (shared == null) {
      shared = new SharedPrefetch(session.loop(), deliveries);
      channel.grow(SharedPrefetch.COST);
      sharedPrefetch = shared;
    }
    return shared;
  }

  private boolean isLimited() {
    return sharedPrefetch != null && sharedPrefetch.isLimited();
  }

  /** Of each of the next consumers. */
  int prefetch() {
    return prefetch;
  }

  /** Of all together. */
  int globalPrefetch() {
    return sharedPrefetch == null ? 0 : sharedPrefetch.limit();
  }

  /** What the administration shows of them. */
  List<Facts.Consumer> facts() {
    return byTag.values().stream().map(Subscription::facts).toList();
  }

  /** The channel's consumer of direct replies, or null. */
  @Nullable ReplyConsumer replies() {
    return replies;
  }

  @Override
  public void watch(long millis) {
    if (millis == AckTimeout.NONE) {
      return;
    }
    AckTimeout watching = ackTimeout;
    if (watching == null) {
      watching = new AckTimeout(session, channel, deliveries, this);
      channel.grow(AckTimeout.COST);
      ackTimeout = watching;
    }
    watching.watch(millis);
  }

  /** Deliveries were settled: the shared limit may let more come. */
  @Override
  public void settled() {
    if (sharedPrefetch != null && sharedPrefetch.isLimited()) {
      sharedPrefetch.serve();
    }
  }

  void qos(BasicMethod.Qos qos) {
    if (qos.prefetchSize() != 0) {
      throw new ConnectionError(NOT_IMPLEMENTED, "prefetch_size!=0 (" + qos.prefetchSize() + ")");
    }
    if (qos.global()) {
      sharedPrefetch().limit(qos.prefetchCount(), byTag.values());
    } else {
      // Also the way back from a shared limit, at any count.
      prefetch = qos.prefetchCount();
      if (sharedPrefetch != null) {
        sharedPrefetch.limit(0, byTag.values());
      }
    }
    channel.reply(new BasicMethod.QosOk());
  }

  void consume(BasicMethod.Consume consume) {
    String tag =
        consume.consumerTag().isEmpty() ? ServerNames.consumerTag() : consume.consumerTag();
    // The consumer of replies is not among them: RabbitMQ lets another one have its tag.
    if (byTag.containsKey(tag)) {
      throw new ConnectionError(NOT_ALLOWED, "attempt to reuse consumer tag '" + tag + "'");
    }
    if (consume.queue().equals(ReplyRoutes.NAME)) {
      consumeReplies(consume, tag);
      return;
    }
    QueueEntry queue = declarations.readableQueue(consume.queue());
    refuseStreamOffset(queue, consume.arguments());
    Subscription subscription =
        new Subscription(
            this,
            tag,
            consume.noAck() ? () -> AckTimeout.NONE : ackTimeout(queue, consume.arguments()),
            new Subscription.Wish(
                queue,
                consume.noAck(),
                consume.exclusive(),
                prefetch,
                priority(queue, consume.arguments()),
                isLimited()));
    if (byTag.isEmpty()) {
      byTag = new HashMap<>(4);
    }
    byTag.put(tag, subscription);
    session.gate().keep(subscription.cost());
    channel.park();
    ReplyTo<SubscribeReply> answer =
        new ReplyTo<>(
            session.loop(), reply -> subscribed(reply, subscription, queue, consume.nowait()));
    session
        .loop()
        .send(queue.room().loop(), new QueueCommand.Subscribe(subscription.consumer(), answer));
  }

  private void consumeReplies(BasicMethod.Consume consume, String tag) {
    if (!consume.noAck()) {
      throw new ChannelError(PRECONDITION_FAILED, "reply consumer cannot acknowledge");
    }
    if (replies != null) {
      throw new ChannelError(PRECONDITION_FAILED, "reply consumer already set");
    }
    replies = new ReplyConsumer(session, channel, deliveries, tag);
    session.replyRoutes().add(replies);
    channel.grow(replies.cost());
    if (!consume.nowait()) {
      channel.reply(new BasicMethod.ConsumeOk(tag));
    }
  }

  private void forgetReplies() {
    if (replies != null) {
      session.replyRoutes().remove(replies);
      channel.grow(-replies.cost());
      replies = null;
    }
  }

  /** Only who reads a stream may say where to begin. */
  private static void refuseStreamOffset(QueueEntry queue, FieldTable arguments) {
    if (arguments.contains(STREAM_OFFSET)) {
      throw new ChannelError(
          PRECONDITION_FAILED,
          "invalid arg '%s' for queue '%s' in vhost '%s' of queue type rabbit_%s_queue"
              .formatted(STREAM_OFFSET, queue.name(), queue.vhost(), queue.type()));
    }
  }

  private static int priority(QueueEntry queue, FieldTable arguments) {
    FieldValue value = integer("x-priority", queue, arguments);
    return value == null ? 0 : Math.clamp(value.asLong(), Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  /** The consumer's own, or the queue's, which policies may change, or the node's. */
  private LongSupplier ackTimeout(QueueEntry queue, FieldTable arguments) {
    FieldValue own = integer("x-consumer-timeout", queue, arguments);
    if (own != null) {
      long millis = Math.max(AckTimeout.NONE, own.asLong());
      return () -> millis;
    }
    long usual = session.limits().consumerTimeout().millis();
    return () -> queue.ackTimeout(usual);
  }

  @Override
  public long shortestTimeout() {
    long shortest = Long.MAX_VALUE;
    for (Subscription subscription : byTag.values()) {
      long millis = subscription.ackTimeout();
      shortest = millis == AckTimeout.NONE ? shortest : Math.min(shortest, millis);
    }
    return shortest;
  }

  private static @Nullable FieldValue integer(
      String argument, QueueEntry queue, FieldTable arguments) {
    FieldValue value = arguments.get(argument);
    if (value != null && !value.isInteger()) {
      throw new ChannelError(
          PRECONDITION_FAILED,
          "invalid arg '%s' for queue '%s' in vhost '%s': \"expected integer, got %s\""
              .formatted(argument, queue.name(), queue.vhost(), value.typeName()));
    }
    return value;
  }

  private void subscribed(
      SubscribeReply reply, Subscription subscription, QueueEntry queue, boolean nowait) {
    if (reply != SubscribeReply.OK) {
      forget(subscription);
    }
    if (channel.isOpen()) {
      switch (reply) {
        case OK -> {
          if (!nowait) {
            channel.reply(new BasicMethod.ConsumeOk(subscription.tag()));
          }
        }
        case EXCLUSIVE_USE ->
            channel.fail(Refusal.exclusiveUse(queue.name(), queue.vhost()).at(CLASS, CONSUME));
        case GONE -> channel.fail(Refusal.noQueue(queue.name(), queue.vhost()).at(CLASS, CONSUME));
      }
    }
    channel.resume();
  }

  void cancel(BasicMethod.Cancel cancel) {
    boolean ofReplies = replies != null && replies.tag().equals(cancel.consumerTag());
    Subscription subscription = byTag.get(cancel.consumerTag());
    if (ofReplies || subscription == null) {
      if (ofReplies) {
        forgetReplies();
      }
      if (!cancel.nowait()) {
        channel.reply(new BasicMethod.CancelOk(cancel.consumerTag()));
      }
      return;
    }
    channel.park();
    Runnable done =
        () -> {
          path.writeAll();
          forget(subscription);
          if (channel.isOpen() && !cancel.nowait()) {
            channel.reply(new BasicMethod.CancelOk(cancel.consumerTag()));
          }
          channel.resume();
        };
    if (subscription.end()) {
      unsubscribe(subscription, done);
    } else {
      subscription.whenEnded(done);
    }
  }

  /** Ends a consumer that has not acked in time, and tells its client unless that ends it, too. */
  @Override
  public void timedOut(Subscription subscription) {
    if (byTag.get(subscription.tag()) == subscription && subscription.end()) {
      session.faults().timedOut(channel.number(), subscription.tag(), subscription.ackTimeout());
      unsubscribe(
          subscription,
          () -> {
            Runnable awaited = subscription.whenEnded();
            if (awaited == null) {
              cancelledByQueue(subscription);
            } else {
              awaited.run();
            }
          });
    }
  }

  private boolean forget(Subscription subscription) {
    boolean was = byTag.remove(subscription.tag(), subscription);
    if (was && sharedPrefetch != null) {
      sharedPrefetch.forget(subscription);
    }
    if (was && subscription.forget()) {
      session.gate().keep(-subscription.cost());
    }
    return was;
  }

  /** Ends a consumer; what the queue had sent it by then arrives before {@code done} runs. */
  private void unsubscribe(Subscription subscription, Runnable done) {
    session
        .loop()
        .send(
            subscription.consumer().queue().loop(),
            new QueueCommand.Unsubscribe(
                subscription.consumer(), new ReplyTo<>(session.loop(), _ -> done.run())));
  }

  @Override
  public void deliver(Subscription subscription, DeliveryBatch batch) {
    path.deliver(subscription, batch);
  }

  @Override
  public void wants(Subscription subscription) {
    sharedPrefetch().wants(subscription);
  }

  @Override
  public void unused(int grants) {
    sharedPrefetch().unused(grants);
  }

  /** The queue has ended, or the consumer alone: the client is told if it can be. */
  @Override
  public void cancelledByQueue(Subscription subscription) {
    if (path.holdsBack()) {
      if (uncancelled == null) {
        uncancelled = new ArrayDeque<>(2);
      }
      uncancelled.add(subscription);
    } else if (channel.isOpen() && forget(subscription)) {
      path.writeAll();
      if (session.client().wantsCancelNotifications()) {
        channel.reply(new BasicMethod.Cancel(subscription.tag(), true));
      }
    }
  }

  /** Lets no delivery and no cancel out until {@link #answered}. */
  void holdBack() {
    path.holdBack();
  }

  /** The answer is out: what was held back may follow. */
  void answered() {
    if (!path.holdsBack()) {
      return;
    }
    path.goOn();
    ArrayDeque<Subscription> cancelled = uncancelled;
    uncancelled = null;
    if (cancelled != null) {
      cancelled.forEach(this::cancelledByQueue);
    }
  }

  /** Memory is short, and the client does not read. */
  void giveUpUnwritten() {
    path.giveUpUnwritten();
  }

  /** The channel ends: its consumers get nothing any more. */
  void stop() {
    forgetReplies();
    if (ackTimeout != null) {
      ackTimeout.stop();
    }
    for (Subscription subscription : byTag.values()) {
      session
          .loop()
          .send(
              subscription.consumer().queue().loop(),
              new QueueCommand.Stop(subscription.consumer()));
    }
  }

  /**
   * The channel ends: unsubscribes everything. {@code done} runs when all queues have answered, and
   * with that when everything still under way has come here and gone back.
   */
  void release(Runnable done) {
    path.drop();
    if (byTag.isEmpty()) {
      done.run();
      return;
    }
    int[] remaining = {byTag.size()};
    for (Subscription subscription : new ArrayList<>(byTag.values())) {
      unsubscribe(
          subscription,
          () -> {
            if (--remaining[0] == 0) {
              done.run();
            }
          });
    }
    byTag.values().forEach(subscription -> session.gate().keep(-subscription.cost()));
    byTag.clear();
  }
}
