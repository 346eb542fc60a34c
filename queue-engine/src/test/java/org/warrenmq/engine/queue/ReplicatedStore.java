package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.warrenmq.engine.queue.Replica.Turn;
import org.warrenmq.store.TurnWrites;
import org.warrenmq.store.WriteRequest;
import org.warrenmq.store.WriteRequest.OfBody;
import org.warrenmq.store.WriteRequest.OfQueue;
import org.warrenmq.store.WriteRequest.Refer;

/**
 * A store whose turns reach a {@link Replica} as entries of a term; offers it, now and then, what
 * it must refuse. What is said of bodies alone is nobody's term: who holds one goes on when queues
 * are led by another. On the test's thread.
 */
final class ReplicatedStore extends SimulatedStore {
  private final SplittableRandom random;
  private final Replica replica;

  /** Sees what queues hand over, before any mail of that turn leaves. */
  private final Consumer<List<WriteRequest>> watcher;

  /** The last one that was taken, of each term. */
  private final List<Turn> earlier = new ArrayList<>();

  private long term;
  private long number;
  private boolean led = true;

  ReplicatedStore(SplittableRandom random, Consumer<List<WriteRequest>> watcher) {
    super(random);
    this.random = random;
    this.watcher = watcher;
    this.replica = new Replica(disk());
  }

  @Override
  public void submit(TurnWrites turn) {
    boolean ofQueues =
        turn.completion() != null || turn.requests().stream().anyMatch(ReplicatedStore::isOfQueue);
    assertThat(ofQueues && !led).as("%s, and nobody leads", turn).isFalse();
    watcher.accept(turn.requests());
    super.submit(turn);
  }

  private static boolean isOfQueue(WriteRequest request) {
    return request instanceof OfQueue || request instanceof Refer;
  }

  @Override
  void apply(TurnWrites turn) {
    List<WriteRequest> requests = turn.requests();
    Turn next = new Turn(term, number + 1, requests.size(), requests);
    if (random.nextInt(50) == 0) {
      offerWrong(next);
    }
    assertThat(replica.apply(next)).as("the next turn is taken").isTrue();
    number++;
    if (!earlier.isEmpty() && earlier.getLast().term() == term) {
      earlier.removeLast();
    }
    earlier.add(next);
  }

  private void offerWrong(Turn next) {
    SimulatedDisk before = disk().copy();
    List<Turn> wrong = new ArrayList<>(earlier);
    List<WriteRequest> requests = next.requests();
    if (!requests.isEmpty()) {
      List<WriteRequest> some = requests.subList(0, random.nextInt(requests.size()));
      wrong.add(new Turn(term, next.number(), next.count(), some));
    }
    wrong.add(new Turn(term - 1, next.number(), next.count(), requests));
    wrong.add(new Turn(term, next.number() + 1, next.count(), requests));
    wrong.add(new Turn(term, next.number() - 1, next.count(), requests));
    for (Turn turn : wrong) {
      assertThat(replica.apply(turn)).as("%s is taken, after %s", turn, number).isFalse();
      assertThat(disk().holdsTheSameAs(before)).as("%s changes nothing", turn).isTrue();
    }
  }

  /** The queues are led no more: nothing may be written of them. */
  void leave() {
    led = false;
  }

  /** Somebody else leads: what he finds is what of the turns under way was taken by then. */
  void changeLeader() {
    List<WriteRequest> ofBodies = new ArrayList<>();
    for (TurnWrites turn : cutOff()) {
      turn.requests().stream()
          .filter(request -> request instanceof OfBody && !(request instanceof Refer))
          .forEach(ofBodies::add);
    }
    replica.enter(++term);
    apply(TurnWrites.unsynced(ofBodies));
    disk().openAgain();
    led = true;
  }

  @Override
  public boolean isSafe(long queueId, long position) {
    return disk().wasAppended(queueId, position);
  }

  /** What was taken is safe. */
  @Override
  public void sync() {}
}
