package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.QueueCommand.GetReply;
import org.warrenmq.engine.queue.QueueCommand.SubscribeReply;

/**
 * A channel that consumes, gets and settles as the seed decides, and accounts for what it granted
 * and holds; how it publishes is for those who extend it. On the test's thread.
 *
 * @param <Q> what is known of a queue
 * @param <I> a message in one
 */
abstract class ChannelInSimulation<Q extends QueueInSimulation<I>, I>
    implements Publisher, Subscriber {
  final String name;
  final HandLoop home;
  final Questions questions;
  final SplittableRandom random;

  /** In an order that the seed decides, too. */
  final Map<Consumer, Subscription<Q, I>> subscriptions = new LinkedHashMap<>();

  /** What it took singly. */
  final List<Held<Q, I>> got = new ArrayList<>();

  private final LargeBodies bodies;
  private final Map<Q, SettleBatch> settling = new HashMap<>();

  /** A delivery that awaits its ack. */
  record Held<Q, I>(
      Q queue, QueueAddress address, @Nullable Consumer consumer, long position, I item) {}

  /** A consumer and what it has. */
  static final class Subscription<Q, I> {
    final Q queue;
    final ArrayDeque<DeliveryBatch> unwritten = new ArrayDeque<>();
    final List<Held<Q, I>> outstanding = new ArrayList<>();

    /** What its channel lets it have outstanding; 0 for any number. */
    final int limit;

    int granted;
    boolean wants;
    boolean ended;

    /** Its queue is at another address by now. */
    boolean past;

    Subscription(Q queue, int limit) {
      this.queue = queue;
      this.limit = limit;
    }
  }

  ChannelInSimulation(String name, HandLoop home, Questions questions, SplittableRandom random) {
    this.name = name;
    this.home = home;
    this.questions = questions;
    this.random = random;
    this.bodies = new LargeBodies(home, random);
  }

  @Override
  public final RoomLoop loop() {
    return home.rooms();
  }

  @Override
  public final String toString() {
    return name;
  }

  final LargeBodies bodies() {
    return bodies;
  }

  // Consuming.

  final void subscribe(Q queue) {
    boolean noAck = random.nextInt(5) == 0;
    int prefetch = random.nextInt(3) == 0 ? 0 : random.nextInt(1, 40);
    int limit = random.nextInt(3) == 0 ? random.nextInt(1, 20) : 0;
    subscribe(queue, noAck, prefetch, random.nextInt(2), limit);
  }

  void subscribe(Q queue, boolean noAck, int prefetch, int priority, int limit) {
    Consumer consumer =
        new Consumer(queue.address(), this, noAck, false, prefetch, priority, limit > 0);
    Subscription<Q, I> subscription = new Subscription<>(queue, limit);
    var reply =
        questions.<SubscribeReply>ask(
            loop(),
            name + " subscribes",
            answer -> {
              if (answer == SubscribeReply.OK) {
                subscription.past = consumer.queue() != queue.address();
                subscriptions.put(consumer, subscription);
              }
            });
    loop().send(consumer.queue().loop(), new QueueCommand.Subscribe(consumer, reply));
  }

  final Subscription<Q, I> subscription(Consumer consumer) {
    Subscription<Q, I> subscription = subscriptions.get(consumer);
    assertThat(subscription).as("%s subscribed", name).isNotNull();
    return subscription;
  }

  @Override
  public final void deliver(DeliveryBatch batch) {
    Consumer consumer = batch.consumer();
    Subscription<Q, I> subscription = subscription(consumer);
    subscription.granted -= batch.granted();
    for (int i = 0; i < batch.count(); i++) {
      Message message = batch.message(i);
      delivered(subscription, consumer, batch.position(i), message, batch.redelivered(i));
      bodies.received(message);
    }
    assertThat(
            consumer.prefetch() == 0
                || consumer.noAck()
                || subscription.outstanding.size() <= consumer.prefetch())
        .as("prefetch of %s", name)
        .isTrue();
    assertThat(subscription.granted).as("grants of %s", name).isNotNegative();
    subscription.unwritten.add(batch);
    if (random.nextBoolean()) {
      write();
    }
  }

  void delivered(
      Subscription<Q, I> subscription,
      Consumer consumer,
      long position,
      Message message,
      boolean redelivered) {
    Q queue = subscription.queue;
    I item = queue.delivered(position, message, redelivered, consumer.noAck(), consumer);
    if (!consumer.noAck()) {
      subscription.outstanding.add(new Held<>(queue, consumer.queue(), consumer, position, item));
    }
  }

  /** The socket takes what some consumers got. */
  final void write() {
    for (Subscription<Q, I> subscription : subscriptions.values()) {
      DeliveryBatch batch = random.nextBoolean() ? subscription.unwritten.poll() : null;
      if (batch != null) {
        batch.flushedToClient();
      }
    }
  }

  @Override
  public final void wants(Consumer consumer) {
    Subscription<Q, I> subscription = subscription(consumer);
    assertThat(subscription.limit).as("%s has a limit", name).isPositive();
    subscription.wants = true;
    grant(consumer, subscription);
  }

  @Override
  public final void unused(Consumer consumer, int grants) {
    Subscription<Q, I> subscription = subscription(consumer);
    subscription.granted -= grants;
    assertThat(subscription.granted).as("grants of %s", name).isNotNegative();
    grant(consumer, subscription);
  }

  private void grant(Consumer consumer, Subscription<Q, I> subscription) {
    int free = subscription.limit - subscription.outstanding.size() - subscription.granted;
    if (subscription.wants && free > 0) {
      subscription.wants = false;
      int share = random.nextInt(1, free + 1);
      subscription.granted += share;
      loop().send(consumer.queue().loop(), new QueueCommand.Grant(consumer, share));
    }
  }

  final void unsubscribe() {
    for (var entry : subscriptions.entrySet()) {
      if (isThere(entry.getValue()) && random.nextInt(3) == 0) {
        unsubscribe(entry.getKey(), entry.getValue());
        return;
      }
    }
  }

  final void unsubscribeAll() {
    subscriptions.forEach(
        (consumer, subscription) -> {
          if (isThere(subscription)) {
            unsubscribe(consumer, subscription);
          }
        });
  }

  private boolean isThere(Subscription<Q, I> subscription) {
    return !subscription.ended && !subscription.past;
  }

  void unsubscribe(Consumer consumer, Subscription<Q, I> subscription) {
    subscription.ended = true;
    var reply = questions.<Boolean>ask(loop(), name + " unsubscribes", _ -> {});
    loop().send(consumer.queue().loop(), new QueueCommand.Unsubscribe(consumer, reply));
  }

  // Getting.

  final void get(Q queue, boolean noAck, java.util.function.Consumer<GetReply> action) {
    QueueAddress address = queue.address();
    var reply = questions.<GetReply>ask(loop(), name + " gets", action);
    loop().send(address.loop(), new QueueCommand.Get(address, noAck, reply));
  }

  final void got(Q queue, GetReply.Got found, boolean noAck) {
    long position = found.position();
    I item = queue.delivered(position, found.message(), found.redelivered(), noAck, name);
    if (!noAck) {
      got.add(new Held<>(queue, queue.address(), null, position, item));
    }
  }

  // Settling.

  final boolean holdsDeliveries() {
    return !got.isEmpty()
        || subscriptions.values().stream().anyMatch(one -> !one.outstanding.isEmpty());
  }

  /** Any delivery it holds, often the oldest of a consumer. */
  final Held<Q, I> takeHeld() {
    List<List<Held<Q, I>>> all = new ArrayList<>();
    all.add(got);
    subscriptions.values().forEach(one -> all.add(one.outstanding));
    all.removeIf(List::isEmpty);
    List<Held<Q, I>> held = all.get(random.nextInt(all.size()));
    return held.remove(random.nextInt(2) * random.nextInt(held.size()));
  }

  void settleSome() {
    for (int i = random.nextInt(1, 12); i > 0 && holdsDeliveries(); i--) {
      settle(takeHeld(), SimulatedSubscriber.anySettlement(random));
    }
  }

  final void settle(Held<Q, I> held, Settlement settlement) {
    held.queue.settled(held.item, settlement);
    send(held, settlement);
    subscriptions.forEach(this::grant);
  }

  final void send(Held<Q, I> held, Settlement settlement) {
    SettleBatch batch =
        SettleBatch.open(settling.get(held.queue), loop(), held.address, held.consumer, settlement);
    settling.put(held.queue, batch);
    batch.add(held.position);
  }

  // At rest.

  /** Settles all and writes all: nothing but the queues keeps messages from coming. */
  final void serve() {
    for (Subscription<Q, I> subscription : subscriptions.values()) {
      while (!subscription.unwritten.isEmpty()) {
        subscription.unwritten.remove().flushedToClient();
      }
    }
    while (holdsDeliveries()) {
      settle(takeHeld(), Settlement.ACKED);
    }
  }

  /** Whether none of its consumers may get more from a queue. */
  final boolean isBlocked(Q queue) {
    return subscriptions.entrySet().stream()
        .filter(one -> isOf(queue, one.getValue()))
        .allMatch(one -> isBlocked(one.getKey(), one.getValue()));
  }

  /** Whether a consumer is blocked, which may be the single active one. */
  final boolean hasBlocked(Q queue) {
    return subscriptions.entrySet().stream()
        .filter(one -> isOf(queue, one.getValue()))
        .anyMatch(one -> isBlocked(one.getKey(), one.getValue()));
  }

  private boolean isOf(Q queue, Subscription<Q, I> subscription) {
    return subscription.queue == queue && isThere(subscription);
  }

  private boolean isBlocked(Consumer consumer, Subscription<Q, I> subscription) {
    int held = subscription.outstanding.size();
    return subscription.unwritten.size() == 2
        || (!consumer.noAck() && consumer.prefetch() > 0 && held >= consumer.prefetch())
        || (subscription.limit > 0 && held + subscription.granted >= subscription.limit);
  }
}
