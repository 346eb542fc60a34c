package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.HandRoom;
import org.warrenmq.engine.loop.RecordedErrors;
import org.warrenmq.engine.loop.SeededRuns;
import org.warrenmq.engine.queue.QueueCommand.Get;
import org.warrenmq.engine.queue.QueueCommand.GetReply;
import org.warrenmq.engine.queue.QueueCommand.Inspect;
import org.warrenmq.engine.queue.QueueCommand.Purge;
import org.warrenmq.engine.queue.QueueCommand.QueueStatus;
import org.warrenmq.engine.queue.QueueCommand.Seal;
import org.warrenmq.engine.queue.QueueCommand.SealReply;

/**
 * One run of publishers, subscribers and queues on two or three loops, in an order that the seed
 * decides; everything runs on the test's thread. What each took part in is checked on the spot, the
 * whole at the end, when all mail has been opened.
 */
final class RoomSimulation {
  private static final int MAX_QUEUES = 6;
  private static final int MAX_SUBSCRIBERS = 12;

  private final SplittableRandom random;
  private final SeededRuns.Trace trace;
  private final List<HandLoop> loops = new ArrayList<>();
  private final HandRoom topology = new HandRoom();
  private final Questions questions = new Questions();
  private final List<QueueLedger> queues = new ArrayList<>();
  private final List<SimulatedPublisher> publishers = new ArrayList<>();
  private final List<SimulatedSubscriber> subscribers = new ArrayList<>();

  /** Messages taken singly and not settled, by the loop of the channel that took them. */
  private final Map<HandLoop, List<Taken>> taken = new HashMap<>();

  private final Map<HandLoop, SettleBatch> settlingGets = new HashMap<>();

  private record Taken(QueueLedger ledger, long position) {}

  RoomSimulation(SplittableRandom random, SeededRuns.Trace trace) {
    this.random = random;
    this.trace = trace;
    for (int i = random.nextInt(2, 4); i > 0; i--) {
      HandLoop loop = new HandLoop(null, Long.MAX_VALUE, HandLoop.restlessClock(random.split()));
      loops.add(loop);
      taken.put(loop, new ArrayList<>());
    }
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      publishers.add(new SimulatedPublisher("p" + i, anyLoop()));
    }
  }

  void run(int steps) {
    declare();
    for (int i = 0; i < steps; i++) {
      step();
      RecordedErrors.instance().rethrow();
    }
    trace.add("end");
    leaveAll();
    returnAll();
    settleToRest();
    subscribers.forEach(SimulatedSubscriber::verifyEnd);
    publishers.forEach(SimulatedPublisher::verifyEnd);
    queues.forEach(this::verifyEnd);
    assertThat(questions.open()).as("questions without answer").isEmpty();
  }

  private void step() {
    int dice = random.nextInt(1000);
    if (dice < 300) {
      publish();
    } else if (dice < 360) {
      subscribe();
    } else if (dice < 500) {
      settle();
    } else if (dice < 580) {
      write();
    } else if (dice < 640) {
      get();
    } else if (dice < 670) {
      settleGot();
    } else if (dice < 684) {
      leave();
    } else if (dice < 690) {
      limit();
    } else if (dice < 696) {
      purge();
    } else if (dice < 704) {
      seal();
    } else if (dice < 716) {
      declare();
    } else if (dice < 730) {
      inspect(queues.get(random.nextInt(queues.size())), _ -> {});
    } else if (dice < 750) {
      // A room does this before it asks the topology for something.
      anyLoop().rooms().postOutgoing();
    } else if (dice < 770) {
      topology.run();
    } else if (dice < 780) {
      rest();
    } else {
      int loop = random.nextInt(loops.size());
      trace.add("loop " + loop);
      loops.get(loop).run();
    }
  }

  private void declare() {
    if (queues.size() < MAX_QUEUES) {
      trace.add("declare " + queues.size());
      QueueTraits policy = new QueueTraits(false, random.nextInt(3) == 0, random.nextInt(4) == 0);
      queues.add(new QueueLedger(queues.size(), anyLoop(), topology, policy));
    }
  }

  private void publish() {
    SimulatedPublisher publisher = publishers.get(random.nextInt(publishers.size()));
    int count = random.nextInt(30) == 0 ? random.nextInt(20, 300) : random.nextInt(1, 4);
    trace.add("publish " + count);
    for (int i = 0; i < count; i++) {
      publisher.publish(queues.get(random.nextInt(queues.size())), random);
    }
  }

  private void subscribe() {
    if (subscribers.stream().filter(SimulatedSubscriber::canLeave).count() < MAX_SUBSCRIBERS) {
      QueueLedger ledger = queues.get(random.nextInt(queues.size()));
      String name = "s" + subscribers.size();
      trace.add("subscribe " + name + " to " + ledger.queue().id());
      var subscriber = new SimulatedSubscriber(name, anyLoop(), ledger, questions, random);
      subscribers.add(subscriber);
      subscriber.subscribe();
    }
  }

  private void settle() {
    SimulatedSubscriber subscriber = any(subscribers, SimulatedSubscriber::holdsDeliveries);
    if (subscriber != null) {
      trace.add("settle " + subscriber);
      subscriber.settleSome();
    }
  }

  private void write() {
    SimulatedSubscriber subscriber = any(subscribers, SimulatedSubscriber::hasUnwritten);
    if (subscriber != null) {
      trace.add("write " + subscriber);
      subscriber.write();
    }
  }

  private void leave() {
    SimulatedSubscriber subscriber = any(subscribers, SimulatedSubscriber::canLeave);
    if (subscriber != null && random.nextBoolean()) {
      trace.add("unsubscribe " + subscriber);
      subscriber.unsubscribe();
    } else if (subscriber != null) {
      trace.add("close " + subscriber);
      subscriber.close();
    }
  }

  private void limit() {
    SimulatedSubscriber subscriber = any(subscribers, SimulatedSubscriber::canLeave);
    if (subscriber != null) {
      trace.add("limit " + subscriber);
      subscriber.limit();
    }
  }

  private void get() {
    QueueLedger ledger = queues.get(random.nextInt(queues.size()));
    HandLoop home = anyLoop();
    boolean noAck = random.nextBoolean();
    trace.add("get from " + ledger.queue().id());
    get(
        ledger,
        home,
        noAck,
        got -> {
          if (got != null && !noAck) {
            taken.get(home).add(new Taken(ledger, got.position()));
          }
        });
  }

  private void get(
      QueueLedger ledger,
      HandLoop home,
      boolean noAck,
      java.util.function.Consumer<GetReply.@Nullable Got> then) {
    boolean gone = ledger.isKnownGone();
    var reply =
        questions.<GetReply>ask(
            home.rooms(),
            "get",
            answer -> {
              assertThat(!gone || answer instanceof GetReply.Gone).as("got from the dead").isTrue();
              if (answer instanceof GetReply.Got got) {
                ledger.delivered(got.position(), got.message(), got.redelivered(), noAck);
                then.accept(got);
              } else {
                then.accept(null);
              }
            });
    home.rooms().send(ledger.queue().loop(), new Get(ledger.queue(), noAck, reply));
  }

  private void settleGot() {
    HandLoop home = anyLoop();
    List<Taken> candidates = taken.get(home);
    if (!candidates.isEmpty()) {
      trace.add("settle what was got");
      settleGot(home, candidates.remove(random.nextInt(candidates.size())));
    }
  }

  private void settleGot(HandLoop home, Taken message) {
    Settlement settlement = SimulatedSubscriber.anySettlement(random);
    message.ledger.settled(message.position, settlement);
    SettleBatch batch =
        SettleBatch.open(
            settlingGets.get(home), home.rooms(), message.ledger.queue(), null, settlement);
    settlingGets.put(home, batch);
    batch.add(message.position);
  }

  private void purge() {
    QueueLedger ledger = queues.get(random.nextInt(queues.size()));
    boolean gone = ledger.isKnownGone();
    trace.add("purge " + ledger.queue().id());
    HandLoop home = anyLoop();
    var reply =
        questions.<@Nullable Long>ask(
            home.rooms(),
            "purge",
            count -> {
              assertThat(gone && count != null).as("purged the dead").isFalse();
              ledger.purged(count == null ? 0 : count);
            });
    home.rooms().send(ledger.queue().loop(), new Purge(ledger.queue(), reply));
  }

  private void seal() {
    QueueLedger ledger = queues.get(random.nextInt(queues.size()));
    boolean gone = ledger.isKnownGone();
    boolean ifUnused = random.nextBoolean();
    boolean ifEmpty = random.nextBoolean();
    trace.add("seal " + ledger.queue().id());
    HandLoop home = anyLoop();
    var reply =
        questions.<SealReply>ask(
            home.rooms(),
            "seal",
            answer -> {
              assertThat(!gone || answer instanceof SealReply.Gone).as("sealed twice").isTrue();
              switch (answer) {
                case SealReply.Sealed(long ready) -> {
                  assertThat(ifEmpty && ready > 0).as("sealed with %s ready", ready).isFalse();
                  ledger.sealed();
                }
                case SealReply.InUse() -> assertThat(ifUnused).isTrue();
                case SealReply.NotEmpty() -> assertThat(ifEmpty).isTrue();
                case SealReply.Gone() -> {}
              }
            });
    home.rooms().send(ledger.queue().loop(), new Seal(ledger.queue(), ifUnused, ifEmpty, reply));
  }

  private void inspect(
      QueueLedger ledger, java.util.function.Consumer<@Nullable QueueStatus> then) {
    boolean gone = ledger.isKnownGone();
    HandLoop home = anyLoop();
    var reply =
        questions.<@Nullable QueueStatus>ask(
            home.rooms(),
            "inspect",
            status -> {
              assertThat(gone && status != null).as("the dead has a status").isFalse();
              then.accept(status);
            });
    home.rooms().send(ledger.queue().loop(), new Inspect(ledger.queue(), reply));
  }

  /** All mail is opened: what is ready is so because nobody may have it. */
  private void rest() {
    trace.add("rest");
    settleToRest();
    for (QueueLedger ledger : queues) {
      List<SimulatedSubscriber> present =
          subscribers.stream().filter(s -> s.ledger() == ledger && s.canLeave()).toList();
      inspect(
          ledger,
          status -> {
            if (status != null && status.ready() > 0 && !present.isEmpty()) {
              assertThat(
                      ledger.isSingleActive()
                          ? present.stream().anyMatch(SimulatedSubscriber::isBlocked)
                          : present.stream().allMatch(SimulatedSubscriber::isBlocked))
                  .as("%s ready in %s and nobody gets them", status.ready(), ledger.queue().id())
                  .isTrue();
            }
          });
    }
    settleToRest();
  }

  private void leaveAll() {
    settleToRest();
    subscribers.stream()
        .filter(SimulatedSubscriber::canLeave)
        .forEach(
            subscriber -> {
              if (random.nextBoolean()) {
                subscriber.close();
              } else {
                subscriber.unsubscribe();
              }
            });
    settleToRest();
  }

  /** Nobody holds anything any more: what is not settled is ready. */
  private void returnAll() {
    for (SimulatedSubscriber subscriber : subscribers) {
      while (subscriber.holdsDeliveries()) {
        subscriber.settleSome();
      }
    }
    for (HandLoop home : loops) {
      List<Taken> messages = taken.get(home);
      messages.forEach(message -> settleGot(home, message));
      messages.clear();
    }
  }

  private void verifyEnd(QueueLedger ledger) {
    List<@Nullable QueueStatus> found = new ArrayList<>();
    inspect(ledger, found::add);
    settleToRest();
    QueueStatus status = found.getFirst();
    if (status != null) {
      long expected = ledger.expectedReady();
      assertThat(status).isEqualTo(new QueueStatus(expected, 0));
      assertThat(drain(ledger)).as("messages of %s", ledger.queue().id()).isEqualTo(expected);
    }
    ledger.verifyEnd(status == null);
  }

  /** Takes everything, and tells how much that was. */
  private int drain(QueueLedger ledger) {
    List<Long> positions = new ArrayList<>();
    Set<HandLoop> empty = new HashSet<>();
    while (empty.isEmpty()) {
      HandLoop home = anyLoop();
      get(
          ledger,
          home,
          true,
          got -> {
            if (got == null) {
              empty.add(home);
            } else {
              positions.add(got.position());
            }
          });
      settleToRest();
    }
    assertThat(positions).isSorted().doesNotHaveDuplicates();
    return positions.size();
  }

  private void settleToRest() {
    while (!topology.isIdle() || loops.stream().anyMatch(loop -> !loop.isIdle())) {
      topology.run();
      anyLoop().run();
    }
    RecordedErrors.instance().rethrow();
  }

  private HandLoop anyLoop() {
    return loops.get(random.nextInt(loops.size()));
  }

  private <T> @Nullable T any(List<T> list, Predicate<T> condition) {
    List<T> fitting = list.stream().filter(condition).toList();
    return fitting.isEmpty() ? null : fitting.get(random.nextInt(fitting.size()));
  }
}
