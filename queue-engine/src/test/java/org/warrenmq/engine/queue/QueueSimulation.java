package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.RecordedErrors;
import org.warrenmq.engine.loop.SeededRuns;
import org.warrenmq.engine.message.Message;

/**
 * One run of random commands against a {@link Dispatcher}, its model, and a queue made of what was
 * written alone; runs on the test's thread.
 *
 * <p>At a crash, or a change of leader, everything volatile is dropped and a new dispatcher goes on
 * over a log restored from what was written.
 */
final class QueueSimulation {
  private static final int MAX_CONSUMERS = 7;

  /** More than this is settled or purged before more is published, so that runs stay short. */
  private static final int MAX_DEPTH = 1500;

  private final SplittableRandom random;
  private final SeededRuns.Trace trace;
  private final QueueChoices choices;
  private final QueueModel model;

  /** By level. */
  private final NavigableMap<Integer, WrittenQueue> written = new TreeMap<>();

  private final QueueComparison comparison;
  private QueueLife life;

  QueueSimulation(SplittableRandom random, SeededRuns.Trace trace) {
    this.random = random;
    this.trace = trace;
    this.choices = new QueueChoices(random);
    this.model = new QueueModel(choices.traits(), choices.settings());
    trace.add(choices.traits() + " " + model.settings);
    this.comparison = new QueueComparison(model, written);
    this.life = begin();
  }

  private QueueLife begin() {
    comparison.begin();
    return new QueueLife(random, choices.traits(), model, written);
  }

  void run(int steps) {
    for (int i = 0; i < steps; i++) {
      step();
      proceed();
      RecordedErrors.instance().rethrow();
      comparison.verify(life);
    }
  }

  private void proceed() {
    life.proceedAsAgreed();
    if (choices.hasGroups()) {
      // Consumers wait though messages do: who is asked, and has no room, loses his place.
      life.dispatcher.proceed();
    }
    model.proceed();
  }

  private void pass() {
    int millis = random.nextInt(1, 30);
    trace.add("pass " + millis);
    pass(millis);
  }

  private void pass(long millis) {
    model.now += millis;
    life.pass(millis);
  }

  /** Now and then for so long that what came before counts, too. */
  private void watch() {
    // What came in this very moment, but before, is told from what came after.
    pass(1);
    trace.add("watch");
    life.dispatcher.watchSojourns();
    model.contents.watch(model.now);
    life.watched = true;
    if (random.nextBoolean()) {
      pass(2000);
    }
  }

  private void configure() {
    QueueSettings settings = choices.settings();
    trace.add("configure " + settings);
    life.dispatcher.configure(settings);
    model.configure(settings);
  }

  private void step() {
    int dice = random.nextInt(117);
    if (dice == 116) {
      configure();
    } else if (dice == 115) {
      rareStep();
    } else if (dice < 28) {
      publish(random.nextInt(1, 4));
    } else if (dice < 34) {
      subscribe();
    } else if (dice < 36) {
      unsubscribe();
    } else if (dice < 58) {
      settle();
    } else if (dice < 63) {
      get();
    } else if (dice < 67) {
      settleGot();
    } else if (dice < 70) {
      limit();
    } else if (dice < 74) {
      grant();
    } else if (dice < 84) {
      written();
    } else if (dice < 99) {
      turn();
    } else if (dice < 104) {
      pass();
    } else {
      answer();
    }
  }

  private void rareStep() {
    switch (random.nextInt(5)) {
      case 0 -> purge();
      case 1 -> crash();
      case 2 -> watch();
      default -> publish(random.nextInt(2, 300));
    }
  }

  private void publish(int count) {
    if (model.contents.present.size() > MAX_DEPTH) {
      purge();
      return;
    }
    int size = random.nextInt(25) == 0 ? random.nextInt(40_000, 140_000) : random.nextInt(200);
    trace.add("publish " + count + " of " + size + " bytes");
    for (int i = 0; i < count; i++) {
      // A burst of large ones would only cost time.
      Message message = choices.message(count > 10 ? size % 2000 : size);
      assertThat(life.dispatcher.publish(message)).isEqualTo(model.publish(message));
    }
  }

  /** Queues say what they think of dead letters. */
  private void answer() {
    int count = random.nextInt(life.letters.unanswered() + 1);
    trace.add("answer " + count);
    life.letters.answer(count);
    turn();
  }

  private void subscribe() {
    if (model.consumers.size() == MAX_CONSUMERS) {
      return;
    }
    boolean noAck = random.nextInt(4) == 0;
    boolean limited = random.nextInt(4) == 0;
    int prefetch = choices.oneOf(0, 1, 2, 3, 10, 300);
    int priority = choices.oneOf(-1, 0, 0, 0, 5);
    HandLoop home = random.nextBoolean() ? life.home : life.elsewhere;
    QueuePeer peer =
        new QueuePeer(
            "c" + trace.steps(),
            life.address,
            home,
            new ModelConsumer(noAck, prefetch, priority, limited));
    trace.add(
        "subscribe %s noAck=%s prefetch=%d priority=%d limited=%s local=%s"
            .formatted(peer.name, noAck, prefetch, priority, limited, home == life.home));
    life.peers.add(peer);
    life.dispatcher.subscribe(peer.consumer);
    model.subscribe(peer.model);
  }

  private void unsubscribe() {
    QueuePeer peer = anyPeer(_ -> true);
    if (peer != null) {
      trace.add("unsubscribe " + peer.name);
      assertThat(life.dispatcher.unsubscribe(peer.consumer))
          .isEqualTo(model.unsubscribe(peer.model));
    }
  }

  private void settle() {
    QueuePeer peer = anyPeer(p -> !p.outstanding.isEmpty());
    if (peer != null) {
      settle(peer.name, peer.consumer, peer.model, peer.outstanding);
    }
  }

  private void settleGot() {
    if (!life.got.isEmpty()) {
      settle("got", null, null, life.got);
    }
  }

  private void settle(
      String name,
      @Nullable Consumer consumer,
      @Nullable ModelConsumer consumerInModel,
      List<Long> outstanding) {
    Settlement settlement =
        choices.oneOf(
            Settlement.ACKED,
            Settlement.ACKED,
            Settlement.REJECTED,
            Settlement.REQUEUED,
            Settlement.RETURNED,
            Settlement.UNDELIVERED);
    if (random.nextBoolean()) {
      Collections.shuffle(outstanding, new Random(random.nextLong()));
    }
    int count = random.nextBoolean() ? 1 : random.nextInt(1, outstanding.size() + 1);
    List<Long> chosen = List.copyOf(outstanding.subList(0, count));
    outstanding.subList(0, count).clear();
    trace.add(settlement + " from " + name + ": " + chosen);
    // Longer than what is meant, as the arrays of settle batches are.
    long[] positions = new long[count + random.nextInt(3)];
    for (int i = 0; i < count; i++) {
      positions[i] = chosen.get(i);
    }
    life.dispatcher.settle(consumer, settlement, positions, count);
    model.settle(consumerInModel, settlement, chosen);
  }

  private void get() {
    boolean noAck = random.nextBoolean();
    trace.add("get noAck=" + noAck);
    ModelConsumer.Delivery expected = model.get(noAck);
    assertThat(life.dispatcher.trimFront()).isTrue();
    Front front = life.dispatcher.front();
    if (expected == null || front == null) {
      assertThat(front).isNull();
      assertThat(expected).isNull();
      return;
    }
    assertThat(front.message()).isSameAs(expected.message());
    assertThat(front.redelivered()).isEqualTo(expected.redelivered());
    assertThat(front.position()).isEqualTo(expected.position());
    var unused = life.dispatcher.take(front, !noAck);
    assertThat(life.dispatcher.trimFront()).isTrue();
    if (!noAck) {
      life.got.add(front.position());
    }
  }

  private void purge() {
    trace.add("purge");
    assertThat(life.dispatcher.purge()).isEqualTo(model.purge());
  }

  private void written() {
    QueuePeer peer = anyPeer(p -> p.unwritten > 0);
    if (peer != null) {
      trace.add("written " + peer.name);
      peer.unwritten--;
      life.dispatcher.flushedToClient(peer.consumer);
      model.written(peer.model);
    }
  }

  private void limit() {
    QueuePeer peer = anyPeer(_ -> true);
    if (peer != null) {
      boolean on = random.nextBoolean();
      trace.add("limit " + peer.name + " " + on);
      life.dispatcher.limit(peer.consumer, on);
      model.limit(peer.model, on);
    }
  }

  /** Mostly to one that asked, sometimes to one that has no use for it any more. */
  private void grant() {
    QueuePeer peer = anyPeer(p -> p.model.asking || p.model.gone);
    if (peer != null) {
      int count = random.nextInt(1, 6);
      trace.add("grant " + count + " to " + peer.name);
      life.dispatcher.grant(peer.consumer, count);
      model.grant(peer.model, count);
    }
  }

  /** Deliveries leave, arrive, and are compared with the model's one by one. */
  private void turn() {
    trace.add("turn");
    life.home.run();
    life.elsewhere.run();
    life.peers.forEach(QueuePeer::arrive);
    life.peers.removeIf(QueuePeer::isOver);
  }

  private void crash() {
    trace.add("crash");
    model.restart();
    life = begin();
    life.dispatcher.proceed();
  }

  private @Nullable QueuePeer anyPeer(Predicate<QueuePeer> condition) {
    List<QueuePeer> fitting = life.peers.stream().filter(condition).toList();
    return fitting.isEmpty() ? null : fitting.get(random.nextInt(fitting.size()));
  }
}
