package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.PropertyEdit;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.RecordedErrors;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.Room;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.loop.SeededRuns;
import org.warrenmq.engine.message.HeaderMarks;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.engine.message.MessageTraits;
import org.warrenmq.engine.message.Messages;
import org.warrenmq.engine.message.Stamps;
import org.warrenmq.store.SettleReason;

/**
 * One run of random commands against a {@link Dispatcher}, its model, and a queue made of what was
 * written alone; runs on the test's thread.
 *
 * <p>At a crash, or a change of leader, everything volatile is dropped and a new dispatcher goes on
 * over a log restored from what was written.
 */
final class QueueSimulation {
  private static final int STEPS = 400;
  private static final int MAX_CLIENTS = 7;
  private static final QueueTraits KEEPING = new QueueTraits(true, false, false);

  /** More than this is settled or purged before more is published, so that runs stay short. */
  private static final int MAX_DEPTH = 1500;

  private final SplittableRandom random;
  private final SeededRuns.Trace trace;
  private final QueueModel model;
  private final QueueTraits policy;

  /** How many groups there are, if any. */
  private final int groupCount;

  private final List<Long> got = new ArrayList<>();

  /** By level. */
  private final NavigableMap<Integer, WrittenQueue> written = new TreeMap<>();

  private Node node;
  private long published;

  /** A consumer on both sides: the real one with its channel, and the model's. */
  private final class Peer implements Subscriber {
    final String name;
    final HandLoop home;
    final Consumer consumer;
    final QueueModel.Client client;
    final List<DeliveryBatch> arrived = new ArrayList<>();
    final List<Long> outstanding = new ArrayList<>();
    int unwritten;
    int wants;
    int unused;

    Peer(String name, HandLoop home, QueueModel.Client client) {
      this.name = name;
      this.home = home;
      this.client = client;
      this.consumer =
          new Consumer(
              node.address,
              this,
              client.noAck,
              false,
              client.prefetch,
              client.priority,
              client.limited);
    }

    @Override
    public RoomLoop loop() {
      return home.rooms();
    }

    @Override
    public void deliver(DeliveryBatch batch) {
      arrived.add(batch);
    }

    @Override
    public void wants(Consumer asking) {
      wants++;
    }

    @Override
    public void unused(Consumer returning, int grants) {
      unused += grants;
    }

    @Override
    public void cancelled(Consumer ended) {
      throw new AssertionError("cancelled without reason");
    }
  }

  /** All that a crash takes away. */
  private final class Node implements Dispatcher.Owner, Lane.Owner, DeadLetters.Owner {
    final HandLoop home = new HandLoop();
    final HandLoop elsewhere = new HandLoop();
    final List<Peer> peers = new ArrayList<>();
    final HandAgenda agenda = new HandAgenda();
    final NavigableMap<Integer, QueueLog> logs = new TreeMap<>();
    final NavigableMap<Integer, QueueJournal> journals = new TreeMap<>();
    final Post post = new Post();

    /** Takes what is written, and never turns. */
    final HandLoop disk = new HandLoop(new PatientStore(), Long.MAX_VALUE);

    /** Names the home loop for consumers; its own dispatcher is not used. */
    final QueueAddress address =
        Queues.open(1, home.store(), policy, QueueSettings.NONE, new NoOwner(home.rooms()));

    final Dispatcher dispatcher = new Dispatcher(policy, model.settings, this, agenda);

    Node() {
      written.keySet().forEach(level -> dispatcher.lanes().level(level));
      if (model.settings.retry() != null) {
        dispatcher.lanes().all().forEach(lane -> lane.sortOutBelow(lane.log().next()));
      }
    }

    @Override
    public Lane openLane(int level) {
      WrittenQueue before = written.computeIfAbsent(level, _ -> new WrittenQueue());
      QueueLog log = before.restore();
      QueueJournal journal = new QueueJournal(1, KEEPING, log, disk.store().journal(), _ -> {});
      journal.restore(0, log.bytes());
      logs.put(level, log);
      journals.put(level, journal);
      return new Lane(1, level, this, log, _ -> new JournalledInMemory(journal));
    }

    @Override
    public DeadLetters openDeadLetters(DeadLetterTarget target) {
      return new DeadLetters(home.store(), post, this, target);
    }

    @Override
    public void swept(Lane lane, List<MessageStore.Loaded> messages, long from, long to) {
      throw new AssertionError("nothing is cold");
    }

    @Override
    public boolean keeps(Message message) {
      return KEEPING.keeps(message);
    }

    @Override
    public void proceed() {
      dispatcher.proceed();
    }
  }

  /** Where dead letters go: to one or two queues, or nowhere, and that is answered some time. */
  private final class Post implements DeadLetterRoute, QueueAddress.Resident {
    final List<String> sent = new ArrayList<>();
    final List<Runnable> answers = new ArrayList<>();
    final List<QueueAddress> queues = new ArrayList<>();

    @Override
    public Copies route(Message message, SettleReason reason, DeadLetterTarget target) {
      sent.add(reason + " " + message.routingKey());
      while (queues.size() < 2) {
        QueueAddress queue = new QueueAddress(100 + queues.size(), node.home.store());
        queue.moveIn(this);
        queues.add(queue);
      }
      int count = (int) (Long.parseLong(message.routingKey().substring(1)) % 3);
      return new Copies(message, queues.subList(0, count));
    }

    @Override
    public void accept(QueueCommand command) {
      switch (command) {
        case QueueCommand.Publish(_, Message message, Publisher publisher, long sequence) ->
            publish(message, publisher, sequence, 0);
        default -> throw new AssertionError(command);
      }
    }

    @Override
    public void publish(Message message, @Nullable Publisher publisher, long sequence, long cost) {
      if (publisher != null) {
        boolean refused = random.nextInt(5) == 0;
        answers.add(
            () -> {
              if (refused) {
                node.home.store().reject(publisher, sequence, 0);
              } else {
                node.home.store().accept(publisher, sequence, 0, false);
              }
            });
      }
    }
  }

  private final class HandAgenda implements Agenda {
    long due = Stamps.NEVER;
    boolean soon;

    @Override
    public long now() {
      return model.now;
    }

    @Override
    public void proceedAt(long millis) {
      due = millis;
    }

    @Override
    public void proceedSoon() {
      soon = true;
    }
  }

  private record NoOwner(Room room) implements QueueOwner {
    @Override
    public <T> void gone(QueueAddress queue, ReplyTo<T> reply, T answer) {
      throw new AssertionError("gone without reason");
    }
  }

  QueueSimulation(SplittableRandom random, SeededRuns.Trace trace) {
    this.random = random;
    this.trace = trace;
    int maxPriority = random.nextBoolean() ? 0 : oneOf(1, 3, 10, 255);
    QueueTraits traits =
        new QueueTraits(
            false, false, random.nextInt(4) == 0, maxPriority, false, false, null, null);
    this.policy = random.nextInt(3) > 0 ? traits : traits.withGroups("group");
    this.groupCount = oneOf(1, 2, 5, 20, 200);
    this.model = new QueueModel(policy, anySettings());
    trace.add(policy + " " + model.settings);
    this.node = new Node();
  }

  void run() {
    for (int i = 0; i < STEPS; i++) {
      step();
      proceedAsAgreed();
      RecordedErrors.instance().rethrow();
      verify();
    }
  }

  /** What was left for later is done, and time comes for what is due. */
  private void proceedAsAgreed() {
    while (node.agenda.soon || node.agenda.due <= model.now) {
      node.agenda.soon = false;
      node.agenda.due = Stamps.NEVER;
      node.dispatcher.proceed();
    }
    if (policy.groupHeader() != null) {
      // Consumers wait though messages do: who is asked, and has no room, loses his place.
      node.dispatcher.proceed();
    }
    model.proceed();
  }

  private QueueSettings anySettings() {
    return random.nextBoolean()
        ? QueueSettings.NONE
        : new QueueSettings(
            oneOf(0L, 1L, 5L, 40L, QueueSettings.UNLIMITED, QueueSettings.UNLIMITED),
            oneOf(0L, 500L, 5000L, QueueSettings.UNLIMITED, QueueSettings.UNLIMITED),
            oneOf(QueueSettings.Overflow.values()),
            oneOf(0L, 1L, 20L, 300L, QueueSettings.UNLIMITED, QueueSettings.UNLIMITED),
            QueueSettings.UNLIMITED,
            random.nextBoolean() ? null : new DeadLetterTarget("x", null, false),
            oneOf(0L, 1L, 3L, QueueSettings.UNLIMITED, QueueSettings.UNLIMITED),
            random.nextBoolean() ? null : anyRetry());
  }

  private RetryDelay anyRetry() {
    return new RetryDelay(
        oneOf(RetryDelay.Cause.values()),
        oneOf(0L, 1L, 10L, 50L),
        oneOf(0L, 30L, 1000L),
        oneOf(RetryDelay.LINEAR, 1.0, 1.5, 4.0),
        oneOf(0.0, 0.0, 0.5, 1.0));
  }

  private void pass() {
    int millis = random.nextInt(1, 30);
    trace.add("pass " + millis);
    model.now += millis;
  }

  private void configure() {
    QueueSettings settings = anySettings();
    trace.add("configure " + settings);
    node.dispatcher.configure(settings);
    model.configure(settings);
  }

  private void step() {
    int dice = random.nextInt(116);
    if (dice < 28) {
      publish(dice == 0 ? random.nextInt(2, 300) : random.nextInt(1, 4));
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
    } else if (dice < 68) {
      purge();
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
    } else if (dice < 105) {
      configure();
    } else if (dice < 106) {
      crash();
    } else {
      answer();
    }
  }

  private void publish(int count) {
    if (model.contents.size() > MAX_DEPTH) {
      purge();
      return;
    }
    int size = random.nextInt(25) == 0 ? random.nextInt(40_000, 140_000) : random.nextInt(200);
    trace.add("publish " + count + " of " + size + " bytes");
    for (int i = 0; i < count; i++) {
      // A burst of large ones would only cost time.
      Message message = message(count > 10 ? size % 2000 : size);
      assertThat(node.dispatcher.publish(message)).isEqualTo(model.publish(message));
    }
  }

  private Message message(int size) {
    Message plain = Messages.lasting("m" + published++, size);
    long ttl = random.nextInt(3) > 0 ? MessageTraits.NO_TTL : oneOf(0L, 1L, 10L, 100L, 1000L);
    MessageTraits traits =
        new MessageTraits(true, HeaderMarks.NONE, ttl, random.nextInt(3) * random.nextInt(4));
    Content content = plain.content();
    if (policy.groupHeader() != null && random.nextInt(5) > 0) {
      FieldTable headers = FieldTable.of("group", FieldValue.of(random.nextInt(groupCount)));
      content =
          new Content(PropertyEdit.withHeaders(content.properties(), headers), content.body());
    }
    return new Message(plain.exchange(), plain.routingKey(), content, traits);
  }

  /** Queues say what they think of dead letters. */
  private void answer() {
    int count = random.nextInt(node.post.answers.size() + 1);
    trace.add("answer " + count);
    List<Runnable> now = List.copyOf(node.post.answers.subList(0, count));
    node.post.answers.subList(0, count).clear();
    now.forEach(Runnable::run);
    turn();
  }

  private void subscribe() {
    if (model.clients.size() == MAX_CLIENTS) {
      return;
    }
    boolean noAck = random.nextInt(4) == 0;
    boolean limited = random.nextInt(4) == 0;
    int prefetch = oneOf(0, 1, 2, 3, 10, 300);
    int priority = oneOf(-1, 0, 0, 0, 5);
    HandLoop home = random.nextBoolean() ? node.home : node.elsewhere;
    String name = "c" + trace.steps();
    Peer peer = new Peer(name, home, new QueueModel.Client(noAck, prefetch, priority, limited));
    trace.add(
        "subscribe %s noAck=%s prefetch=%d priority=%d limited=%s local=%s"
            .formatted(name, noAck, prefetch, priority, limited, home == node.home));
    node.peers.add(peer);
    node.dispatcher.subscribe(peer.consumer);
    model.subscribe(peer.client);
  }

  private void unsubscribe() {
    Peer peer = anyPeer(_ -> true);
    if (peer != null) {
      trace.add("unsubscribe " + peer.name);
      assertThat(node.dispatcher.unsubscribe(peer.consumer))
          .isEqualTo(model.unsubscribe(peer.client));
    }
  }

  private void settle() {
    Peer peer = anyPeer(p -> !p.outstanding.isEmpty());
    if (peer != null) {
      settle(peer.name, peer.consumer, peer.client, peer.outstanding);
    }
  }

  private void settleGot() {
    if (!got.isEmpty()) {
      settle("got", null, null, got);
    }
  }

  private void settle(
      String name,
      @Nullable Consumer consumer,
      QueueModel.@Nullable Client client,
      List<Long> outstanding) {
    Settlement settlement =
        oneOf(
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
    node.dispatcher.settle(consumer, settlement, positions, count);
    model.settle(client, settlement, chosen);
  }

  private void get() {
    boolean noAck = random.nextBoolean();
    trace.add("get noAck=" + noAck);
    QueueModel.Delivery expected = model.get(noAck);
    assertThat(node.dispatcher.trimFront()).isTrue();
    Front front = node.dispatcher.front();
    if (expected == null || front == null) {
      assertThat(front).isNull();
      assertThat(expected).isNull();
      return;
    }
    assertThat(front.message()).isSameAs(expected.message());
    assertThat(front.redelivered()).isEqualTo(expected.redelivered());
    assertThat(front.position()).isEqualTo(expected.position());
    var unused = node.dispatcher.take(front, !noAck);
    assertThat(node.dispatcher.trimFront()).isTrue();
    if (!noAck) {
      got.add(front.position());
    }
  }

  private void purge() {
    trace.add("purge");
    assertThat(node.dispatcher.purge()).isEqualTo(model.purge());
  }

  private void written() {
    Peer peer = anyPeer(p -> p.unwritten > 0);
    if (peer != null) {
      trace.add("written " + peer.name);
      peer.unwritten--;
      node.dispatcher.flushedToClient(peer.consumer);
      model.written(peer.client);
    }
  }

  private void limit() {
    Peer peer = anyPeer(_ -> true);
    if (peer != null) {
      boolean on = random.nextBoolean();
      trace.add("limit " + peer.name + " " + on);
      node.dispatcher.limit(peer.consumer, on);
      model.limit(peer.client, on);
    }
  }

  /** Mostly to one that asked, sometimes to one that has no use for it any more. */
  private void grant() {
    Peer peer = anyPeer(p -> p.client.asking || p.client.gone);
    if (peer != null) {
      int count = random.nextInt(1, 6);
      trace.add("grant " + count + " to " + peer.name);
      node.dispatcher.grant(peer.consumer, count);
      model.grant(peer.client, count);
    }
  }

  /** Deliveries leave, arrive, and are compared with the model's one by one. */
  private void turn() {
    trace.add("turn");
    node.home.run();
    node.elsewhere.run();
    for (Peer peer : node.peers) {
      List<QueueModel.Parcel> expected = model.leave(peer.client);
      compare(peer, expected);
      peer.arrived.clear();
      peer.unwritten += expected.size();
      assertThat(peer.unwritten).as("window of %s", peer.name).isLessThanOrEqualTo(2);
      if (!peer.client.noAck) {
        expected.stream()
            .flatMap(parcel -> parcel.deliveries.stream())
            .forEach(delivery -> peer.outstanding.add(delivery.position()));
        assertThat(peer.client.prefetch == 0 || peer.outstanding.size() <= peer.client.prefetch)
            .as("prefetch of %s", peer.name)
            .isTrue();
      }
    }
    node.peers.removeIf(p -> p.client.gone && p.outstanding.isEmpty() && p.unwritten == 0);
  }

  private static void compare(Peer peer, List<QueueModel.Parcel> expected) {
    assertThat(peer.arrived).as("batches for %s", peer.name).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      DeliveryBatch batch = peer.arrived.get(i);
      assertThat(deliveries(batch))
          .as("deliveries to %s", peer.name)
          .isEqualTo(expected.get(i).deliveries);
      assertThat(batch.granted()).as("grants of %s", peer.name).isEqualTo(expected.get(i).granted);
    }
    assertThat(peer.wants).as("questions of %s", peer.name).isEqualTo(peer.client.wants);
    assertThat(peer.unused).as("returns of %s", peer.name).isEqualTo(peer.client.unused);
  }

  private static List<QueueModel.Delivery> deliveries(DeliveryBatch batch) {
    List<QueueModel.Delivery> deliveries = new ArrayList<>();
    for (int i = 0; i < batch.count(); i++) {
      deliveries.add(
          new QueueModel.Delivery(batch.position(i), batch.message(i), batch.redelivered(i)));
    }
    return deliveries;
  }

  private void crash() {
    trace.add("crash");
    got.clear();
    model.restart();
    node = new Node();
    node.dispatcher.proceed();
  }

  @SuppressWarnings("ReferenceEquality") // the very message is meant
  private void verify() {
    assertThat(node.dispatcher.readyCount()).as("ready").isEqualTo(model.ready.size());
    assertThat(node.dispatcher.lanes().readyBytes()).as("bytes").isEqualTo(model.readyBytes());
    assertThat(node.dispatcher.unsettledCount())
        .as("unsettled")
        .isEqualTo(model.contents.size() - model.ready.size());
    assertThat(node.dispatcher.consumerCount()).as("consumers").isEqualTo(model.clients.size());
    assertThat(model.published).as("none vanished").isEqualTo(model.left + model.contents.size());
    assertThat(node.post.sent).as("deaths").containsExactlyInAnyOrderElementsOf(model.deaths);
    node.post.sent.clear();
    model.deaths.clear();
    node.logs.forEach(this::verify);
  }

  @SuppressWarnings("ReferenceEquality") // the very message is meant
  private void verify(int level, QueueLog log) {
    long first = (long) level << 56;
    Map<Long, QueueModel.Entry> contents = model.contents.subMap(first, first + (1L << 56));
    assertThat(log.next()).as("next of %s", level).isEqualTo(model.next.getOrDefault(level, 0L));
    assertThat(log.livePositions())
        .as("positions")
        .isEqualTo(longs(contents.keySet().stream().map(at -> at - first).toList()));
    // Plain conditions below: they run for every message after every step.
    contents.forEach(
        (position, entry) -> {
          long at = position - first;
          if (log.get(at) != entry.message
              || log.returns(at) != entry.returns
              || log.retryAt(at) != entry.retryAt
              || log.due(at) != entry.due) {
            throw new AssertionError("another message, count of returns or time, at " + position);
          }
        });
    WrittenQueue disk = Objects.requireNonNull(written.get(level));
    disk.apply(Objects.requireNonNull(node.journals.get(level)));
    Map<Long, QueueModel.Entry> dying = model.dying.subMap(first, first + (1L << 56));
    dying.keySet().removeIf(position -> !disk.holds(position - first));
    disk.assertSame(
        log, dying.size(), dying.values().stream().mapToLong(entry -> entry.message.size()).sum());
  }

  private static long[] longs(Collection<Long> values) {
    return values.stream().mapToLong(Long::longValue).toArray();
  }

  private @Nullable Peer anyPeer(Predicate<Peer> condition) {
    List<Peer> fitting = node.peers.stream().filter(condition).toList();
    return fitting.isEmpty() ? null : fitting.get(random.nextInt(fitting.size()));
  }

  @SafeVarargs
  private <T> T oneOf(T... values) {
    return values[random.nextInt(values.length)];
  }
}
