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
import org.warrenmq.engine.home.AcceptedBatch;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.QueueCommand.GetReply;
import org.warrenmq.engine.queue.QueueCommand.Publish;
import org.warrenmq.engine.queue.QueueCommand.SubscribeReply;
import org.warrenmq.engine.queue.ReplicatedQueue.Item;

/**
 * A channel that goes on while its queues are led by one node after the other: holds confirms
 * against what was taken, and accounts for what it granted. On the test's thread.
 */
final class SuccessionChannel implements Publisher, Subscriber {
  private final String name;
  private final HandLoop home;
  private final SimulatedDisk disk;
  private final Questions questions;
  private final SplittableRandom random;
  private final LargeBodies bodies;
  private final Map<Long, Publication> awaited = new LinkedHashMap<>();
  private final Map<Consumer, Subscription> subscriptions = new LinkedHashMap<>();
  private final List<Held> got = new ArrayList<>();

  /** Deliveries of another leader: to settle them is in vain. */
  private final List<Held> past = new ArrayList<>();

  private final Map<ReplicatedQueue, SettleBatch> settling = new HashMap<>();
  private long lastSequence;
  private long charged;

  /** A message for one queue or several, with one answer from each. */
  private static final class Publication {
    final Message message;
    final List<ReplicatedQueue> targets;
    final long cost;
    final int term;
    int accepted;
    int refused;

    /** The queues it went to have left; what comes now must have been passed on. */
    boolean past;

    int passedOn;
    int late;
    boolean dropped;

    Publication(Message message, List<ReplicatedQueue> targets, long cost) {
      this.message = message;
      this.targets = targets;
      this.cost = cost;
      this.term = targets.getFirst().term();
    }
  }

  private record Held(
      ReplicatedQueue queue, QueueAddress address, @Nullable Consumer consumer, Item item) {}

  private static final class Subscription {
    final ReplicatedQueue queue;
    final ArrayDeque<DeliveryBatch> unwritten = new ArrayDeque<>();
    final List<Held> outstanding = new ArrayList<>();
    final int limit;
    int granted;
    boolean wants;
    boolean ended;

    /** Its queue is led by another. */
    boolean past;

    Subscription(ReplicatedQueue queue, int limit) {
      this.queue = queue;
      this.limit = limit;
    }
  }

  SuccessionChannel(
      String name,
      HandLoop home,
      SimulatedDisk disk,
      Questions questions,
      SplittableRandom random) {
    this.name = name;
    this.home = home;
    this.disk = disk;
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

  void publish(List<ReplicatedQueue> targets, Message message) {
    boolean confirm = random.nextInt(4) > 0;
    long sequence = confirm ? ++lastSequence : 0;
    Publisher told = confirm ? this : null;
    home.store().bodies().hold(message.content().body(), targets.size() - 1);
    for (ReplicatedQueue target : targets) {
      QueueAddress queue = target.address();
      loop().send(queue.loop(), new Publish(queue, message, told, sequence));
    }
    long cost = Publish.cost(message);
    if (confirm) {
      awaited.put(sequence, new Publication(message, targets, cost));
      charged += cost * targets.size();
    }
  }

  @Override
  public void accepted(AcceptedBatch batch) {
    charged -= batch.cost();
    long owed = 0;
    for (int i = 0; i < batch.count(); i++) {
      Publication publication = awaited.get(batch.sequence(i));
      assertThat(publication).as("%s waits for %s", name, batch.sequence(i)).isNotNull();
      if (publication.past) {
        assertThat(++publication.late)
            .as("answers to %s of %s after its queue left", batch.sequence(i), name)
            .isLessThanOrEqualTo(publication.passedOn);
      }
      owed += publication.cost;
      answered(batch.sequence(i), publication, batch.isRejected(i));
    }
    assertThat(batch.cost()).as("what %s is charged with", name).isEqualTo(owed);
  }

  private static int answers(Publication publication) {
    return publication.accepted + publication.refused;
  }

  private void answered(long sequence, Publication publication, boolean refused) {
    publication.refused += refused ? 1 : 0;
    publication.accepted += refused ? 0 : 1;
    Message message = publication.message;
    long safe = publication.targets.stream().filter(q -> q.isSafe(message, disk)).count();
    assertThat((long) publication.accepted).as("accept %s", sequence).isLessThanOrEqualTo(safe);
    if (answers(publication) == publication.targets.size()) {
      awaited.remove(sequence);
      long here = publication.targets.stream().filter(q -> q.confirmed(message)).count();
      assertThat(here).as("queues that took %s", sequence).isEqualTo(publication.accepted);
    }
  }

  /** The queues have left; behind everything that they had to say. */
  void queuesLeft(int term) {
    awaited.values().forEach(publication -> publication.past |= publication.term <= term);
  }

  /** A queue gets the message from the one before it. */
  void passedOn(long sequence) {
    Publication publication = awaited.get(sequence);
    assertThat(publication).isNotNull();
    publication.passedOn++;
  }

  /** What it published came to nobody. */
  void dropped(long sequence) {
    Publication publication = awaited.get(sequence);
    assertThat(publication).isNotNull();
    publication.dropped = true;
  }

  // Consuming.

  void subscribe(ReplicatedQueue queue) {
    boolean noAck = random.nextInt(5) == 0;
    int prefetch = random.nextInt(3) == 0 ? 0 : random.nextInt(1, 40);
    int limit = random.nextInt(3) == 0 ? random.nextInt(1, 20) : 0;
    subscribe(queue, noAck, prefetch, random.nextInt(2), limit);
  }

  /** With one that gets all there is. */
  void subscribeToAll(ReplicatedQueue queue) {
    subscribe(queue, false, 0, 9, 0);
  }

  private void subscribe(
      ReplicatedQueue queue, boolean noAck, int prefetch, int priority, int limit) {
    Consumer consumer =
        new Consumer(queue.address(), this, noAck, false, prefetch, priority, limit > 0);
    Subscription subscription = new Subscription(queue, limit);
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

  @Override
  public void deliver(DeliveryBatch batch) {
    Consumer consumer = batch.consumer();
    Subscription subscription = subscriptions.get(consumer);
    assertThat(subscription).as("%s subscribed", name).isNotNull();
    ReplicatedQueue queue = subscription.queue;
    subscription.granted -= batch.granted();
    for (int i = 0; i < batch.count(); i++) {
      Message message = batch.message(i);
      if (subscription.past) {
        queue.deliveredLate(batch.position(i), message);
      } else {
        Item item =
            queue.delivered(
                batch.position(i), message, batch.redelivered(i), consumer.noAck(), consumer);
        if (!consumer.noAck()) {
          subscription.outstanding.add(new Held(queue, consumer.queue(), consumer, item));
        }
      }
      bodies.received(message);
    }
    assertThat(
            consumer.prefetch() == 0
                || consumer.noAck()
                || subscription.outstanding.size() <= consumer.prefetch())
        .isTrue();
    assertThat(subscription.granted).as("grants of %s", name).isNotNegative();
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

  @Override
  public void wants(Consumer consumer) {
    Subscription subscription = subscriptions.get(consumer);
    assertThat(subscription).isNotNull();
    subscription.wants = true;
    grant(consumer, subscription);
  }

  @Override
  public void unused(Consumer consumer, int grants) {
    Subscription subscription = subscriptions.get(consumer);
    assertThat(subscription).isNotNull();
    subscription.granted -= grants;
    assertThat(subscription.granted).as("grants of %s", name).isNotNegative();
    grant(consumer, subscription);
  }

  private void grant(Consumer consumer, Subscription subscription) {
    int free = subscription.limit - subscription.outstanding.size() - subscription.granted;
    if (subscription.wants && free > 0) {
      subscription.wants = false;
      int share = random.nextInt(1, free + 1);
      subscription.granted += share;
      loop().send(consumer.queue().loop(), new QueueCommand.Grant(consumer, share));
    }
  }

  @Override
  public void cancelled(Consumer consumer) {
    throw new AssertionError(name + " is cancelled without reason");
  }

  void get(ReplicatedQueue queue, boolean noAck) {
    int asked = queue.term();
    QueueAddress address = queue.address();
    String who = name + " gets";
    var reply =
        questions.<GetReply>ask(
            loop(),
            who,
            answer -> {
              assertThat(answer).isNotInstanceOf(GetReply.Gone.class);
              if (answer instanceof GetReply.Got found) {
                Message message = found.message();
                if (queue.isLate(asked)) {
                  queue.deliveredLate(found.position(), message);
                } else if (queue.hasLeft()) {
                  queue.deliveredAtLast(found.position(), message);
                } else {
                  Item item =
                      queue.delivered(found.position(), message, found.redelivered(), noAck, who);
                  if (!noAck) {
                    got.add(new Held(queue, queue.address(), null, item));
                  }
                }
                bodies.received(message);
              }
            });
    loop().send(address.loop(), new QueueCommand.Get(address, noAck, reply));
  }

  boolean holdsDeliveries() {
    return !got.isEmpty()
        || subscriptions.values().stream().anyMatch(one -> !one.outstanding.isEmpty());
  }

  /** Settles some of what it holds, and now and then what another leader delivered. */
  void settleSome() {
    if (!past.isEmpty() && random.nextInt(3) == 0) {
      Held held = past.remove(random.nextInt(past.size()));
      send(held, SimulatedSubscriber.anySettlement(random));
    }
    for (int i = random.nextInt(1, 12); i > 0 && holdsDeliveries(); i--) {
      settle(takeHeld(), SimulatedSubscriber.anySettlement(random));
    }
    subscriptions.forEach(this::grant);
  }

  private Held takeHeld() {
    List<List<Held>> all = new ArrayList<>(List.of(got));
    subscriptions.values().forEach(one -> all.add(one.outstanding));
    all.removeIf(List::isEmpty);
    List<Held> held = all.get(random.nextInt(all.size()));
    return held.remove(random.nextInt(2) * random.nextInt(held.size()));
  }

  private void settle(Held held, Settlement settlement) {
    held.queue.settled(held.item, settlement);
    send(held, settlement);
  }

  private void send(Held held, Settlement settlement) {
    SettleBatch batch =
        SettleBatch.open(settling.get(held.queue), loop(), held.address, held.consumer, settlement);
    settling.put(held.queue, batch);
    batch.add(held.item.position);
  }

  /** Ends a consumer, or closes it: then it is answered when everything of it came back. */
  void unsubscribe() {
    for (var entry : subscriptions.entrySet()) {
      Subscription subscription = entry.getValue();
      if (!subscription.ended && !subscription.past && random.nextInt(3) == 0) {
        Consumer consumer = entry.getKey();
        if (random.nextBoolean()) {
          loop().send(consumer.queue().loop(), new QueueCommand.Stop(consumer));
        }
        unsubscribe(consumer, subscription);
        return;
      }
    }
  }

  void unsubscribeAll() {
    subscriptions.forEach(
        (consumer, subscription) -> {
          if (!subscription.ended && !subscription.past) {
            unsubscribe(consumer, subscription);
          }
        });
  }

  private void unsubscribe(Consumer consumer, Subscription subscription) {
    subscription.ended = true;
    var reply = questions.<Boolean>ask(loop(), name + " unsubscribes", _ -> {});
    loop().send(consumer.queue().loop(), new QueueCommand.Unsubscribe(consumer, reply));
  }

  // Succession.

  /** The queues are led by somebody else: its consumers subscribe there anew, or do not. */
  void queuesOpened() {
    past.addAll(got);
    got.clear();
    List<Map.Entry<Consumer, Subscription>> old =
        subscriptions.entrySet().stream().filter(one -> !one.getValue().past).toList();
    for (var entry : old) {
      Consumer consumer = entry.getKey();
      Subscription subscription = entry.getValue();
      subscription.past = true;
      past.addAll(subscription.outstanding);
      subscription.outstanding.clear();
      if (!subscription.ended && random.nextInt(4) > 0) {
        subscribe(
            subscription.queue,
            consumer.noAck(),
            consumer.prefetch(),
            consumer.priority(),
            subscription.limit);
      }
    }
  }

  // At rest.

  /** Those whose end waits for their deliveries get rid of them. */
  void settleEnded() {
    for (Subscription subscription : subscriptions.values()) {
      while (subscription.ended && !subscription.outstanding.isEmpty()) {
        settle(subscription.outstanding.removeFirst(), Settlement.UNDELIVERED);
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
    subscriptions.forEach(this::grant);
  }

  /** Whether none of its consumers may get more from a queue. */
  boolean isBlocked(ReplicatedQueue queue) {
    return subscriptions.entrySet().stream()
        .filter(one -> isOf(queue, one.getValue()))
        .allMatch(one -> isBlocked(one.getKey(), one.getValue()));
  }

  boolean hasBlocked(ReplicatedQueue queue) {
    return subscriptions.entrySet().stream()
        .filter(one -> isOf(queue, one.getValue()))
        .anyMatch(one -> isBlocked(one.getKey(), one.getValue()));
  }

  private static boolean isOf(ReplicatedQueue queue, Subscription subscription) {
    return subscription.queue == queue && !subscription.ended && !subscription.past;
  }

  private static boolean isBlocked(Consumer consumer, Subscription subscription) {
    int held = subscription.outstanding.size();
    return subscription.unwritten.size() == 2
        || (!consumer.noAck() && consumer.prefetch() > 0 && held >= consumer.prefetch())
        || (subscription.limit > 0 && held + subscription.granted >= subscription.limit);
  }

  /** Returns what was never answered, as the queue had left: it may be published again. */
  List<Message> verifyRest() {
    List<Message> unanswered = new ArrayList<>();
    awaited.forEach(
        (sequence, publication) -> {
          boolean mayBe = publication.past || publication.dropped;
          assertThat(mayBe).as("%s of %s is never answered", sequence, name).isTrue();
          unanswered.add(publication.message);
          charged -= publication.cost * (publication.targets.size() - answers(publication));
        });
    awaited.clear();
    assertThat(charged).as("what %s is charged with", name).isZero();
    for (Subscription subscription : subscriptions.values()) {
      assertThat(subscription.granted).as("grants of %s that nobody has", name).isZero();
    }
    subscriptions.values().removeIf(subscription -> subscription.past);
    past.clear();
    return unanswered;
  }
}
