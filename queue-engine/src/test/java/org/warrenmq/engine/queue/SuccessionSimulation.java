package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.Body;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.HandRoom;
import org.warrenmq.engine.loop.LoopAccount.Kind;
import org.warrenmq.engine.loop.RecordedErrors;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.loop.SeededRuns;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.QueueCommand.Inspect;
import org.warrenmq.engine.queue.QueueCommand.Measure;
import org.warrenmq.engine.queue.QueueCommand.Purge;
import org.warrenmq.engine.queue.QueueCommand.QueueAges;
import org.warrenmq.engine.queue.QueueCommand.QueueStatus;
import org.warrenmq.store.WriteRequest;

/**
 * Durable queues that live together, leave their home at any moment, and go on at another from what
 * a {@link Replica} has taken; in an order that the seed decides, on the test's thread. What each
 * took part in is checked on the spot, the whole whenever all is at rest.
 */
final class SuccessionSimulation {
  private static final int MAX_MESSAGES = 300;

  private final SplittableRandom random;
  private final SeededRuns.Trace trace;
  private final ReplicatedStore store;
  private final SuccessionLoops loops;
  private final SuccessionChoices choices;
  private final List<ReplicatedQueue> queues = new ArrayList<>();
  private final List<SuccessionChannel> channels = new ArrayList<>();
  private final List<Successor> successors = new ArrayList<>();
  private final Questions questions = new Questions();
  private final DelayedPublishes delayed;

  /** Whether some messages are published to delays. */
  private final boolean withDelays;

  /** Those with a key that may be published again. */
  private final List<Message> published = new ArrayList<>();

  /** Where the queues live, or lived last. */
  private HandLoop home;

  /** They are about to leave. */
  private boolean leaving;

  /** They have left, and live nowhere. */
  private boolean left;

  SuccessionSimulation(SplittableRandom random, SeededRuns.Trace trace) {
    this.random = random;
    this.trace = trace;
    this.store = new ReplicatedStore(random.split(), this::handedOver);
    this.loops = new SuccessionLoops(random, store);
    this.choices = new SuccessionChoices(random);
    this.delayed = new DelayedPublishes(random.split(), queues, store.disk());
    // What delays send once more after a start would be known there, and dropped.
    this.withDelays = !choices.withKeys() && random.nextBoolean();
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      loops.open();
    }
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      channels.add(new SuccessionChannel("c" + i, loops.any(), store.disk(), questions, random));
    }
    home = loops.openHome();
    HandRoom owner = new HandRoom();
    for (int id = random.nextInt(1, 4); id > 0; id--) {
      QueueTraits traits = choices.traits();
      QueueSettings settings = choices.settings();
      trace.add("queue %d %s %s".formatted(id, traits, settings));
      SimulatedPost post =
          choices.withKeys() || random.nextBoolean()
              ? null
              : new SimulatedPost(random.split(), home.store());
      queues.add(new ReplicatedQueue(id, home, traits, settings, owner, loops::decidedSince, post));
    }
  }

  private long now() {
    return home.rooms().clock().millis();
  }

  private void handedOver(List<WriteRequest> requests) {
    for (WriteRequest request : requests) {
      if (request instanceof WriteRequest.OfQueue ofQueue) {
        for (ReplicatedQueue queue : queues) {
          if (queue.id() == Lanes.queueId(ofQueue.queueId())) {
            queue.handedOver(ofQueue, now());
          }
        }
      }
    }
  }

  void run(int steps) {
    for (int i = 0; i < steps; i++) {
      step();
      RecordedErrors.instance().rethrow();
      queues.forEach(ReplicatedQueue::verifyConservation);
    }
    trace.add("end");
    rest();
    drain();
  }

  private void step() {
    int dice = random.nextInt(1000);
    if (withDelays && random.nextInt(6) == 0) {
      delayedStep(dice);
    } else if (dice < 180) {
      publish();
    } else if (dice < 200) {
      commit();
    } else if (dice < 240) {
      trace.add("subscribe");
      anyChannel().subscribe(anyQueue());
    } else if (dice < 340) {
      trace.add("settle");
      anyChannel().settleSome();
    } else if (dice < 410) {
      trace.add("write");
      anyChannel().write();
    } else if (dice < 450) {
      trace.add("get");
      anyChannel().get(anyQueue(), random.nextBoolean());
    } else if (dice < 465) {
      trace.add("unsubscribe");
      anyChannel().unsubscribe();
    } else if (dice < 475) {
      purge();
    } else if (dice < 485) {
      configure();
    } else if (dice < 489) {
      trace.add("rest");
      rest();
    } else {
      turnOrLeave(dice);
    }
  }

  private void turnOrLeave(int dice) {
    if (dice < 505) {
      rush();
    } else if (dice < 530) {
      leave();
    } else if (dice < 580) {
      if (left) {
        open();
      }
    } else if (dice < 780) {
      HandLoop loop = loops.any();
      trace.add("loop " + loops.indexOf(loop));
      loop.run();
    } else if (dice < 785) {
      loops.any().rooms().postOutgoing();
    } else if (dice < 800) {
      trace.add("answer");
      answerLetters();
    } else if (dice < 820) {
      pass(random.nextInt(1, 20));
    } else {
      trace.add("store");
      store.work();
    }
  }

  private void delayedStep(int dice) {
    if (dice < 180) {
      publishDelayed();
    } else if (dice < 200) {
      trace.add("cancel a delayed one");
      delayed.cancelSome();
    } else if (dice < 210) {
      trace.add("delays start again");
      delayed.restart();
    } else {
      trace.add("delays");
      delayed.work();
    }
  }

  /** Returns whether nobody is asked any more. */
  private boolean answerLetters() {
    boolean idle = true;
    for (ReplicatedQueue queue : queues) {
      SimulatedPost post = queue.post();
      if (post != null) {
        idle &= post.isIdle();
        post.answer();
      }
    }
    return idle;
  }

  private void pass(int millis) {
    loops.pass(millis);
    delayed.pass(millis);
  }

  // What is asked of queues.

  private void publish() {
    if (messages() > MAX_MESSAGES) {
      return;
    }
    SuccessionChannel channel = anyChannel();
    int count = random.nextInt(20) == 0 ? random.nextInt(20, 100) : random.nextInt(1, 5);
    trace.add("%s publishes %d".formatted(channel, count));
    for (int i = 0; i < count; i++) {
      List<ReplicatedQueue> targets = new ArrayList<>(queues);
      while (targets.size() > 1 && random.nextInt(3) > 0) {
        targets.remove(random.nextInt(targets.size()));
      }
      boolean large = choices.largeBody();
      int size = random.nextInt(20) == 0 ? random.nextInt(10_000) : random.nextInt(400);
      Message message = choices.message(large ? channel : null, size);
      channel.publish(targets, message);
      if (choices.withKeys() && !large) {
        published.add(message);
      }
    }
    publishAgain(channel);
    if (choices.withLargeBodies() && random.nextInt(10) == 0) {
      channel.bodies().abandonUpload(random.nextBoolean());
    }
  }

  /** Whatever became of it: each queue has it once in the end, or it is lost and not confirmed. */
  private void publishAgain(SuccessionChannel channel) {
    for (int i = random.nextInt(3); i > 0 && !published.isEmpty(); i--) {
      Message again = published.get(random.nextInt(published.size()));
      trace.add("%s publishes %s again".formatted(channel, again.routingKey()));
      channel.publish(List.of(anyQueue()), again);
    }
  }

  private void publishDelayed() {
    if (messages() > MAX_MESSAGES || !delayed.hasRoom()) {
      return;
    }
    int count = random.nextInt(1, 5);
    trace.add("%d are published to delays".formatted(count));
    for (int i = 0; i < count; i++) {
      delayed.publish(choices.message(null, random.nextInt(400)));
    }
  }

  private void commit() {
    if (messages() > MAX_MESSAGES) {
      return;
    }
    SuccessionChannel channel = anyChannel();
    List<Message> messages = new ArrayList<>();
    for (int i = random.nextInt(1, 6); i > 0; i--) {
      boolean large = choices.largeBody();
      messages.add(choices.message(large ? channel : null, random.nextInt(400)));
    }
    trace.add("%s commits %d".formatted(channel, messages.size()));
    channel.commit(queues, messages);
  }

  /** So many that the delivered mark has to go ahead more than once. */
  private void rush() {
    if (messages() > MAX_MESSAGES || random.nextInt(4) > 0) {
      return;
    }
    SuccessionChannel channel = anyChannel();
    ReplicatedQueue queue = anyQueue();
    int count = random.nextInt(500, 2500);
    trace.add("%s publishes %d to %d".formatted(channel, count, queue.id()));
    for (int i = 0; i < count; i++) {
      channel.publish(List.of(queue), choices.message(null, random.nextInt(4)));
      if (i % 64 == 63 && random.nextBoolean()) {
        loops.any().run();
        store.work();
      }
    }
  }

  private long messages() {
    return queues.stream().mapToLong(ReplicatedQueue::messages).sum();
  }

  private void purge() {
    QueueAddress queue = anyQueue().address();
    trace.add("purge " + queue.id());
    RoomLoop asking = loops.any().rooms();
    var reply =
        questions.<@Nullable Long>ask(asking, "purge", answer -> assertThat(answer).isNotNull());
    asking.send(queue.loop(), new Purge(queue, reply));
  }

  private void configure() {
    ReplicatedQueue queue = anyQueue();
    configure(queue, choices.settings());
  }

  private void configure(ReplicatedQueue queue, QueueSettings settings) {
    trace.add("configure %d %s".formatted(queue.id(), settings));
    QueueSettings all = queue.configure(settings);
    QueueAddress address = queue.address();
    address.loop().post(new QueueCommand.Configure(address, all));
  }

  // Succession.

  /** As mail among other mail, from home or from elsewhere: other commands follow in its turn. */
  private void leave() {
    if (leaving || left) {
      return;
    }
    leaving = true;
    trace.add("leave");
    switch (random.nextInt(3)) {
      case 0 -> home.rooms().post(this::abdicate);
      case 1 -> home.rooms().send(home.rooms(), this::abdicate);
      default -> anyChannel().loop().send(home.rooms(), this::abdicate);
    }
  }

  private void abdicate() {
    trace.add("abdicate");
    leaving = false;
    left = true;
    delayed.queuesLeft();
    successors.clear();
    store.leave();
    home.store().discard();
    for (ReplicatedQueue queue : queues) {
      Successor successor = new Successor(queue, home, random.nextBoolean());
      successors.add(successor);
      new QueueCommand.Abdicate(queue.address(), successor).open();
      queue.leave();
    }
    verifyNothingHeld();
    if (random.nextBoolean()) {
      home.rooms().postOutgoing();
    }
    int term = queues.getFirst().term();
    channels.forEach(one -> home.rooms().send(one.loop(), () -> one.queuesLeft(term)));
  }

  private void verifyNothingHeld() {
    assertThat(home.store().memory().used()).as("memory of queues that have left").isZero();
    assertThat(home.rooms().account().held(Kind.QUEUED)).as("charged for them").isZero();
  }

  private void open() {
    store.changeLeader();
    HandLoop old = home;
    boolean alone = random.nextInt(3) > 0;
    home = alone ? loops.openHome() : loops.anyHome();
    trace.add("open at loop " + loops.indexOf(home));
    left = false;
    queues.forEach(queue -> queue.open(home, store.disk()));
    for (ReplicatedQueue queue : queues) {
      long ready = queue.readyAtOnce();
      if (alone && ready >= 0) {
        ask(queue, answer -> assertThat(answer.ready()).isEqualTo(ready));
        measure(queue);
        home.run();
      }
    }
    channels.forEach(SuccessionChannel::queuesOpened);
    for (Successor successor : successors) {
      old.rooms().post(successor::open);
    }
  }

  private void ask(ReplicatedQueue queue, Consumer<QueueStatus> action) {
    var reply = questions.<@Nullable QueueStatus>ask(home.rooms(), "inspect", action::accept);
    home.rooms().post(new Inspect(queue.address(), reply));
  }

  /** It may have to be read, here or where the queue goes on. */
  private void measure(ReplicatedQueue queue) {
    var reply =
        questions.<@Nullable QueueAges>ask(
            home.rooms(), "measure", answer -> assertThat(answer).isNotNull());
    home.rooms().post(new Measure(queue.address(), random.nextBoolean(), reply));
  }

  // At rest.

  private void rest() {
    settleToRest();
    while (!delayed.verifyRest()) {
      settleToRest();
    }
    for (int again = random.nextInt(2); again >= 0; again--) {
      for (SuccessionChannel channel : channels) {
        for (Message message : channel.verifyRest()) {
          if (again > 0 && random.nextBoolean()) {
            boolean large = message.content().body() instanceof Body.Stored;
            channel.publish(
                List.of(anyQueue()),
                choices.message(large ? channel : null, (int) (message.size() & 63)));
          }
        }
      }
      settleToRest();
    }
    verifyRest();
  }

  /** Everybody does what is to be done, until nobody has anything to do even if time passes. */
  private void settleToRest() {
    int idle = 0;
    while (idle < 3) {
      channels.forEach(SuccessionChannel::settleEnded);
      boolean wasIdle = store.isIdle() && !left && !leaving;
      wasIdle &= answerLetters();
      pass(4);
      wasIdle &= loops.isIdle() && delayed.isIdle();
      idle = wasIdle ? idle + 1 : 0;
      loops.any().run();
      store.work();
      delayed.work();
      if (left && random.nextInt(10) == 0) {
        open();
      }
      RecordedErrors.instance().rethrow();
    }
  }

  /**
   * What the queues have ready. Who is asked looks at what he has, and something may have had to
   * leave; what comes after that may have been due before it, and has to be read first.
   */
  private List<Long> readyAtRest() {
    List<Long> before = ready();
    while (true) {
      settleToRest();
      List<Long> after = ready();
      if (store.isIdle() && after.equals(before)) {
        return after;
      }
      before = after;
    }
  }

  private List<Long> ready() {
    List<Long> ready = new ArrayList<>();
    for (ReplicatedQueue queue : queues) {
      ask(queue, answer -> ready.add(answer.ready()));
      home.run();
    }
    return ready;
  }

  private void verifyRest() {
    assertThat(questions.open()).as("questions without answer").isEmpty();
    channels.forEach(SuccessionChannel::verifyRest);
    Iterator<Long> ready = readyAtRest().iterator();
    Set<Long> bodies = new HashSet<>();
    for (ReplicatedQueue queue : queues) {
      long count = ready.next();
      queue.verifyRest(store.disk(), count, now());
      bodies.addAll(queue.bodies());
      assertThat(count == 0 || isBlocked(queue) || queue.waitsForGroups(now()))
          .as("%s ready in %s and nobody gets them", count, queue.id())
          .isTrue();
    }
    assertThat(store.disk().bodies()).as("large bodies stored").isEqualTo(bodies);
    for (HandLoop loop : loops.all()) {
      if (loop != home) {
        assertThat(loop.store().memory().used()).as("memory where no queue lives").isZero();
        assertThat(loop.rooms().account().held(Kind.QUEUED)).isZero();
      }
    }
  }

  private boolean isBlocked(ReplicatedQueue queue) {
    return channels.stream().allMatch(channel -> channel.isBlocked(queue))
        || (queue.isSingleActive()
            && channels.stream().anyMatch(channel -> channel.hasBlocked(queue)));
  }

  /** Consumers that keep nothing take all there is; then nobody is charged with anything. */
  private void drain() {
    trace.add("drain");
    channels.forEach(SuccessionChannel::unsubscribeAll);
    queues.forEach(queue -> anyChannel().subscribeToAll(queue));
    for (int i = 0; messages() > 0 || !delayed.isEmpty(); i++) {
      assertThat(i).as("rounds until all is gone").isLessThan(1000);
      settleToRest();
      if (delayed.verifyRest() && messages() == 0) {
        pass(1000);
      }
      channels.forEach(SuccessionChannel::serve);
      settleToRest();
    }
    rest();
    assertThat(home.store().memory().used()).as("memory of empty queues").isZero();
    assertThat(store.disk().bodies()).isEmpty();
  }

  private ReplicatedQueue anyQueue() {
    return queues.get(random.nextInt(queues.size()));
  }

  private SuccessionChannel anyChannel() {
    return channels.get(random.nextInt(channels.size()));
  }
}
