package org.warrenmq.engine.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.AcceptedBatch;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.QueueCommand;
import org.warrenmq.store.WriteRequest;

/**
 * The delays of an exchange in a simulation of the queues that they lead to: on a loop of their own
 * over a store of their own, which may end at any moment and start again from what was written. On
 * the test's thread.
 */
public final class DelaysInSimulation {
  private static final long OWNER = 1 << 20;

  /** Where messages go when their time has come. */
  public interface Outlet {
    /**
     * Sends a message to queues, from a loop.
     *
     * @param publisher told by each of them
     * @return how many they are
     */
    int forward(RoomLoop from, Message message, Publisher publisher, long sequence);

    /** It will not be sent again: its queues must have it, whatever happens. */
    void verifyTaken(Message message);
  }

  /** A message, and what became of it. */
  private static final class Item {
    final Message message;
    final long delay;
    @Nullable Place place;
    boolean confirmed;
    boolean mayBeCancelled;

    /** As it was sent last; null while it was not in this life. */
    @Nullable Message sent;

    /** How often it was sent, in all lives. */
    int times;

    /** The store was told that it has left. */
    boolean left;

    Item(Message message, long delay) {
      this.message = message;
      this.delay = delay;
    }
  }

  private final SplittableRandom random;
  private final DelayStore store;
  private final Outlet outlet;
  private final long messageBytes;

  /** By routing key: those that may still be there. */
  private final Map<String, Item> items = new HashMap<>();

  private final Map<Long, Item> byId = new HashMap<>();
  private HandLoop home;
  private HandLoop clients;
  private Delays delays;
  private long passed;
  private long lastId;
  private int questions;

  /** By number. */
  private final Map<Long, Item> awaited = new HashMap<>();

  private Client client;
  private long published;

  public DelaysInSimulation(SplittableRandom random, Outlet outlet) {
    this.random = random;
    this.outlet = outlet;
    this.store = new DelayStore(random.split(), this::handedOver);
    this.messageBytes = 1L << random.nextInt(10, 20);
    this.home = newLoop();
    this.clients = newLoop();
    this.client = new Client();
    this.delays = open();
  }

  private HandLoop newLoop() {
    HandLoop loop = new HandLoop(store, messageBytes, HandLoop.restlessClock(random.split()));
    loop.pass(passed);
    return loop;
  }

  private Delays open() {
    var stored = store.disk().state(OWNER);
    lastId = stored == null ? 0 : stored.lastId();
    Delays opened = Delays.open(OWNER, home.store(), true, this::due, this::forward, stored);
    opened.start();
    return opened;
  }

  // What happens to messages.

  /** A message that lasts, with a routing key of its own and no large body. */
  public void publish(Message message, long delay) {
    Item item = new Item(message, delay);
    items.put(message.routingKey(), item);
    awaited.put(published + 1, item);
    clients
        .rooms()
        .send(
            home.rooms(), new QueueCommand.Publish(delays.address(), message, client, ++published));
  }

  private Item item(Message message) {
    Item item = items.get(message.routingKey());
    assertThat(item).as("a message that nobody published: %s", message.routingKey()).isNotNull();
    return item;
  }

  private long due(Message message, long now) {
    Item item = item(message);
    Place place = new Place(now + item.delay, ++lastId);
    item.place = place;
    byId.put(place.id(), item);
    return place.due();
  }

  /** What is sent once more has another key: its queues may have both. */
  private int forward(Message message, Publisher publisher, long sequence) {
    Item item = item(message);
    assertThat(item.sent).as("%s leaves twice", message.routingKey()).isNull();
    assertThat(item.place).isNotNull();
    assertThat(home.rooms().clock().millis())
        .as("%s leaves, and not early", message.routingKey())
        .isGreaterThanOrEqualTo(item.place.due());
    String key = message.routingKey() + (item.times == 0 ? "" : "'" + item.times);
    item.times++;
    Message sent = new Message(message.exchange(), key, message.content(), message.traits());
    item.sent = sent;
    return outlet.forward(home.rooms(), sent, publisher, sequence);
  }

  private void handedOver(WriteRequest request) {
    if (request instanceof WriteRequest.Unschedule unschedule) {
      Item item = byId.get(unschedule.id());
      assertThat(item).as("what leaves as %s", unschedule.id()).isNotNull();
      assertThat(item.left).as("%s leaves the store twice", unschedule.id()).isFalse();
      item.left = true;
      assertThat(item.sent != null || item.mayBeCancelled)
          .as("%s left for a reason", item.message.routingKey())
          .isTrue();
      if (item.sent != null) {
        outlet.verifyTaken(item.sent);
      }
    }
  }

  /** Who publishes; hears of each message once, if ever. */
  private final class Client implements Publisher {
    @Override
    public RoomLoop loop() {
      return clients.rooms();
    }

    @Override
    public void accepted(AcceptedBatch batch) {
      for (int i = 0; i < batch.count(); i++) {
        assertThat(batch.isRejected(i)).isFalse();
        Item item = awaited.remove(batch.sequence(i));
        assertThat(item).as("confirmed before, or never sent").isNotNull();
        item.confirmed = true;
      }
    }
  }

  /** Somebody wants one of them not to leave, which may be too late. */
  public void cancelSome() {
    List<Item> waiting = items.values().stream().filter(item -> item.place != null).toList();
    if (waiting.isEmpty()) {
      return;
    }
    Item item = waiting.get(random.nextInt(waiting.size()));
    item.mayBeCancelled = true;
    questions++;
    ReplyTo<@Nullable Boolean> reply =
        new ReplyTo<>(
            clients.rooms(),
            done -> {
              questions--;
              assertThat(Boolean.TRUE.equals(done) && item.sent != null)
                  .as("%s was sent, and cancelled", item.message.routingKey())
                  .isFalse();
            });
    clients.rooms().send(home.rooms(), new DelayCommand.Cancel(delays, item.place, reply));
  }

  /** They end without a warning, and start again. */
  public void restart() {
    store.crash();
    Set<String> stored = new HashSet<>(store.disk().keys());
    for (Item item : List.copyOf(items.values())) {
      String key = item.message.routingKey();
      if (stored.contains(key)) {
        item.sent = null;
        item.left = false;
      } else {
        assertThat(item.confirmed && !item.left).as("%s, confirmed, is lost", key).isFalse();
        forget(item);
      }
    }
    awaited.clear();
    questions = 0;
    home = newLoop();
    clients = newLoop();
    client = new Client();
    delays = open();
  }

  private void forget(Item item) {
    items.remove(item.message.routingKey());
    if (item.place != null) {
      byId.remove(item.place.id(), item);
    }
  }

  // Time and work.

  public void pass(long millis) {
    passed += millis;
    home.pass(millis);
    clients.pass(millis);
  }

  /** Somebody does some of what is to be done. */
  public void work() {
    switch (random.nextInt(3)) {
      case 0 -> home.run();
      case 1 -> clients.run();
      default -> store.work();
    }
  }

  public boolean isIdle() {
    return store.isIdle() && home.isIdle() && clients.isIdle();
  }

  /** How many wait for their time, or for their queues. */
  public int count() {
    return (int) items.values().stream().filter(item -> !item.left).count();
  }

  /** Whether some were sent, and have not been taken by all their queues. */
  public boolean hasUnderWay() {
    return items.values().stream().anyMatch(item -> item.sent != null && !item.left);
  }

  /**
   * All is written, and nobody is asked anything: what was published and has not left for good is
   * in the store, and nothing else.
   */
  public void verifyRest() {
    assertThat(questions).as("questions to delays without answer").isZero();
    assertThat(awaited).as("never confirmed by delays").isEmpty();
    store.sync();
    List.copyOf(items.values()).stream().filter(item -> item.left).forEach(this::forget);
    assertThat(store.disk().keys())
        .as("what is delayed")
        .containsExactlyInAnyOrderElementsOf(items.keySet());
    if (items.isEmpty()) {
      assertThat(home.store().memory().used()).as("memory of no delays").isZero();
    }
  }
}
