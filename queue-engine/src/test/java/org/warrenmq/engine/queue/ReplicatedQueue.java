package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.Body;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.Room;
import org.warrenmq.engine.loop.TimerWheel;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.engine.message.Stamped;
import org.warrenmq.engine.message.Stamps;
import org.warrenmq.engine.queue.QueueSettings.Overflow;
import org.warrenmq.engine.queue.SimulatedDisk.Stored;
import org.warrenmq.store.QueueState;
import org.warrenmq.store.SettleReason;
import org.warrenmq.store.Storable;
import org.warrenmq.store.WriteRequest;

/**
 * What one queue said it writes, what was seen of it outside, and whether the one can be true with
 * the other, under whoever leads it. On the test's thread.
 */
final class ReplicatedQueue implements QueueOwner, QueueInSimulation<ReplicatedQueue.Item> {
  /** A message in the queue, since it is led by whom it is led by now. */
  static final class Item {
    final Message message;
    final long position;
    final long due;

    /** Who got it last. */
    @Nullable Object receiver;

    /** Somebody outside has it. */
    boolean out;

    /** It came back, under this leader or so that it still waits, or is on its way back. */
    boolean back;

    boolean requeued;

    /** It may have been delivered under another leader. */
    boolean flagged;

    /** Somebody got it, under this leader or another. */
    boolean delivered;

    int returns;

    /** When it may come again, in milliseconds. */
    long retryAt;

    @Nullable Settlement sent;

    /** It is no more. */
    boolean gone;

    /** Gone with its delivery, which nobody has seen yet. */
    boolean unseen;

    /** Where messages wait at all, all of them always do: what is set does not change that. */
    boolean waitsAt(long now, QueueSettings settings) {
      return settings.retry() != null && retryAt > now;
    }

    Item(Message message, long position, long due) {
      this.message = message;
      this.position = position;
      this.due = due;
    }
  }

  private final long id;
  private final QueueTraits traits;
  private final Room room;
  private final NavigableMap<Long, Item> items = new TreeMap<>();

  /** Where each message is, or was, as far as that lasts. */
  private final Map<String, Long> places = new HashMap<>();

  private final Set<String> confirmed = new HashSet<>();

  /** The last position that each receiver got of those that came for the first time. */
  private final Map<Object, Long> taken = new HashMap<>();

  private final @Nullable SimulatedPost post;
  private QueueAddress address;
  private QueueSettings settings;
  private boolean dropped;
  private boolean refused;
  private long next;
  private boolean left;

  /** How often it was led by somebody else. */
  private int term;

  /** Who answers now, while a question is answered that was passed on; otherwise -1. */
  private int answering = -1;

  /**
   * @param post where its dead letters go; null when it has none
   */
  ReplicatedQueue(
      long id,
      HandLoop home,
      QueueTraits traits,
      QueueSettings settings,
      Room room,
      @Nullable SimulatedPost post) {
    this.post = post;
    this.id = id;
    this.traits = traits;
    this.room = room;
    this.settings = withLetters(settings);
    this.address =
        Queues.open(id, home.store(), traits, this.settings, this, route(), List.of(), List.of());
    remember(settings);
  }

  long id() {
    return id;
  }

  int term() {
    return term;
  }

  @Override
  public QueueAddress address() {
    return address;
  }

  boolean isSingleActive() {
    return traits.singleActiveConsumer();
  }

  private DeadLetterRoute route() {
    return post == null ? DeadLetterRoute.NOWHERE : post;
  }

  @Nullable SimulatedPost post() {
    return post;
  }

  /** What settings are with its dead letters. */
  private QueueSettings withLetters(QueueSettings given) {
    return post == null ? given : given.withDeadLetters(new DeadLetterTarget("x", null, false));
  }

  /** Other settings hold as soon as it hears of them. */
  QueueSettings configure(QueueSettings changed) {
    settings = withLetters(changed);
    remember(changed);
    return settings;
  }

  private void remember(QueueSettings now) {
    boolean limited = now.maxLength() != QueueSettings.UNLIMITED;
    dropped |= limited && now.overflow() == Overflow.DROP_HEAD;
    refused |= limited && now.overflow() == Overflow.REJECT_PUBLISH;
  }

  @Override
  public Room room() {
    return room;
  }

  @Override
  public <T> void gone(QueueAddress queue, ReplyTo<T> reply, T answer) {
    throw new AssertionError("queue " + id + " went by itself");
  }

  private long now() {
    return address.loop().clock().millis();
  }

  // What it says.

  /** It has handed something over, for which it stands from now on. */
  void handedOver(WriteRequest.OfQueue request, long now) {
    switch (request) {
      case WriteRequest.Append(_, long first, _, List<? extends Storable> messages) -> {
        assertThat(first).as("append to queue %s", id).isGreaterThanOrEqualTo(next);
        next = first;
        messages.forEach(this::appended);
      }
      case WriteRequest.Settle(_, SettleReason reason, long[] positions, _) -> {
        for (long position : positions) {
          left(position, reason, now);
        }
      }
      case WriteRequest.SettleBelow(_, long below, long[] kept, _) -> {
        for (Item item : items.headMap(below).values()) {
          if (Arrays.binarySearch(kept, item.position) < 0) {
            assertThat(item.out).as("%s of queue %s purged while out", item.position, id).isFalse();
            item.gone = true;
          }
        }
      }
      case WriteRequest.Return returned -> {
        for (int i = 0; i < returned.positions().length; i++) {
          long position = returned.positions()[i];
          Item item = item(position);
          assertThat(item.requeued).as("%s of queue %s came back", position, id).isTrue();
          assertThat(returned.counts()[i])
              .as("returns of %s", position)
              .isGreaterThan(item.returns);
          item.returns = returned.counts()[i];
          item.retryAt = returned.due(i);
        }
      }
      case WriteRequest.Delivered(_, long mark) ->
          assertThat(mark).as("mark of queue %s", id).isBetween(0L, next + 3000);
      case WriteRequest.Remember _, WriteRequest.AddQueue _ ->
          assertThat(traits.duplicates()).as("%s of a queue without keys", request).isNotNull();
      case WriteRequest.DropQueue _, WriteRequest.Schedule _, WriteRequest.Unschedule _ ->
          throw new AssertionError(request + " of a queue that goes on");
    }
  }

  private void appended(Storable stored) {
    Message message = stored instanceof Stamped stamped ? stamped.message() : (Message) stored;
    Item item = new Item(message, next, stored.expiresAt());
    items.put(next, item);
    assertThat(places.put(message.routingKey(), next++))
        .as("%s is twice in queue %s", message.routingKey(), id)
        .isNull();
  }

  private void left(long position, SettleReason reason, long now) {
    Item item = item(position);
    switch (reason) {
      case ACKED -> assertThat(item.sent).isEqualTo(Settlement.ACKED);
      case REJECTED -> assertThat(item.sent).isEqualTo(Settlement.REJECTED);
      case TAKEN -> item.unseen = true;
      case EXPIRED -> {
        assertThat(item.due).as("due time of %s in queue %s", position, id).isBetween(0L, now);
        assertThat(item.out).as("%s of queue %s expired while out", position, id).isFalse();
      }
      case DROPPED -> assertThat(dropped && !item.out).as("%s dropped", position).isTrue();
      case DELIVERY_LIMIT -> assertThat(item.sent != null && item.sent.isCounted()).isTrue();
    }
    if (post != null && reason != SettleReason.ACKED && reason != SettleReason.TAKEN) {
      assertThat(post.isDone(item.message.routingKey()))
          .as("%s of queue %s, %s, is where it should be", position, id, reason)
          .isTrue();
    }
    item.gone = true;
  }

  private Item item(long position) {
    Item item = items.get(position);
    assertThat(item).as("what is at %s of queue %s", position, id).isNotNull();
    return item;
  }

  // What is seen.

  @Override
  public Item delivered(
      long position, Message message, boolean redelivered, boolean noAck, Object who) {
    Item item = item(position);
    assertThat(item.out).as("%s of queue %s is out", position, id).isFalse();
    assertThat(item.gone).as("%s of queue %s is gone", position, id).isEqualTo(noAck);
    assertThat(item.unseen).as("%s of queue %s is seen once", position, id).isEqualTo(noAck);
    QueueChronicle.assertSame(message, item.message);
    assertThat(item.waitsAt(now(), settings))
        .as("%s of queue %s comes before its time", position, id)
        .isFalse();
    assertThat(redelivered)
        .as("redelivered flag of %s in queue %s", position, id)
        .isEqualTo(item.requeued || item.flagged);
    verifyGroup(item, who, noAck);
    if (!item.back) {
      Object line = List.of(who, Optional.ofNullable(group(item)));
      Long last = taken.put(line, position);
      assertThat(last == null || last < position).as("%s after %s", position, last).isTrue();
    }
    item.unseen = false;
    item.delivered = true;
    item.out = !noAck;
    item.receiver = who;
    return item;
  }

  private @Nullable FieldValue group(Item item) {
    String header = traits.groupHeader();
    return header == null ? null : HeaderKey.of(item.message, header);
  }

  /** What else is out of its group has the same receiver. */
  private void verifyGroup(Item item, Object who, boolean noAck) {
    FieldValue group = group(item);
    for (Item other : items.values()) {
      if (group != null && other.out && group.equals(group(other))) {
        boolean later = noAck && other.position > item.position;
        boolean same = who instanceof Consumer && who.equals(other.receiver);
        assertThat(same || later)
            .as("%s of queue %s comes out, and %s is", item.position, id, other.position)
            .isTrue();
      }
    }
  }

  /** Whether all that is ready waits for something of its group that is out, or not due again. */
  boolean waitsForGroups(long now) {
    Set<FieldValue> busy = new HashSet<>();
    for (Item item : items.values()) {
      FieldValue group = group(item);
      if (group != null && !item.gone && (item.out || item.waitsAt(now, settings))) {
        busy.add(group);
      }
    }
    return items.values().stream()
        .filter(item -> !item.gone && !item.out && !item.waitsAt(now, settings))
        .allMatch(item -> group(item) != null && busy.contains(group(item)));
  }

  /** A message that another leader had sent: whoever leads now must take it for redelivered. */
  void deliveredLate(long position, Message message) {
    Long place = places.get(message.routingKey());
    Item item = place == null ? null : items.get(place);
    if (item != null) {
      assertThat(item.position).isEqualTo(position);
      assertThat(item.flagged).as("%s of queue %s seems redelivered", position, id).isTrue();
    }
  }

  /**
   * An answer to a get left together with the queue: what it took is in the queue as before, or
   * never came to be there.
   */
  void deliveredAtLast(long position, Message message) {
    Item item = items.get(position);
    if (item != null && item.message.routingKey().equals(message.routingKey())) {
      item.delivered = true;
      item.unseen = false;
    }
  }

  @Override
  public void settled(Item item, Settlement settlement) {
    item.out = false;
    item.sent = settlement;
    item.back |= settlement.givesBack();
    item.requeued |= settlement.isCounted();
  }

  /** Whether a message came into it for good. */
  boolean isSafe(Message message, SimulatedDisk disk) {
    Long place = places.get(message.routingKey());
    return place != null && disk.wasAppended(id, place);
  }

  /** Its publisher knows that it is safe wherever it was taken, and else was refused. */
  boolean confirmed(Message message) {
    boolean here = places.containsKey(message.routingKey());
    assertThat(here || refused).as("%s is in queue %s", message.routingKey(), id).isTrue();
    if (here) {
      confirmed.add(message.routingKey());
    }
    return here;
  }

  /** The address to answer to when a question is passed on: it is known then who answers it. */
  <T extends @Nullable Object> ReplyTo<T> passedOn(ReplyTo<T> reply) {
    int now = term;
    return new ReplyTo<>(
        reply.room(),
        answer -> {
          int before = answering;
          answering = Math.max(before, now);
          reply.action().accept(answer);
          answering = before;
        });
  }

  /** Whether what comes now comes from another leader than today's. */
  boolean isLate(int asked) {
    return Math.max(asked, answering) < term;
  }

  // Succession.

  /** Nobody leads it now. */
  void leave() {
    left = true;
  }

  boolean hasLeft() {
    return left;
  }

  /** It is opened again from what was taken of it. */
  void open(HandLoop home, SimulatedDisk disk) {
    QueueState state = disk.state(id);
    NavigableMap<Long, Stored> stored = disk.lasting(id);
    assertThat(items.keySet()).as("queue %s holds what is stored", id).containsAll(stored.keySet());
    long end = state == null ? 0 : state.next();
    for (Item item : items.values()) {
      String key = item.message.routingKey();
      if (!stored.containsKey(item.position)) {
        boolean lost = !item.gone || item.position >= end;
        assertThat(lost && confirmed.contains(key)).as("%s, confirmed, is lost", key).isFalse();
      }
    }
    places.entrySet().removeIf(e -> e.getValue() >= end);
    assertThat(places.keySet()).as("what was confirmed").containsAll(confirmed);
    items.keySet().retainAll(stored.keySet());
    items.replaceAll((position, item) -> restored(item, state, stored.get(position)));
    next = end;
    taken.clear();
    left = false;
    term++;
    if (post != null) {
      post.moved(home.store());
    }
    address =
        Queues.open(
            id,
            home.store(),
            traits,
            settings,
            this,
            route(),
            state == null ? List.of() : List.of(state),
            disk.remembered(id));
  }

  private Item restored(Item item, @Nullable QueueState state, @Nullable Stored stored) {
    assertThat(state).isNotNull();
    assertThat(stored).isNotNull();
    QueueChronicle.assertSame(stored.message(), item.message);
    MessageStore.Loaded loaded = stored.loaded(item.position);
    assertThat(loaded.stamps().due()).as("due time of %s", item.position).isEqualTo(item.due);
    assertThat(stored.returns()).isLessThanOrEqualTo(item.returns);
    Item again = new Item(item.message, item.position, item.due);
    again.returns = stored.returns();
    again.retryAt = stored.retryAt();
    again.back = again.waitsAt(now(), settings);
    again.delivered = item.delivered;
    again.flagged = item.position < state.delivered() || stored.returns() > 0;
    assertThat(item.delivered && !again.flagged)
        .as("%s of queue %s was delivered, and nothing tells", item.position, id)
        .isFalse();
    return again;
  }

  /** How many it must have ready right after that; -1 when some may have to leave. */
  long readyAtOnce() {
    boolean staying = settings.equals(QueueSettings.NONE);
    return staying && items.values().stream().allMatch(i -> i.due == Stamps.NEVER)
        ? items.size()
        : -1;
  }

  // At rest.

  long messages() {
    return items.values().stream().filter(item -> !item.gone).count();
  }

  /** Ids of the large bodies of messages it holds. */
  Set<Long> bodies() {
    Set<Long> ids = new HashSet<>();
    for (Item item : items.values()) {
      if (!item.gone && item.message.content().body() instanceof Body.Stored body) {
        ids.add(body.id());
      }
    }
    return ids;
  }

  /** All mail is opened and everything is taken. */
  void verifyRest(SimulatedDisk disk, long ready, long now) {
    assertThat(items.values()).as("taken from queue %s, unseen", id).noneMatch(i -> i.unseen);
    items.values().removeIf(item -> item.gone);
    assertThat(List.copyOf(disk.lasting(id).keySet()))
        .as("stored of queue %s", id)
        .isEqualTo(List.copyOf(items.keySet()));
    List<Item> waiting = items.values().stream().filter(item -> !item.out).toList();
    long late = now - 2 * TimerWheel.TICK;
    assertThat(ready)
        .as("ready in queue %s", id)
        .isBetween(
            waiting.stream().filter(item -> !item.waitsAt(late, settings)).count(),
            waiting.stream().filter(item -> !item.waitsAt(now, settings)).count());
    disk.lasting(id)
        .forEach(
            (position, stored) -> assertThat(stored.returns()).isEqualTo(item(position).returns));
    if (settings.overflow() == Overflow.DROP_HEAD) {
      assertThat(ready).as("length of queue %s", id).isLessThanOrEqualTo(settings.maxLength());
    }
    assertThat(waiting).as("what is due in queue %s", id).allMatch(item -> item.due > late);
  }
}
