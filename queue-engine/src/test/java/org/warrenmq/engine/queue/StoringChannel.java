package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.AcceptedBatch;
import org.warrenmq.engine.home.Commit;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.QueueChronicle.Item;
import org.warrenmq.engine.queue.QueueCommand.GetReply;
import org.warrenmq.engine.queue.QueueCommand.SubscribeReply;

/**
 * A channel of a node with a store: publishes, consumes, gets, settles and commits, and holds every
 * confirm against what is on disk. On the test's thread.
 */
final class StoringChannel implements Publisher, Subscriber {
  private final String name;
  private final HandLoop home;
  private final StoreInSimulation store;
  private final Questions questions;
  private final SplittableRandom random;
  private final LargeBodies bodies;
  private final Map<Long, Publication> awaited = new HashMap<>();

  /** In an order that the seed decides, too. */
  private final Map<Consumer, Subscription> subscriptions = new LinkedHashMap<>();

  private final List<Held> got = new ArrayList<>();

  /** Commits since all was at rest. */
  private final List<Transaction> transactions = new ArrayList<>();

  private @Nullable SettleBatch settling;
  private long lastSequence;
  private boolean waitsForRoom;

  /** A message for one queue or several, with one confirm from each; or a commit. */
  private static final class Publication {
    final List<Routed> routed = new ArrayList<>();
    final int parts;
    final @Nullable Transaction transaction;
    int accepted;

    Publication(int parts, @Nullable Transaction transaction) {
      this.parts = parts;
      this.transaction = transaction;
    }
  }

  private record Routed(QueueChronicle chronicle, Item item) {}

  /** A delivery that awaits its ack. */
  private record Held(QueueChronicle chronicle, @Nullable Consumer consumer, Item item) {}

  /** What was committed. */
  private static final class Transaction {
    final List<Routed> published = new ArrayList<>();
    final List<Held> acked = new ArrayList<>();
    boolean confirmed;
  }

  /** A consumer and what it has. */
  private static final class Subscription {
    final QueueChronicle chronicle;
    final ArrayDeque<DeliveryBatch> unwritten = new ArrayDeque<>();
    final List<Held> outstanding = new ArrayList<>();
    boolean ended;

    Subscription(QueueChronicle chronicle) {
      this.chronicle = chronicle;
    }
  }

  StoringChannel(
      String name,
      HandLoop home,
      StoreInSimulation store,
      Questions questions,
      SplittableRandom random) {
    this.name = name;
    this.home = home;
    this.store = store;
    this.questions = questions;
    this.random = random;
    this.bodies = new LargeBodies(home, random);
  }

  @Override
  public RoomLoop loop() {
    return home.rooms();
  }

  @Override
  public String toString() {
    return name;
  }

  LargeBodies bodies() {
    return bodies;
  }

  // Publishing.

  boolean mayPublish() {
    if (!waitsForRoom && !home.store().hasRoom()) {
      waitsForRoom = true;
      home.store().whenRoom(() -> waitsForRoom = false);
    }
    return !waitsForRoom;
  }

  void publish(List<QueueChronicle> targets, Message message) {
    boolean confirm = random.nextInt(4) > 0;
    Publication publication = new Publication(targets.size(), null);
    long sequence = confirm ? ++lastSequence : 0;
    if (confirm) {
      awaited.put(sequence, publication);
    }
    home.store().bodies().hold(message.content().body(), targets.size() - 1);
    for (QueueChronicle target : targets) {
      send(publication.routed, target, message, confirm || random.nextBoolean(), sequence);
    }
  }

  private void send(
      List<Routed> routed, QueueChronicle target, Message message, boolean told, long sequence) {
    Item item = target.sent(message);
    routed.add(new Routed(target, item));
    QueueAddress queue = target.queue();
    QueueCommand command = new QueueCommand.Publish(queue, message, told ? this : null, sequence);
    loop()
        .send(
            queue.loop(),
            () -> {
              target.arrived(item);
              command.open();
            });
  }

  /** Publishes messages to these queues in turn, and acks some of what it holds. */
  void commit(List<QueueChronicle> targets, List<Message> messages) {
    Transaction transaction = new Transaction();
    transactions.add(transaction);
    Set<LoopStore> loops = new LinkedHashSet<>();
    targets.forEach(target -> loops.add(target.queue().home()));
    for (int i = random.nextInt(6); i > 0 && holdsDeliveries(); i--) {
      Held held = takeHeld();
      loops.add(held.chronicle.queue().home());
      transaction.acked.add(held);
    }
    awaited.put(++lastSequence, new Publication(loops.size(), transaction));
    Commit.send(
        home.store(),
        loops,
        this,
        lastSequence,
        () -> {
          for (int i = 0; i < messages.size(); i++) {
            QueueChronicle target = targets.get(i % targets.size());
            send(transaction.published, target, messages.get(i), false, 0);
          }
          transaction.acked.forEach(held -> settle(held, Settlement.ACKED));
        });
  }

  @Override
  public void accepted(AcceptedBatch batch) {
    for (int i = 0; i < batch.count(); i++) {
      Publication publication = awaited.get(batch.sequence(i));
      assertThat(publication).as("%s waits for %s", name, batch.sequence(i)).isNotNull();
      publication.accepted++;
      if (publication.transaction == null) {
        verifyAccepted(publication);
      }
      if (publication.accepted == publication.parts) {
        awaited.remove(batch.sequence(i));
        confirmed(publication);
      }
    }
  }

  /** Nobody who must wait for the disk has accepted earlier. */
  private void verifyAccepted(Publication publication) {
    long possible = publication.routed.stream().filter(this::isSafe).count();
    assertThat(publication.accepted)
        .as("queues that accept a message of %s", name)
        .isLessThanOrEqualTo((int) possible);
  }

  private boolean isSafe(Routed routed) {
    Item item = routed.item;
    long queueId = routed.chronicle.id();
    return switch (item.state) {
      case UNDER_WAY -> false;
      // It may be forgotten when its queue cannot come back.
      case DROPPED -> !item.kept || store.isEndSafe(queueId);
      default -> !item.kept || store.isEndSafe(queueId) || store.isSafe(queueId, item.position);
    };
  }

  private void confirmed(Publication publication) {
    Transaction transaction = publication.transaction;
    if (transaction != null) {
      transaction.confirmed = true;
      for (Held held : transaction.acked) {
        assertThat(store.disk().lasting(held.chronicle.id()))
            .as("what was acked in queue %s", held.chronicle.id())
            .doesNotContainKey(held.item.position);
      }
    }
    for (Routed routed : transaction == null ? publication.routed : transaction.published) {
      assertThat(isSafe(routed)).as("%s is on disk", routed.item.position).isTrue();
      routed.item.promised = true;
    }
  }

  // Consuming.

  void subscribe(QueueChronicle chronicle) {
    boolean noAck = random.nextInt(5) == 0;
    int prefetch = random.nextInt(3) == 0 ? 0 : random.nextInt(1, 40);
    int priority = random.nextInt(2);
    Consumer consumer =
        new Consumer(chronicle.queue(), this, noAck, false, prefetch, priority, false);
    if (noAck) {
      chronicle.messagesMayVanish();
    }
    var reply =
        questions.<SubscribeReply>ask(
            loop(),
            name + " subscribes",
            answer -> {
              if (answer == SubscribeReply.OK) {
                subscriptions.put(consumer, new Subscription(chronicle));
              }
            });
    loop().send(chronicle.queue().loop(), new QueueCommand.Subscribe(consumer, reply));
  }

  @Override
  public void deliver(DeliveryBatch batch) {
    Consumer consumer = batch.consumer();
    Subscription subscription = subscriptions.get(consumer);
    assertThat(subscription).as("%s subscribed", name).isNotNull();
    for (int i = 0; i < batch.count(); i++) {
      Item item =
          subscription.chronicle.delivered(
              batch.position(i),
              batch.message(i),
              batch.redelivered(i),
              consumer.noAck(),
              consumer);
      bodies.received(batch.message(i));
      if (!consumer.noAck()) {
        subscription.outstanding.add(new Held(subscription.chronicle, consumer, item));
      }
    }
    subscription.unwritten.add(batch);
    if (random.nextBoolean()) {
      write();
    }
  }

  /** The socket takes what some consumers got. */
  void write() {
    for (Subscription subscription : subscriptions.values()) {
      DeliveryBatch batch = random.nextBoolean() ? subscription.unwritten.poll() : null;
      if (batch != null) {
        batch.flushedToClient();
      }
    }
  }

  /** Settles all and writes all: nothing but the queues keeps messages from coming. */
  void serve() {
    for (Subscription subscription : subscriptions.values()) {
      while (!subscription.unwritten.isEmpty()) {
        subscription.unwritten.remove().flushedToClient();
      }
    }
    while (holdsDeliveries()) {
      settle(takeHeld(), Settlement.ACKED);
    }
  }

  /** Whether none of its consumers may get more from a queue. */
  boolean isBlocked(QueueChronicle chronicle) {
    return subscriptions.entrySet().stream()
        .filter(entry -> entry.getValue().chronicle == chronicle && !entry.getValue().ended)
        .allMatch(entry -> isBlocked(entry.getKey(), entry.getValue()));
  }

  /** Whether a consumer is blocked, which may be the single active one. */
  boolean hasBlocked(QueueChronicle chronicle) {
    return subscriptions.entrySet().stream()
        .filter(entry -> entry.getValue().chronicle == chronicle && !entry.getValue().ended)
        .anyMatch(entry -> isBlocked(entry.getKey(), entry.getValue()));
  }

  private static boolean isBlocked(Consumer consumer, Subscription subscription) {
    return subscription.unwritten.size() == 2
        || (!consumer.noAck()
            && consumer.prefetch() > 0
            && subscription.outstanding.size() >= consumer.prefetch());
  }

  void unsubscribe() {
    for (var entry : subscriptions.entrySet()) {
      if (!entry.getValue().ended && random.nextInt(3) == 0) {
        unsubscribe(entry.getKey(), entry.getValue());
        return;
      }
    }
  }

  private void unsubscribe(Consumer consumer, Subscription subscription) {
    subscription.ended = true;
    var reply = questions.<Boolean>ask(loop(), name + " unsubscribes", _ -> {});
    loop().send(consumer.queue().loop(), new QueueCommand.Unsubscribe(consumer, reply));
  }

  void unsubscribeAll() {
    subscriptions.forEach(
        (consumer, subscription) -> {
          if (!subscription.ended) {
            unsubscribe(consumer, subscription);
          }
        });
  }

  @Override
  public void wants(Consumer consumer) {
    throw new AssertionError(name + " has no limit");
  }

  @Override
  public void unused(Consumer consumer, int grants) {
    throw new AssertionError(name + " granted nothing");
  }

  @Override
  public void cancelled(Consumer consumer) {
    Subscription subscription = subscriptions.get(consumer);
    assertThat(subscription).isNotNull();
    assertThat(subscription.chronicle.isSealed()).as("%s cancelled for a reason", name).isTrue();
    subscription.ended = true;
  }

  void get(QueueChronicle chronicle, boolean noAck) {
    if (noAck) {
      chronicle.messagesMayVanish();
    }
    Object receiver = name + " gets";
    var reply =
        questions.<GetReply>ask(
            loop(),
            name + " gets",
            answer -> {
              if (answer instanceof GetReply.Got found) {
                Item item =
                    chronicle.delivered(
                        found.position(), found.message(), found.redelivered(), noAck, receiver);
                bodies.received(found.message());
                if (!noAck) {
                  got.add(new Held(chronicle, null, item));
                }
              }
            });
    loop().send(chronicle.queue().loop(), new QueueCommand.Get(chronicle.queue(), noAck, reply));
  }

  boolean holdsDeliveries() {
    return !got.isEmpty()
        || subscriptions.values().stream().anyMatch(one -> !one.outstanding.isEmpty());
  }

  /** Any delivery it holds, often the oldest of a consumer. */
  private Held takeHeld() {
    List<List<Held>> all = new ArrayList<>();
    all.add(got);
    subscriptions.values().forEach(one -> all.add(one.outstanding));
    all.removeIf(List::isEmpty);
    List<Held> held = all.get(random.nextInt(all.size()));
    return held.remove(random.nextInt(2) * random.nextInt(held.size()));
  }

  void settleSome() {
    for (int i = random.nextInt(1, 12); i > 0 && holdsDeliveries(); i--) {
      settle(takeHeld(), SimulatedSubscriber.anySettlement(random));
    }
  }

  private void settle(Held held, Settlement settlement) {
    held.chronicle.settled(held.item, settlement);
    settling =
        SettleBatch.open(settling, loop(), held.chronicle.queue(), held.consumer, settlement);
    settling.add(held.item.position);
  }

  // At rest, and between two lives.

  void verifyRest() {
    assertThat(awaited).as("never accepted for %s", name).isEmpty();
    assertThat(waitsForRoom).as("%s waits for room", name).isFalse();
    transactions.clear();
  }

  /** The node has ended: of each transaction everything is there, or nothing. */
  void verifyTransactions() {
    transactions.forEach(this::verify);
  }

  private void verify(Transaction transaction) {
    List<String> done = new ArrayList<>();
    List<String> undone = new ArrayList<>();
    if (transaction.confirmed) {
      done.add("told so");
    }
    for (Routed routed : transaction.published) {
      Item item = routed.item;
      if (item.kept && !routed.chronicle.isSealed() && item.state != QueueChronicle.State.DROPPED) {
        boolean appended =
            item.position >= 0 && store.disk().wasAppended(routed.chronicle.id(), item.position);
        (appended ? done : undone).add("publish to " + routed.chronicle.id());
      }
    }
    for (Held held : transaction.acked) {
      long queueId = held.chronicle.id();
      // One that was lost itself does not tell.
      if (held.item.kept
          && !held.chronicle.isSealed()
          && store.disk().wasAppended(queueId, held.item.position)) {
        boolean present = store.disk().lasting(queueId).containsKey(held.item.position);
        (present ? undone : done).add("ack of " + held.item.position);
      }
    }
    assertThat(done.isEmpty() || undone.isEmpty())
        .as("a transaction of %s: %s happened, %s did not", name, done, undone)
        .isTrue();
  }
}
