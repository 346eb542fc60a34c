package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.Body;
import org.warrenmq.codec.Content;
import org.warrenmq.engine.home.MessageMemory;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.HandRoom;
import org.warrenmq.engine.loop.RecordedErrors;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.loop.SeededRuns;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.Messages;
import org.warrenmq.engine.queue.QueueChronicle.Item;
import org.warrenmq.engine.queue.QueueCommand.Inspect;
import org.warrenmq.engine.queue.QueueCommand.Measure;
import org.warrenmq.engine.queue.QueueCommand.Purge;
import org.warrenmq.engine.queue.QueueCommand.QueueAges;
import org.warrenmq.engine.queue.QueueCommand.QueueStatus;
import org.warrenmq.engine.queue.QueueCommand.Seal;
import org.warrenmq.engine.queue.QueueCommand.SealReply;
import org.warrenmq.store.TurnWrites;
import org.warrenmq.store.WriteRequest;

/**
 * Several lives of a node whose queues live on one or two loops over a store, with so little memory
 * that they page nearly all the time; in an order that the seed decides, on the test's thread. What
 * each took part in is checked on the spot, the whole whenever all is at rest and between two
 * lives.
 */
final class NodeSimulation {
  private static final int MAX_QUEUES = 4;
  private static final int MAX_MESSAGES = 400;

  private final SplittableRandom random;
  private final SeededRuns.Trace trace;
  private final StoreInSimulation store;
  private final List<QueueChronicle> queues = new ArrayList<>();

  /** Memory of each loop. */
  private final long messageBytes;

  private final boolean withLargeBodies;

  /** How many groups messages belong to; 0 where they belong to none. */
  private final int groupCount;

  private final List<HandLoop> loops = new ArrayList<>();
  private final List<StoringChannel> channels = new ArrayList<>();
  private HandRoom topology = new HandRoom();
  private Questions questions = new Questions();
  private long lastQueue;

  /** The latest that a loop's clock showed in an earlier life. */
  private long time;

  private long lastMessage;

  /** What the largest message so far is charged with. */
  private long largest;

  NodeSimulation(SplittableRandom random, SeededRuns.Trace trace, StoreInSimulation store) {
    this.random = random;
    this.trace = trace;
    this.store = store;
    this.messageBytes = 1L << random.nextInt(10, 17);
    this.withLargeBodies = random.nextInt(3) == 0;
    this.groupCount = random.nextInt(3) > 0 ? 0 : 1 << random.nextInt(8);
    start();
  }

  void run(int steps) {
    declare();
    for (int i = 0; i < steps; i++) {
      step();
      RecordedErrors.instance().rethrow();
    }
    trace.add("end");
    rest();
    drain();
  }

  private void step() {
    int dice = random.nextInt(1000);
    if (dice < 198) {
      publish();
    } else if (dice < 200) {
      rush();
    } else if (dice < 230) {
      commit();
    } else if (dice < 260) {
      subscribe();
    } else if (dice < 340) {
      settle();
    } else if (dice < 420) {
      anyChannel().write();
    } else if (dice < 450) {
      get();
    } else if (dice < 460) {
      trace.add("unsubscribe");
      anyChannel().unsubscribe();
    } else {
      rareStep(dice);
    }
  }

  private void rareStep(int dice) {
    if (dice < 464) {
      purge();
    } else if (dice < 468) {
      seal();
    } else if (dice < 478) {
      declare();
    } else if (dice < 500) {
      trace.add("rest");
      rest();
    } else if (dice < 510) {
      crash();
    } else if (dice < 515) {
      stop();
    } else if (dice < 720) {
      HandLoop loop = anyLoop();
      trace.add("loop " + loops.indexOf(loop));
      loop.run();
    } else if (dice < 740) {
      topology.run();
    } else if (dice < 750) {
      anyLoop().rooms().postOutgoing();
    } else if (dice < 780) {
      anyLoop().pass(1);
    } else {
      trace.add("store");
      store.work();
    }
  }

  // What happens to queues.

  private void declare() {
    if (queues.size() < MAX_QUEUES) {
      QueueTraits plain = new QueueTraits(random.nextInt(4) > 0, false, random.nextInt(5) == 0);
      QueueTraits policy = groupCount > 0 && random.nextBoolean() ? plain.withGroups("g") : plain;
      trace.add("declare " + (lastQueue + 1) + " " + policy);
      queues.add(new QueueChronicle(++lastQueue, anyLoop(), topology, policy));
    }
  }

  private void publish() {
    StoringChannel channel = anyChannel();
    if (queues.isEmpty() || messages() > MAX_MESSAGES || !channel.mayPublish()) {
      return;
    }
    int count = random.nextInt(20) == 0 ? random.nextInt(20, 100) : random.nextInt(1, 5);
    trace.add("%s publishes %d".formatted(channel, count));
    for (int i = 0; i < count; i++) {
      List<QueueChronicle> targets = new ArrayList<>(queues);
      while (targets.size() > 1 && random.nextInt(3) > 0) {
        targets.remove(random.nextInt(targets.size()));
      }
      channel.publish(targets, newMessage(channel));
    }
    if (withLargeBodies && random.nextInt(10) == 0) {
      channel.bodies().abandonUpload(random.nextBoolean());
    }
  }

  /** So many that the delivered mark has to go ahead more than once. */
  private void rush() {
    StoringChannel channel = anyChannel();
    if (queues.isEmpty() || messages() > MAX_MESSAGES || !channel.mayPublish()) {
      return;
    }
    QueueChronicle queue = anyQueue();
    int count = random.nextInt(500, 2500);
    int size = random.nextInt(4) == 0 ? 400 : 4;
    trace.add("%s publishes %d to %d".formatted(channel, count, queue.id()));
    for (int i = 0; i < count; i++) {
      channel.publish(List.of(queue), newMessage(random.nextInt(size)));
      if (i % 64 == 63 && random.nextBoolean()) {
        anyLoop().run();
        store.work();
      }
    }
  }

  private void commit() {
    StoringChannel channel = anyChannel();
    if (!queues.isEmpty() && channel.mayPublish()) {
      List<QueueChronicle> targets = List.of(anyQueue(), anyQueue());
      List<Message> messages = new ArrayList<>();
      for (int i = random.nextInt(1, 6); i > 0; i--) {
        messages.add(newMessage(channel));
      }
      trace.add("%s commits %d".formatted(channel, messages.size()));
      channel.commit(targets, messages);
    }
  }

  private long messages() {
    return queues.stream().mapToLong(queue -> queue.ready().size()).sum();
  }

  private Message newMessage(StoringChannel publisher) {
    if (withLargeBodies && random.nextInt(8) == 0) {
      boolean persistent = random.nextInt(3) > 0;
      long number = ++lastMessage;
      Content content = new Content(properties(0), publisher.bodies().upload(persistent));
      return new Message("x", "m" + number, content, persistent);
    }
    return newMessage(
        switch (random.nextInt(60)) {
          case 0, 1, 2 -> random.nextInt(10_000);
          default -> random.nextInt(400);
        });
  }

  private Message newMessage(int size) {
    long number = ++lastMessage;
    byte[] bytes = new byte[size];
    new SplittableRandom(number).nextBytes(bytes);
    Content content = new Content(properties(number), new Body.Inline(bytes));
    Message message = new Message("x", "m" + number, content, random.nextInt(3) > 0);
    largest = Math.max(largest, MessageMemory.cost(message));
    return message;
  }

  private byte[] properties(long number) {
    return groupCount == 0 || random.nextInt(5) == 0
        ? new byte[] {0, (byte) number, (byte) (number >> 8)}
        : Messages.grouped("g", random.nextInt(groupCount), number);
  }

  private void subscribe() {
    if (!queues.isEmpty() && random.nextInt(3) == 0) {
      StoringChannel channel = anyChannel();
      QueueChronicle queue = anyQueue();
      trace.add("%s subscribes to %d".formatted(channel, queue.id()));
      channel.subscribe(queue);
    }
  }

  private void settle() {
    StoringChannel channel = anyChannel();
    trace.add(channel + " settles");
    channel.settleSome();
  }

  private void get() {
    if (!queues.isEmpty()) {
      QueueChronicle queue = anyQueue();
      trace.add("get from " + queue.id());
      anyChannel().get(queue, random.nextBoolean());
    }
  }

  private void purge() {
    if (queues.isEmpty()) {
      return;
    }
    QueueChronicle queue = anyQueue();
    trace.add("purge " + queue.id());
    // Whatever is under way arrives before it, so that the outside knows what is ready.
    runLoops();
    List<Item> ready = queue.ready();
    List<@Nullable Long> answers = new ArrayList<>();
    RoomLoop home = anyLoop().rooms();
    home.send(
        queue.address().loop(),
        new Purge(queue.address(), questions.<@Nullable Long>ask(home, "purge", answers::add)));
    settleToRest();
    queue.purged(answers.getFirst(), ready);
    verifyRest();
  }

  /** The topology ends it, and what is stored of it together with its definition. */
  private void seal() {
    if (queues.isEmpty()) {
      return;
    }
    QueueChronicle queue = anyQueue();
    QueueAddress room = queue.address();
    trace.add("seal " + queue.id());
    var reply =
        questions.<SealReply>ask(
            topology,
            "seal",
            answer -> {
              if (answer instanceof SealReply.Sealed && queue.isDurable()) {
                WriteRequest drop = new WriteRequest.DropQueue(queue.id());
                store.submit(
                    TurnWrites.synced(
                        List.of(drop), () -> room.loop().post(new QueueCommand.EndOnDisk(room))));
              }
            });
    QueueCommand command = new Seal(queue.address(), false, false, reply);
    anyLoop()
        .rooms()
        .send(
            queue.address().loop(),
            () -> {
              queue.seals();
              command.open();
            });
  }

  // Between lives.

  private void start() {
    for (HandLoop loop : loops) {
      time = Math.max(time, loop.rooms().clock().millis());
    }
    loops.clear();
    channels.clear();
    topology = new HandRoom();
    questions = new Questions();
    for (int i = random.nextInt(1, 3); i > 0; i--) {
      loops.add(new HandLoop(store, messageBytes, HandLoop.restlessClock(random.split())));
      HandLoop last = loops.getLast();
      last.turnClock(Math.max(0, time - last.rooms().clock().millis()));
    }
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      channels.add(new StoringChannel("c" + i, anyLoop(), store, questions, random));
    }
  }

  private void crash() {
    boolean powerCut = random.nextBoolean();
    trace.add(powerCut ? "power cut" : "crash");
    store.restart(powerCut);
    channels.forEach(StoringChannel::verifyTransactions);
    restart(false);
  }

  private void stop() {
    trace.add("stop");
    if (random.nextBoolean()) {
      channels.forEach(StoringChannel::unsubscribeAll);
    }
    rest();
    for (QueueChronicle queue : queues) {
      queue.address().loop().post(new QueueCommand.Halt(queue.address()));
    }
    settleToRest();
    store.restart(false);
    restart(true);
  }

  private void restart(boolean orderly) {
    start();
    queues.removeIf(queue -> !queue.restart(anyLoop(), store.disk(), orderly));
  }

  // At rest.

  private void rest() {
    settleToRest();
    verifyRest();
  }

  private void runLoops() {
    while (!topology.isIdle() || loops.stream().anyMatch(loop -> !loop.isIdle())) {
      topology.run();
      anyLoop().run();
    }
    RecordedErrors.instance().rethrow();
  }

  /** Everybody does what is to be done, until nobody has anything to do even if time passes. */
  private void settleToRest() {
    int idle = 0;
    while (idle < 3) {
      boolean wasIdle = topology.isIdle() && store.isIdle();
      for (HandLoop loop : loops) {
        loop.pass(2);
        wasIdle &= loop.isIdle();
      }
      idle = wasIdle ? idle + 1 : 0;
      topology.run();
      anyLoop().run();
      store.work();
      RecordedErrors.instance().rethrow();
    }
    store.sync();
  }

  private void verifyRest() {
    assertThat(questions.open()).as("questions without answer").isEmpty();
    channels.forEach(StoringChannel::verifyRest);
    queues.forEach(queue -> queue.verifyRest(store.disk()));
    queues.removeIf(QueueChronicle::isSealed);
    Set<Long> bodies = new HashSet<>();
    queues.forEach(queue -> bodies.addAll(queue.bodies()));
    assertThat(store.disk().bodies()).as("large bodies stored").isEqualTo(bodies);
    for (QueueChronicle queue : queues) {
      int ready = queue.ready().size();
      assertThat(status(queue)).as("ready in %s", queue.id()).isEqualTo(ready);
      verifyAge(queue);
      assertThat(ready == 0 || isBlocked(queue) || queue.waitsForGroups())
          .as("%s ready in %s and nobody gets them", ready, queue.id())
          .isTrue();
    }
    verifyMemory();
  }

  private boolean isBlocked(QueueChronicle queue) {
    return channels.stream().allMatch(channel -> channel.isBlocked(queue))
        || (queue.isSingleActive()
            && channels.stream().anyMatch(channel -> channel.hasBlocked(queue)));
  }

  private long status(QueueChronicle queue) {
    List<@Nullable QueueStatus> answers = new ArrayList<>();
    RoomLoop home = anyLoop().rooms();
    home.send(
        queue.address().loop(),
        new Inspect(
            queue.address(), questions.<@Nullable QueueStatus>ask(home, "inspect", answers::add)));
    runLoops();
    QueueStatus status = answers.getFirst();
    assertThat(status).as("status of %s", queue.id()).isNotNull();
    return status.ready();
  }

  /** Nothing counts as younger than it is, or as older by more than is said. */
  private void verifyAge(QueueChronicle queue) {
    List<@Nullable QueueAges> answers = new ArrayList<>();
    RoomLoop home = anyLoop().rooms();
    long askedAt = queue.address().loop().clock().millis();
    home.send(
        queue.address().loop(),
        new Measure(
            queue.address(),
            random.nextBoolean(),
            questions.<@Nullable QueueAges>ask(home, "measure", answers::add)));
    settleToRest();
    QueueAges ages = answers.getFirst();
    assertThat(ages).as("ages of %s", queue.id()).isNotNull();
    long oldest = queue.oldestReady();
    long now = queue.address().loop().clock().millis();
    if (oldest == Long.MAX_VALUE) {
      assertThat(ages.oldestReady()).isEqualTo(QueueAges.NONE_READY);
    } else {
      // Time has passed since it answered.
      assertThat(ages.oldestReady())
          .as("age of the oldest in %s, at %s", queue.id(), now)
          .isBetween(askedAt - oldest, now - oldest + LogSegment.COARSE + store.coarseness());
    }
  }

  /**
   * What each queue may have too much: 4 KiB of the store read ahead, which in memory are up to 17
   * KiB, as the smallest message counts 46 octets there and 192 here; half as much of what was read
   * before; and the messages that reached the one bound and made it page.
   */
  private void verifyMemory() {
    long slack = MAX_QUEUES * (26 * 1024 + 2 * largest);
    for (HandLoop loop : loops) {
      assertThat(loop.store().memory().used())
          .as("memory of a loop at rest, of %s", messageBytes)
          .isBetween(0L, messageBytes + slack);
    }
  }

  /** Consumers that keep nothing take all there is; then nobody is charged with anything. */
  private void drain() {
    channels.forEach(StoringChannel::unsubscribeAll);
    queues.forEach(queue -> anyChannel().subscribe(queue));
    channels.forEach(StoringChannel::serve);
    for (long left = Long.MAX_VALUE; messages() > 0; left = messages()) {
      settleToRest();
      if (messages() == left) {
        // Nobody got anything: there is a reason for it, or this fails.
        rest();
      }
      channels.forEach(StoringChannel::serve);
    }
    rest();
    assertThat(queues).allMatch(QueueChronicle::isEmpty);
    for (HandLoop loop : loops) {
      assertThat(loop.store().memory().used()).as("memory of empty queues").isZero();
    }
  }

  private HandLoop anyLoop() {
    return loops.get(random.nextInt(loops.size()));
  }

  private QueueChronicle anyQueue() {
    return queues.get(random.nextInt(queues.size()));
  }

  private StoringChannel anyChannel() {
    return channels.get(random.nextInt(channels.size()));
  }
}
