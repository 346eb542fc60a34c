package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.AcceptedBatch;
import org.warrenmq.engine.home.Commit;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.QueueCommand.GetReply;
import org.warrenmq.engine.queue.QueueCommand.Publish;

/**
 * A channel that goes on while its queues are led by one node after the other: holds confirms
 * against what was taken. On the test's thread.
 */
final class SuccessionChannel extends ChannelInSimulation<ReplicatedQueue, ReplicatedItem> {
  private final SimulatedDisk disk;
  private final Map<Long, Publication> awaited = new LinkedHashMap<>();

  /** Deliveries of another leader: to settle them is in vain. */
  private final List<Held<ReplicatedQueue, ReplicatedItem>> past = new ArrayList<>();

  private long lastSequence;
  private long charged;

  /** A message for one queue or several, with one answer from each; or a commit, with one. */
  private static final class Publication {
    final List<Routed> routed;

    /** Answers that it gets. */
    final int parts;

    final long cost;
    final int term;
    int accepted;
    int refused;

    /** The queues it went to have left; what comes now must have been passed on. */
    boolean past;

    int passedOn;
    int late;
    boolean dropped;

    Publication(List<Routed> routed, int parts, long cost) {
      this.routed = routed;
      this.parts = parts;
      this.cost = cost;
      this.term = routed.getFirst().queue.term();
    }

    int answers() {
      return accepted + refused;
    }
  }

  private record Routed(ReplicatedQueue queue, Message message) {}

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
      send(target.address(), message, told, sequence);
    }
    long cost = Publish.cost(message);
    if (confirm) {
      List<Routed> routed = targets.stream().map(queue -> new Routed(queue, message)).toList();
      awaited.put(sequence, new Publication(routed, targets.size(), cost));
      charged += cost * targets.size();
    }
  }

  /** Publishes messages to any of the queues, and acks some of what it holds. */
  void commit(List<ReplicatedQueue> queues, List<Message> messages) {
    List<Routed> routed = new ArrayList<>();
    for (Message message : messages) {
      routed.add(new Routed(queues.get(random.nextInt(queues.size())), message));
    }
    Publication publication = new Publication(routed, 1, 0);
    // Nobody hears of it then.
    publication.past = queues.getFirst().hasLeft();
    awaited.put(++lastSequence, publication);
    Commit.send(
        home.store(),
        List.of(queues.getFirst().address().home()),
        this,
        lastSequence,
        () -> {
          routed.forEach(one -> send(one.queue.address(), one.message, null, 0));
          for (int i = random.nextInt(6); i > 0 && holdsDeliveries(); i--) {
            settle(takeHeld(), Settlement.ACKED);
          }
        });
  }

  private void send(QueueAddress queue, Message message, @Nullable Publisher told, long sequence) {
    loop().send(queue.loop(), new Publish(queue, message, told, sequence));
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

  private void answered(long sequence, Publication publication, boolean refused) {
    publication.refused += refused ? 1 : 0;
    publication.accepted += refused ? 0 : 1;
    List<Routed> routed = publication.routed;
    // What a commit says, it says of all.
    long accepted = (long) publication.accepted * routed.size() / publication.parts;
    long safe = routed.stream().filter(one -> one.queue.isSafe(one.message, disk)).count();
    assertThat(accepted).as("accept %s", sequence).isLessThanOrEqualTo(safe);
    if (publication.answers() == publication.parts) {
      awaited.remove(sequence);
      long here = routed.stream().filter(one -> one.queue.confirmed(one.message)).count();
      assertThat(here).as("queues that took %s", sequence).isGreaterThanOrEqualTo(accepted);
      assertThat(here == accepted || publication.parts < routed.size())
          .as("queues that took %s and did not say so", sequence)
          .isTrue();
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
      Subscription<ReplicatedQueue, ReplicatedItem> subscription,
      Consumer consumer,
      long position,
      Message message,
      boolean redelivered) {
    if (subscription.past) {
      subscription.queue.deliveredLate(consumer.queue(), position, message);
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
            int answered = queue.answeredIn(asked);
            if (answered < queue.term()) {
              queue.deliveredLate(answered, found.position(), found.message());
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
  void unsubscribe(Consumer consumer, Subscription<ReplicatedQueue, ReplicatedItem> subscription) {
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
    List<Map.Entry<Consumer, Subscription<ReplicatedQueue, ReplicatedItem>>> old =
        subscriptions.entrySet().stream().filter(one -> !one.getValue().past).toList();
    for (var entry : old) {
      Consumer consumer = entry.getKey();
      Subscription<ReplicatedQueue, ReplicatedItem> subscription = entry.getValue();
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
    for (Subscription<ReplicatedQueue, ReplicatedItem> subscription : subscriptions.values()) {
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
          unanswered.add(publication.routed.getFirst().message);
          charged -= publication.cost * (publication.parts - publication.answers());
        });
    awaited.clear();
    assertThat(charged).as("what %s is charged with", name).isZero();
    for (Subscription<ReplicatedQueue, ReplicatedItem> subscription : subscriptions.values()) {
      assertThat(subscription.granted).as("grants of %s that nobody has", name).isZero();
    }
    subscriptions.values().removeIf(subscription -> subscription.past);
    past.clear();
    return unanswered;
  }
}
