package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.AcceptedBatch;
import org.warrenmq.engine.home.Commit;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.QueueChronicle.Item;
import org.warrenmq.engine.queue.QueueCommand.GetReply;

/**
 * A channel of a node with a store: publishes and commits, and holds every confirm against what is
 * on disk. On the test's thread.
 */
final class StoringChannel extends ChannelInSimulation<QueueChronicle, Item> {
  private final StoreInSimulation store;
  private final Map<Long, Publication> awaited = new HashMap<>();

  /** Commits since all was at rest. */
  private final List<Transaction> transactions = new ArrayList<>();

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

  /** What was committed. */
  private static final class Transaction {
    final List<Routed> published = new ArrayList<>();
    final List<Held<QueueChronicle, Item>> acked = new ArrayList<>();
    boolean confirmed;
  }

  StoringChannel(
      String name,
      HandLoop home,
      StoreInSimulation store,
      Questions questions,
      SplittableRandom random) {
    super(name, home, questions, random);
    this.store = store;
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
    QueueAddress queue = target.address();
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
    targets.forEach(target -> loops.add(target.address().home()));
    for (int i = random.nextInt(6); i > 0 && holdsDeliveries(); i--) {
      Held<QueueChronicle, Item> held = takeHeld();
      loops.add(held.address().home());
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
      for (Held<QueueChronicle, Item> held : transaction.acked) {
        assertThat(store.disk().lasting(held.queue().id()))
            .as("what was acked in queue %s", held.queue().id())
            .doesNotContainKey(held.position());
      }
    }
    for (Routed routed : transaction == null ? publication.routed : transaction.published) {
      assertThat(isSafe(routed)).as("%s is on disk", routed.item.position).isTrue();
      routed.item.promised = true;
    }
  }

  // Consuming.

  @Override
  void subscribe(QueueChronicle queue, boolean noAck, int prefetch, int priority, int limit) {
    if (noAck) {
      queue.messagesMayVanish();
    }
    super.subscribe(queue, noAck, prefetch, priority, limit);
  }

  @Override
  public void cancelled(Consumer consumer) {
    Subscription<QueueChronicle, Item> subscription = subscription(consumer);
    assertThat(subscription.queue.isSealed()).as("%s cancelled for a reason", name).isTrue();
    subscription.ended = true;
  }

  void get(QueueChronicle queue, boolean noAck) {
    if (noAck) {
      queue.messagesMayVanish();
    }
    get(
        queue,
        noAck,
        answer -> {
          if (answer instanceof GetReply.Got found) {
            got(queue, found, noAck);
            bodies().received(found.message());
          }
        });
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
    for (Held<QueueChronicle, Item> held : transaction.acked) {
      long queueId = held.queue().id();
      // One that was lost itself does not tell.
      if (held.item().kept
          && !held.queue().isSealed()
          && store.disk().wasAppended(queueId, held.position())) {
        boolean present = store.disk().lasting(queueId).containsKey(held.position());
        (present ? undone : done).add("ack of " + held.position());
      }
    }
    assertThat(done.isEmpty() || undone.isEmpty())
        .as("a transaction of %s: %s happened, %s did not", name, done, undone)
        .isTrue();
  }
}
