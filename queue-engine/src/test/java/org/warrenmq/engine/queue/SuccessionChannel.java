package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.warrenmq.engine.home.AcceptedBatch;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.QueueCommand.GetReply;
import org.warrenmq.engine.queue.QueueCommand.Publish;
import org.warrenmq.engine.queue.ReplicatedQueue.Item;

/**
 * A channel that goes on while its queues are led by one node after the other: holds confirms
 * against what was taken. On the test's thread.
 */
final class SuccessionChannel extends ChannelInSimulation<ReplicatedQueue, Item> {
  private final SimulatedDisk disk;
  private final Map<Long, Publication> awaited = new LinkedHashMap<>();

  /** Deliveries of another leader: to settle them is in vain. */
  private final List<Held<ReplicatedQueue, Item>> past = new ArrayList<>();

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

  SuccessionChannel(
      String name,
      HandLoop home,
      SimulatedDisk disk,
      Questions questions,
      SplittableRandom random) {
    super(name, home, questions, random);
    this.disk = disk;
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

  /** With one that gets all there is. */
  void subscribeToAll(ReplicatedQueue queue) {
    subscribe(queue, false, 0, 9, 0);
  }

  @Override
  void delivered(
      Subscription<ReplicatedQueue, Item> subscription,
      Consumer consumer,
      long position,
      Message message,
      boolean redelivered) {
    if (subscription.past) {
      subscription.queue.deliveredLate(position, message);
    } else {
      super.delivered(subscription, consumer, position, message, redelivered);
    }
  }

  @Override
  public void cancelled(Consumer consumer) {
    throw new AssertionError(name + " is cancelled without reason");
  }

  void get(ReplicatedQueue queue, boolean noAck) {
    int asked = queue.term();
    get(
        queue,
        noAck,
        answer -> {
          assertThat(answer).isNotInstanceOf(GetReply.Gone.class);
          if (answer instanceof GetReply.Got found) {
            if (queue.isLate(asked)) {
              queue.deliveredLate(found.position(), found.message());
            } else if (queue.hasLeft()) {
              queue.deliveredAtLast(found.position(), found.message());
            } else {
              got(queue, found, noAck);
            }
            bodies().received(found.message());
          }
        });
  }

  /** Settles some of what it holds, and now and then what another leader delivered. */
  @Override
  void settleSome() {
    if (!past.isEmpty() && random.nextInt(3) == 0) {
      send(past.remove(random.nextInt(past.size())), SimulatedSubscriber.anySettlement(random));
    }
    super.settleSome();
  }

  /** Ends a consumer, or closes it: then it is answered when everything of it came back. */
  @Override
  void unsubscribe(Consumer consumer, Subscription<ReplicatedQueue, Item> subscription) {
    if (random.nextBoolean()) {
      loop().send(consumer.queue().loop(), new QueueCommand.Stop(consumer));
    }
    super.unsubscribe(consumer, subscription);
  }

  // Succession.

  /** The queues are led by somebody else: its consumers subscribe there anew, or do not. */
  void queuesOpened() {
    past.addAll(got);
    got.clear();
    List<Map.Entry<Consumer, Subscription<ReplicatedQueue, Item>>> old =
        subscriptions.entrySet().stream().filter(one -> !one.getValue().past).toList();
    for (var entry : old) {
      Consumer consumer = entry.getKey();
      Subscription<ReplicatedQueue, Item> subscription = entry.getValue();
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
    for (Subscription<ReplicatedQueue, Item> subscription : subscriptions.values()) {
      while (subscription.ended && !subscription.outstanding.isEmpty()) {
        settle(subscription.outstanding.removeFirst(), Settlement.UNDELIVERED);
      }
    }
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
    for (Subscription<ReplicatedQueue, Item> subscription : subscriptions.values()) {
      assertThat(subscription.granted).as("grants of %s that nobody has", name).isZero();
    }
    subscriptions.values().removeIf(subscription -> subscription.past);
    past.clear();
    return unanswered;
  }
}
