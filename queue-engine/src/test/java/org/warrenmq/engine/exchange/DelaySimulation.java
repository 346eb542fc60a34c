package org.warrenmq.engine.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.exchange.DelayCommand.Cancel;
import org.warrenmq.engine.exchange.DelayCommand.Count;
import org.warrenmq.engine.exchange.DelayCommand.ListSome;
import org.warrenmq.engine.exchange.DelayCommand.Page;
import org.warrenmq.engine.exchange.DelayCommand.Waiting;
import org.warrenmq.engine.home.AcceptedBatch;
import org.warrenmq.engine.home.Journal;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.Mail;
import org.warrenmq.engine.loop.RecordedErrors;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.loop.SeededRuns;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.Messages;
import org.warrenmq.engine.queue.QueueCommand;
import org.warrenmq.store.ScheduleState;
import org.warrenmq.store.WriteRequest;

/**
 * Several lives of the delays of one exchange, beside a queue that takes what they send, over a
 * store that crashes; with little memory, and a clock that jumps. In an order that the seed
 * decides, on the test's thread.
 */
final class DelaySimulation {
  private static final long OWNER = 7;
  private static final long QUEUE = 8;

  private final SplittableRandom random;
  private final SeededRuns.Trace trace;
  private final DelayStore store;
  private final long messageBytes;
  private final boolean durable;
  private final Map<String, Item> items = new HashMap<>();

  /** Those that the room has taken and not sent, as they should be listed. */
  private final TreeMap<Place, Item> waiting = new TreeMap<>();

  private HandLoop home;
  private HandLoop other;
  private Client client;
  private Target target;
  private Delays delays;
  private int numbers;

  /** That of the message taken last. */
  private long lastId;

  private int questions;
  private boolean jumped;

  /** The one that was to be cancelled last. */
  private @Nullable Item cancelled;

  /** A message, and what became of it. */
  private static final class Item {
    final Message message;
    final long delay;
    @Nullable Place place;
    boolean confirmed;
    boolean sent;

    /** A queue that lasts need not have it. */
    boolean mayBeGone;

    Item(Message message, long delay) {
      this.message = message;
      this.delay = delay;
    }
  }

  DelaySimulation(SplittableRandom random, SeededRuns.Trace trace) {
    this.random = random;
    this.trace = trace;
    this.store = new DelayStore(random.split(), _ -> {});
    this.messageBytes = 1L << random.nextInt(10, 20);
    this.durable = random.nextInt(5) > 0;
    this.home = newLoop();
    this.other = newLoop();
    this.client = new Client();
    this.target = new Target();
    this.delays = open();
  }

  private HandLoop newLoop() {
    return new HandLoop(store, messageBytes, HandLoop.restlessClock(random.split()));
  }

  private Delays open() {
    ScheduleState stored = store.disk().state(OWNER);
    lastId = stored == null ? 0 : stored.lastId();
    Delays opened = Delays.open(OWNER, home.store(), durable, this::due, this::forward, stored);
    opened.start();
    return opened;
  }

  void run(int steps) {
    for (int i = 0; i < steps; i++) {
      step();
      RecordedErrors.instance().rethrow();
    }
    trace.add("end");
    for (int i = 0; i < 30; i++) {
      pass(400_000);
      rest();
    }
    assertThat(waiting).as("nothing is left for ever").isEmpty();
    assertThat(home.store().memory().used()).isZero();
    if (random.nextBoolean()) {
      end();
    }
  }

  private void step() {
    int dice = random.nextInt(100);
    if (dice < 20) {
      publish(random.nextInt(20) == 0 ? random.nextInt(20, 400) : random.nextInt(1, 5));
    } else if (dice < 24) {
      cancel();
    } else if (dice < 26) {
      list();
    } else if (dice < 29) {
      trace.add("rest");
      rest();
    } else if (dice < 30) {
      crash();
    } else if (dice < 31) {
      long by = random.nextLong(-20_000, 20_000);
      trace.add("clock " + by);
      jumped = true;
      home.turnClock(by);
    } else if (dice < 45) {
      pass(random.nextInt(4) == 0 ? random.nextLong(30_000) : random.nextLong(300));
    } else if (dice < 70) {
      (random.nextBoolean() ? home : other).run();
    } else {
      store.work();
    }
  }

  private long now() {
    return home.rooms().clock().millis();
  }

  private void pass(long millis) {
    trace.add("pass " + millis);
    home.pass(millis);
    other.pass(millis);
  }

  // What happens to messages.

  private void publish(int count) {
    if (waiting.size() > 800) {
      return;
    }
    trace.add("publish " + count);
    for (int i = 0; i < count; i++) {
      int size = random.nextInt(20) == 0 ? random.nextInt(3000) : random.nextInt(100);
      String key = "m" + ++numbers;
      Message message =
          random.nextInt(4) == 0 ? Messages.of(key, size) : Messages.lasting(key, size);
      long delay =
          switch (random.nextInt(10)) {
            case 0 -> -5;
            case 1, 2 -> random.nextLong(50_000);
            case 3 -> random.nextLong(5_000_000);
            default -> random.nextLong(2000);
          };
      items.put(key, new Item(message, delay));
      other
          .rooms()
          .send(home.rooms(), new QueueCommand.Publish(delays.address(), message, client, numbers));
    }
  }

  private long due(Message message, long now) {
    Item item = item(message);
    Place place = new Place(now + item.delay, ++lastId);
    item.place = place;
    waiting.put(place, item);
    return place.due();
  }

  private Item item(Message message) {
    Item item = items.get(message.routingKey());
    assertThat(item).as("a message that nobody published: %s", message.routingKey()).isNotNull();
    return item;
  }

  private boolean lasts(Item item) {
    return durable && item.message.persistent();
  }

  /** To no queue at all, to one, or twice, which the delays cannot tell apart from two. */
  private int forward(Message message, Publisher publisher, long sequence) {
    Item item = item(message);
    Place place = item.place;
    assertThat(place).isNotNull();
    assertThat(now()).as("%s leaves, and not early", place).isGreaterThanOrEqualTo(place.due());
    assertThat(item.sent).as("%s leaves twice", place).isFalse();
    assertThat(waiting.remove(place)).as("%s waited", place).isSameAs(item);
    item.sent = true;
    int queues = random.nextInt(5) == 0 ? random.nextInt(3) : 1;
    item.mayBeGone |= queues == 0;
    for (int i = 0; i < queues; i++) {
      target.sent(item, publisher, sequence);
    }
    return queues;
  }

  /** The publisher of everything. */
  private final class Client implements Publisher {
    @Override
    public RoomLoop loop() {
      return other.rooms();
    }

    @Override
    public void accepted(AcceptedBatch batch) {
      for (int i = 0; i < batch.count(); i++) {
        assertThat(batch.isRejected(i)).isFalse();
        Item item = items.get("m" + batch.sequence(i));
        assertThat(item.confirmed).as("m%s is confirmed before", batch.sequence(i)).isFalse();
        item.confirmed = true;
      }
    }
  }

  /** A queue, on either loop, that stores what lasts and refuses something now and then. */
  private final class Target implements Journal.Source {
    private final HandLoop loop = random.nextBoolean() ? home : other;
    private final List<Message> gathered = new ArrayList<>();
    private long next;

    void sent(Item item, Publisher publisher, long sequence) {
      home.rooms().send(loop.rooms(), () -> take(item, publisher, sequence));
    }

    private void take(Item item, Publisher publisher, long sequence) {
      if (random.nextInt(30) == 0) {
        item.mayBeGone = true;
        loop.store().reject(publisher, sequence, 0);
        return;
      }
      if (item.message.persistent()) {
        if (gathered.isEmpty()) {
          loop.store().journal().touch(this);
        }
        gathered.add(item.message);
      }
      loop.store().accept(publisher, sequence, 0, item.message.persistent());
    }

    @Override
    public boolean drainTo(List<WriteRequest> requests) {
      requests.add(new WriteRequest.Append(QUEUE, next, 0, List.copyOf(gathered)));
      next += gathered.size();
      gathered.clear();
      return false;
    }

    @Override
    public long end() {
      return next;
    }

    @Override
    public long mark() {
      return 0;
    }

    @Override
    public void onDisk(long end, long withMark) {}
  }

  // What management asks for.

  private <T extends @Nullable Object> ReplyTo<T> ask(Consumer<T> action) {
    questions++;
    return new ReplyTo<>(
        other.rooms(),
        answer -> {
          questions--;
          action.accept(answer);
        });
  }

  private void ask(Mail command) {
    other.rooms().send(home.rooms(), command);
  }

  private void cancel() {
    List<Item> all = List.copyOf(waiting.values());
    if (all.isEmpty()) {
      return;
    }
    // It may be somewhere else, or gone, when it is cancelled once more.
    boolean again = cancelled != null && random.nextBoolean();
    Item item = again ? cancelled : all.get(random.nextInt(all.size()));
    cancelled = item;
    Place place = item.place;
    assertThat(place).isNotNull();
    Place named = random.nextInt(5) == 0 ? new Place(place.due() + 1, place.id()) : place;
    trace.add("cancel " + named);
    item.mayBeGone |= named == place;
    ask(
        new Cancel(
            delays,
            named,
            this.<@Nullable Boolean>ask(
                done -> {
                  assertThat(done)
                      .as("%s was not sent", named)
                      .isEqualTo(waiting.get(named) == item);
                  if (Boolean.TRUE.equals(done)) {
                    waiting.remove(named);
                  }
                })));
  }

  /** At any moment: what comes is in order, and was published. */
  private void list() {
    Place from = new Place(now() + random.nextLong(-1000, 10_000), 0);
    int limit = random.nextInt(1, 50);
    trace.add("list " + limit + " from " + from);
    ask(
        new ListSome(
            delays,
            from,
            limit,
            this.<@Nullable Page>ask(
                page -> {
                  assertThat(page).isNotNull();
                  List<Place> places = page.messages().stream().map(Waiting::place).toList();
                  assertThat(places).isSorted().hasSizeLessThanOrEqualTo(limit);
                  assertThat(places).allMatch(place -> !place.isBefore(from));
                })));
  }

  private List<Place> listAll() {
    List<Place> all = new ArrayList<>();
    Place from = Place.FIRST;
    while (from != null) {
      List<Page> answers = new ArrayList<>();
      int limit = random.nextInt(1, 300);
      ask(new ListSome(delays, from, limit, this.<@Nullable Page>ask(answers::add)));
      settle();
      Page page = answers.getFirst();
      page.messages().forEach(one -> all.add(one.place()));
      from = page.resumeAt();
    }
    return all;
  }

  // Between lives.

  private void crash() {
    trace.add("crash");
    store.crash();
    List<String> stored = store.disk().keys();
    for (Item item : items.values()) {
      String key = item.message.routingKey();
      if (item.confirmed && lasts(item) && !item.mayBeGone) {
        assertThat(stored.contains(key) || store.disk().appended.contains(key))
            .as("%s was confirmed and is lost", key)
            .isTrue();
      }
    }
    questions = 0;
    home = newLoop();
    other = newLoop();
    client = new Client();
    target = new Target();
    waiting.clear();
    cancelled = null;
    store
        .disk()
        .waiting
        .forEach(
            (place, message) -> {
              Item item = items.get(DelayDisk.read(message.bytes()).routingKey());
              assertThat(item.place).isEqualTo(place);
              item.sent = false;
              waiting.put(place, item);
            });
    delays = open();
  }

  private void end() {
    trace.add("end of the exchange");
    publish(30);
    settle();
    ask(delays::end);
    publish(30);
    settle();
    assertThat(store.disk().waiting).isEmpty();
    assertThat(home.store().memory().used()).isZero();
    List<@Nullable Long> count = new ArrayList<>();
    ask(new Count(delays, this.<@Nullable Long>ask(count::add)));
    settle();
    assertThat(count).containsOnlyNulls();
    assertThat(items.get("m" + numbers).confirmed).isTrue();
  }

  // At rest.

  /** Until nobody has anything to do for so long that no read can be waiting to be tried again. */
  private void settle() {
    int idle = 0;
    while (idle < 12) {
      boolean wasIdle = store.isIdle() && home.isIdle() && other.isIdle();
      idle = wasIdle ? idle + 1 : 0;
      home.pass(2);
      other.pass(2);
      home.run();
      other.run();
      store.work();
      RecordedErrors.instance().rethrow();
    }
  }

  private void rest() {
    if (jumped) {
      // It is seen when the clock is looked at.
      jumped = false;
      pass(10_100);
    }
    settle();
    assertThat(questions).as("questions without answer").isZero();
    long now = now();
    assertThat(waiting.headMap(new Place(now - 10, 0)).keySet()).as("late at %s", now).isEmpty();
    List<Place> listed = listAll();
    List<@Nullable Long> count = new ArrayList<>();
    ask(new Count(delays, this.<@Nullable Long>ask(count::add)));
    settle();
    // Some became due meanwhile.
    List<Place> after = List.copyOf(waiting.keySet());
    assertThat(listed).endsWith(after.toArray(Place[]::new));
    assertThat(count.getFirst()).isBetween((long) after.size(), (long) listed.size());
    List<Place> stored = List.copyOf(store.disk().waiting.keySet());
    assertThat(stored).endsWith(after.toArray(Place[]::new));
    assertThat(stored).noneMatch(place -> place.due() < now - 10);
    assertThat(home.store().memory().used()).isBetween(0L, messageBytes + 16 * 4000);
  }
}
