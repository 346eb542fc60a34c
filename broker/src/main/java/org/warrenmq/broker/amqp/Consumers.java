package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.NOT_ALLOWED;
import static org.warrenmq.codec.ReplyCode.NOT_IMPLEMENTED;
import static org.warrenmq.codec.ReplyCode.PRECONDITION_FAILED;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.topology.QueueEntry;
import org.warrenmq.broker.topology.Refusal;
import org.warrenmq.codec.BasicMethod;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.ConnectionError;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.DeliveryBatch;
import org.warrenmq.engine.queue.QueueCommand;
import org.warrenmq.engine.queue.QueueCommand.GetReply;
import org.warrenmq.engine.queue.QueueCommand.SubscribeReply;
import org.warrenmq.engine.queue.Settlement;

/**
 * A channel's consumers: starts and cancels them, writes their deliveries, and takes single
 * messages for basic.get. Runs on the connection's loop.
 *
 * <p>Batches that arrive while the socket is full wait here, unwritten; a consumer has two batches
 * under way at most, so that is the bound.
 */
final class Consumers {
  private static final int CLASS = BasicMethod.CLASS_ID;
  private static final int CONSUME = 20;

  /** A message with a larger body is written alone where the socket is full. */
  private static final int LARGE = 64 * 1024;

  private static final int GET = 70;

  private final Channel channel;
  private final AmqpConnection connection;
  private final DeliveryTracker deliveries;
  private final Declarations declarations;

  /** Replaced by one that can be changed with the first consumer: most channels have none. */
  private Map<String, Subscription> byTag = Map.of();

  /** Null until a batch had to wait. */
  private @Nullable ArrayDeque<DeliveryBatch> unwritten;

  /** Whose queues have ended while cancels were held back; null while there are none. */
  private @Nullable ArrayDeque<Subscription> uncancelled;

  /** An operation has yet to be answered, and what it sets off must not come first. */
  private boolean holdsBack;

  /** Null until there was such a limit. */
  private @Nullable SharedPrefetch sharedPrefetch;

  private @Nullable ReplyConsumer replies;
  private int prefetch;

  Consumers(
      Channel channel,
      AmqpConnection connection,
      DeliveryTracker deliveries,
      Declarations declarations) {
    this.channel = channel;
    this.connection = connection;
    this.deliveries = deliveries;
    this.declarations = declarations;
  }

  SharedPrefetch sharedPrefetch() {
    SharedPrefetch shared = sharedPrefetch;
    if (shared == null) {
      shared = new SharedPrefetch(channel, deliveries);
      channel.grow(SharedPrefetch.COST);
      sharedPrefetch = shared;
    }
    return shared;
  }

  private boolean isLimited() {
    return sharedPrefetch != null && sharedPrefetch.isLimited();
  }

  /** The channel's consumer of direct replies, or null. */
  @Nullable ReplyConsumer replies() {
    return replies;
  }

  /** Deliveries were settled: the shared limit may let more come. */
  void settled() {
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
    QueueEntry queue = declarations.openQueue(consume.queue());
    Subscription subscription =
        new Subscription(
            channel,
            tag,
            new Subscription.Wish(
                queue.room(),
                consume.noAck(),
                consume.exclusive(),
                prefetch,
                priority(queue, consume.arguments()),
                isLimited()));
    if (byTag.isEmpty()) {
      byTag = new HashMap<>(4);
    }
    byTag.put(tag, subscription);
    connection.gate().keep(subscription.cost());
    channel.park();
    ReplyTo<SubscribeReply> answer =
        new ReplyTo<>(
            connection.loop(), reply -> subscribed(reply, subscription, queue, consume.nowait()));
    connection
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
    replies = new ReplyConsumer(channel, connection, deliveries, tag);
    connection.replyRoutes().add(replies);
    channel.grow(replies.cost());
    if (!consume.nowait()) {
      channel.reply(new BasicMethod.ConsumeOk(tag));
    }
  }

  private void forgetReplies() {
    if (replies != null) {
      connection.replyRoutes().remove(replies);
      channel.grow(-replies.cost());
      replies = null;
    }
  }

  private static int priority(QueueEntry queue, FieldTable arguments) {
    FieldValue value = arguments.get("x-priority");
    if (value == null) {
      return 0;
    }
    if (!value.isInteger()) {
      throw new ChannelError(
          PRECONDITION_FAILED,
          "invalid arg 'x-priority' for queue '%s' in vhost '%s': \"expected integer, got %s\""
              .formatted(queue.name(), queue.vhost(), value.typeName()));
    }
    return Math.clamp(value.asLong(), Integer.MIN_VALUE, Integer.MAX_VALUE);
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
    unsubscribe(
        subscription,
        () -> {
          writeAll();
          forget(subscription);
          if (sharedPrefetch != null) {
            sharedPrefetch.forget(subscription);
          }
          if (channel.isOpen() && !cancel.nowait()) {
            channel.reply(new BasicMethod.CancelOk(cancel.consumerTag()));
          }
          channel.resume();
        });
  }

  private boolean forget(Subscription subscription) {
    boolean was = byTag.remove(subscription.tag(), subscription);
    if (was && subscription.forget()) {
      connection.gate().keep(-subscription.cost());
    }
    return was;
  }

  /** Ends a consumer; what the queue had sent it by then arrives before {@code done} runs. */
  private void unsubscribe(Subscription subscription, Runnable done) {
    connection
        .loop()
        .send(
            subscription.consumer().queue().loop(),
            new QueueCommand.Unsubscribe(
                subscription.consumer(), new ReplyTo<>(connection.loop(), _ -> done.run())));
  }

  /** Lets no delivery and no cancel out until {@link #answered}. */
  void holdBack() {
    holdsBack = true;
  }

  /** The answer is out: what was held back may follow. */
  void answered() {
    if (!holdsBack) {
      return;
    }
    holdsBack = false;
    if (!writeWaiting()) {
      connection.output().deliverWhenWritable(this);
    }
    ArrayDeque<Subscription> cancelled = uncancelled;
    uncancelled = null;
    if (cancelled != null) {
      cancelled.forEach(this::cancelledByQueue);
    }
  }

  /** The queue ended: the client is told if it can be. */
  void cancelledByQueue(Subscription subscription) {
    if (holdsBack) {
      if (uncancelled == null) {
        uncancelled = new ArrayDeque<>(2);
      }
      uncancelled.add(subscription);
    } else if (channel.isOpen() && forget(subscription)) {
      writeAll();
      if (connection.client().wantsCancelNotifications()) {
        channel.reply(new BasicMethod.Cancel(subscription.tag(), true));
      }
    }
  }

  /** Deliveries from a queue: written now, or when the socket has room. */
  void deliver(Subscription subscription, DeliveryBatch batch) {
    if (!channel.isOpen()) {
      giveBack(subscription, batch);
    } else if (!mayWrite() || !nothingWaits() || !write(subscription, batch, false)) {
      if (unwritten == null) {
        unwritten = new ArrayDeque<>(2);
      }
      unwritten.add(batch);
      connection.gate().goingOut(batch.bytes());
      if (!holdsBack) {
        connection.output().deliverWhenWritable(this);
      }
    }
  }

  private boolean mayWrite() {
    return !holdsBack && connection.output().isWritable();
  }

  private boolean nothingWaits() {
    return unwritten == null || unwritten.isEmpty();
  }

  /** The next batch that waited, or null. */
  private @Nullable DeliveryBatch nextUnwritten() {
    DeliveryBatch batch = unwritten == null ? null : unwritten.poll();
    if (batch != null) {
      connection.gate().goingOut(-batch.bytes());
    }
    return batch;
  }

  /**
   * Memory is short and the client does not read: what waits for that, and can go back to its
   * queue, does. The consumers get nothing new before the client has read what came before.
   */
  void giveUpUnwritten() {
    if (unwritten == null || holdsBack) {
      return;
    }
    for (DeliveryBatch batch : unwritten) {
      if (!batch.consumer().noAck()) {
        connection.gate().goingOut(-batch.bytes());
        giveBack((Subscription) batch.consumer().subscriber(), batch);
        batch.empty();
      }
    }
  }

  /**
   * Writes what waited, as far as the socket takes it. True when nothing waits for that any more.
   */
  boolean writeWaiting() {
    if (holdsBack || !channel.isOpen()) {
      return true;
    }
    DeliveryBatch batch;
    while (connection.output().isWritable() && (batch = nextUnwritten()) != null) {
      if (!write((Subscription) batch.consumer().subscriber(), batch, false) && unwritten != null) {
        unwritten.addFirst(batch);
        connection.gate().goingOut(batch.bytes());
      }
    }
    return nothingWaits();
  }

  /** Writes what waited, full socket or not: a cancel must not overtake deliveries. */
  private void writeAll() {
    DeliveryBatch batch;
    while (channel.isOpen() && (batch = nextUnwritten()) != null) {
      write((Subscription) batch.consumer().subscriber(), batch, true);
    }
  }

  /**
   * Writes a batch: large messages one by one as the socket takes them, the others at once.
   *
   * @param whole whether none of it may wait
   * @return whether all of it was written
   */
  private boolean write(Subscription subscription, DeliveryBatch batch, boolean whole) {
    MessageWriter messages = connection.messages();
    boolean tracked = !batch.consumer().noAck();
    for (int i = batch.next(); i < batch.count(); i++) {
      Message message = batch.message(i);
      long tag =
          tracked ? deliveries.track(subscription, batch.position(i)) : deliveries.untracked();
      messages.deliver(
          channel.number(), subscription.encodedTag(), tag, batch.redelivered(i), message);
      batch.wroteNext();
      if (message.size() > LARGE && !whole && i + 1 < batch.count() && !mayWrite()) {
        return false;
      }
    }
    batch.written();
    if (batch.granted() > 0) {
      sharedPrefetch().unused(batch.granted());
    }
    return true;
  }

  /** Deliveries that the client never saw: ready again, as if never delivered. */
  private void giveBack(Subscription subscription, DeliveryBatch batch) {
    for (int i = batch.next(); i < batch.count(); i++) {
      connection.store().bodies().release(batch.message(i).content().body());
    }
    if (!batch.consumer().noAck()) {
      for (int i = batch.next(); i < batch.count(); i++) {
        subscription.settle(batch.position(i), Settlement.UNDELIVERED);
      }
    }
  }

  void get(BasicMethod.Get get) {
    QueueEntry queue = declarations.openQueue(get.queue());
    channel.park();
    ReplyTo<GetReply> answer =
        new ReplyTo<>(connection.loop(), reply -> got(reply, queue, get.noAck()));
    connection
        .loop()
        .send(queue.room().loop(), new QueueCommand.Get(queue.room(), get.noAck(), answer));
  }

  private void got(GetReply reply, QueueEntry queue, boolean noAck) {
    switch (reply) {
      case GetReply.Got got -> {
        if (channel.isOpen()) {
          writeGot(got, queue, noAck);
        } else {
          connection.store().bodies().release(got.message().content().body());
          if (!noAck) {
            deliveries.returnUnseen(queue.room(), got.position());
          }
        }
      }
      case GetReply.Empty() -> channel.replyIfOpen(new BasicMethod.GetEmpty());
      case GetReply.Gone() ->
          channel.fail(Refusal.noQueue(queue.name(), queue.vhost()).at(CLASS, GET));
    }
    channel.resume();
  }

  private void writeGot(GetReply.Got got, QueueEntry queue, boolean noAck) {
    long tag = noAck ? deliveries.untracked() : deliveries.track(queue.room(), got.position());
    connection
        .messages()
        .getOk(channel.number(), tag, got.redelivered(), got.remaining(), got.message());
  }

  /** The channel ends: its consumers get nothing any more. */
  void stop() {
    forgetReplies();
    for (Subscription subscription : byTag.values()) {
      connection
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
    DeliveryBatch batch;
    while ((batch = nextUnwritten()) != null) {
      giveBack((Subscription) batch.consumer().subscriber(), batch);
    }
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
    byTag.values().forEach(subscription -> connection.gate().keep(-subscription.cost()));
    byTag.clear();
  }
}
