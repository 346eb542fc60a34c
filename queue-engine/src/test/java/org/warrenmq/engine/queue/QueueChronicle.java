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
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.Room;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.SimulatedDisk.Stored;
import org.warrenmq.store.QueueState;

/**
 * What the outside saw of one queue, message by message, through all lives of its node, and whether
 * that can be true of a queue that keeps what it promised. On the test's thread.
 */
public final class QueueChronicle implements QueueOwner, QueueInSimulation<QueueChronicle.Item> {
  /** Where a message stands, as far as is known outside. */
  enum State {
    /** On its way to the queue. */
    UNDER_WAY,
    /** Never delivered in this life. */
    READY,
    OUT,
    BACK,
    SETTLED,
    /** It came to a queue that had ended. */
    DROPPED
  }

  /** One message in one queue. */
  static final class Item {
    final Message message;
    final boolean kept;
    State state = State.UNDER_WAY;

    /** Who got it last. */
    @Nullable Object receiver;

    long position = -1;

    /** When it came to the queue, by the clock of its loop. */
    long came;

    /** It came back in this life. */
    boolean requeued;

    /** Somebody got it, in this life or an earlier one. */
    boolean delivered;

    /** Its last delivery was the first. */
    boolean firstTime;

    /** It came out, and came back as if it had not: whether that shows is open. */
    boolean handedBack;

    /** It may have been delivered in an earlier life: it counts as redelivered. */
    boolean flagged;

    /** Known to be on disk: it must be there after whatever happens, unless settled. */
    boolean promised;

    /** It was ready when all was at rest, or came later; and was not taken since. */
    boolean waits;

    Item(Message message, boolean kept) {
      this.message = message;
      this.kept = kept;
    }

    boolean isReady() {
      return state == State.READY || state == State.BACK;
    }

    boolean isGone() {
      return state == State.SETTLED || state == State.DROPPED;
    }
  }

  private final long id;
  private final Room ownersRoom;
  private final QueueTraits policy;

  /** What the queue holds, with what was settled since all was at rest. */
  private final NavigableMap<Long, Item> items = new TreeMap<>();

  /** The last position that each receiver got of those that waited. */
  private final Map<Object, Long> taken = new HashMap<>();

  private QueueAddress address;
  private long next;
  private boolean sealed;
  private long headWhenSealed;

  /** In this life somebody may get messages without an ack: they may go unseen. */
  private boolean mayVanish;

  QueueChronicle(long id, HandLoop home, Room ownersRoom, QueueTraits policy) {
    this.id = id;
    this.ownersRoom = ownersRoom;
    this.policy = policy;
    this.address = Queues.open(id, home.store(), policy, QueueSettings.NONE, this);
  }

  long id() {
    return id;
  }

  @Override
  public QueueAddress address() {
    return address;
  }

  boolean isDurable() {
    return policy.durable();
  }

  boolean isSingleActive() {
    return policy.singleActiveConsumer();
  }

  boolean isEmpty() {
    return items.isEmpty();
  }

  boolean isSealed() {
    return sealed;
  }

  @Override
  public Room room() {
    return ownersRoom;
  }

  @Override
  public <T> void gone(QueueAddress which, ReplyTo<T> reply, T answer) {
    throw new AssertionError("queue " + id + " went by itself");
  }

  Item sent(Message message) {
    return new Item(message, policy.durable() && message.persistent());
  }

  /** In the queue's room, just before the queue gets the message. */
  void arrived(Item item) {
    if (sealed) {
      item.state = State.DROPPED;
      return;
    }
    item.state = State.READY;
    item.position = next++;
    item.came = address.loop().clock().millis();
    item.waits = true;
    items.put(item.position, item);
  }

  /** In the queue's room, just before it is sealed. */
  void seals() {
    if (!sealed) {
      headWhenSealed = ((Queue) address.resident()).lanes().first().head();
      sealed = true;
    }
  }

  void messagesMayVanish() {
    mayVanish = true;
  }

  @Override
  public Item delivered(
      long position, Message message, boolean redelivered, boolean noAck, Object receiver) {
    Item item = items.get(position);
    assertThat(item).as("what is at %s of queue %s", position, id).isNotNull();
    assertThat(item.isReady())
        .as("%s at %s of queue %s comes out", item.state, position, id)
        .isTrue();
    assertSame(message, item.message);
    assertThat(redelivered)
        .as("redelivered flag of %s in queue %s", position, id)
        .isEqualTo(item.requeued || item.flagged);
    verifyGroup(item, receiver, noAck);
    item.receiver = receiver;
    if (item.waits) {
      item.waits = false;
      Long last =
          taken.put(
              policy.groupHeader() == null
                  ? receiver
                  : List.of(receiver, Optional.ofNullable(group(item))),
              position);
      assertThat(last == null || last < position)
          .as("%s of queue %s comes after %s, both waited", position, id, last)
          .isTrue();
    }
    item.firstTime = !item.delivered;
    item.delivered = true;
    item.state = noAck ? State.SETTLED : State.OUT;
    return item;
  }

  private @Nullable FieldValue group(Item item) {
    String header = policy.groupHeader();
    FieldTable headers = item.message.content().view().headers();
    return header == null || headers == null ? null : headers.get(header);
  }

  /** What else is out of its group has the same receiver, and what was before it came out. */
  private void verifyGroup(Item item, Object receiver, boolean noAck) {
    FieldValue group = group(item);
    if (group == null) {
      return;
    }
    for (Item other : items.values()) {
      if (other != item && group.equals(group(other))) {
        // Without an ack it left the queue before the later ones, and may be seen after them.
        boolean later = noAck && other.position > item.position;
        boolean same = receiver instanceof Consumer && receiver.equals(other.receiver);
        assertThat(other.state != State.OUT || same || later)
            .as("%s of queue %s comes out, and %s is", item.position, id, other.position)
            .isTrue();
        assertThat(other.state == State.READY && other.position < item.position && !mayVanish)
            .as("%s of queue %s comes out before %s", item.position, id, other.position)
            .isFalse();
      }
    }
  }

  /** Whether all that is ready waits for something of its group that is out. */
  boolean waitsForGroups() {
    Set<FieldValue> out = new HashSet<>();
    for (Item item : items.values()) {
      FieldValue group = group(item);
      if (item.state == State.OUT && group != null) {
        out.add(group);
      }
    }
    return ready().stream().allMatch(item -> group(item) != null && out.contains(group(item)));
  }

  public static void assertSame(@Nullable Message found, Message expected) {
    assertThat(found).isNotNull();
    assertThat(found.exchange()).isEqualTo(expected.exchange());
    assertThat(found.routingKey()).isEqualTo(expected.routingKey());
    assertThat(found.persistent()).isEqualTo(expected.persistent());
    assertThat(found.content().properties()).isEqualTo(expected.content().properties());
    Body body = found.content().body();
    if (expected.content().body() instanceof Body.Inline(byte[] octets)) {
      assertThat(body).isInstanceOf(Body.Inline.class);
      assertThat(Arrays.equals(((Body.Inline) body).bytes(), octets))
          .as("body of %s", expected.routingKey())
          .isTrue();
    } else {
      assertThat(body).isEqualTo(expected.content().body());
    }
  }

  /** Ids of the large bodies of messages it holds. */
  Set<Long> bodies() {
    Set<Long> ids = new HashSet<>();
    for (Item item : items.values()) {
      if (!item.isGone() && item.message.content().body() instanceof Body.Stored body) {
        ids.add(body.id());
      }
    }
    return ids;
  }

  @Override
  public void settled(Item item, Settlement settlement) {
    assertThat(item.state).as("state of %s when settled", item.position).isEqualTo(State.OUT);
    switch (settlement) {
      case ACKED, REJECTED -> item.state = State.SETTLED;
      case REQUEUED, RETURNED -> {
        item.state = State.BACK;
        item.requeued = true;
      }
      case UNDELIVERED -> {
        item.state = State.BACK;
        item.delivered = !item.firstTime;
        item.handedBack = true;
      }
    }
  }

  /** When the oldest ready message came; MAX_VALUE for none. */
  long oldestReady() {
    return ready().stream().mapToLong(item -> item.came).min().orElse(Long.MAX_VALUE);
  }

  List<Item> ready() {
    return items.values().stream().filter(Item::isReady).toList();
  }

  /**
   * All is at rest after a purge.
   *
   * @param answer what the queue said
   * @param ready what was ready shortly before
   */
  void purged(@Nullable Long answer, List<Item> ready) {
    if (answer == null) {
      assertThat(sealed).as("queue %s is gone", id).isTrue();
      return;
    }
    // What was taken before the purge has been seen by now.
    List<Item> gone = ready.stream().filter(Item::isReady).toList();
    assertThat(gone).as("purged from queue %s", id).hasSize(answer.intValue());
    gone.forEach(item -> item.state = State.SETTLED);
  }

  // At rest.

  /** All mail is opened and all is written. */
  void verifyRest(SimulatedDisk disk) {
    items.values().removeIf(Item::isGone);
    long last = taken.values().stream().mapToLong(position -> position).max().orElse(-1);
    for (Item item : items.values()) {
      assertThat(item.waits && item.position < last && policy.groupHeader() == null)
          .as("%s of queue %s still waits, %s was taken", item.position, id, last)
          .isFalse();
      item.waits = item.isReady();
      item.promised |= item.kept;
    }
    taken.clear();
    verifyStored(disk);
  }

  private void verifyStored(SimulatedDisk disk) {
    List<Long> lasting =
        items.values().stream().filter(item -> item.kept).map(item -> item.position).toList();
    assertThat(List.copyOf(disk.lasting(id).keySet()))
        .as("messages of queue %s that last", id)
        .isEqualTo(sealed ? List.of() : lasting);
    Set<Long> live = disk.live(id).keySet();
    assertThat(live.stream().filter(position -> sealed || !items.containsKey(position)))
        .as("messages that the store keeps for queue %s", id)
        .isEmpty();
  }

  // Between two lives.

  /** The node starts again; false when the queue has not come back. */
  boolean restart(HandLoop home, SimulatedDisk disk, boolean orderly) {
    if (!isDurable() || disk.isDropped(id)) {
      assertThat(isDurable() && !sealed).as("queue %s must come back", id).isFalse();
      return false;
    }
    assertThat(orderly && sealed).as("queue %s came back", id).isFalse();
    QueueState state = disk.state(id);
    NavigableMap<Long, Stored> stored = disk.lasting(id);
    assertThat(stored.keySet().stream().filter(position -> !items.containsKey(position)))
        .as("messages of queue %s that were settled for good", id)
        .isEmpty();
    items.values().removeIf(item -> isLost(item, stored.get(item.position), orderly));
    for (Item item : items.values()) {
      assertThat(item.kept).as("%s of queue %s outlives the process", item.position, id).isTrue();
      assertSame(disk.message(id, item.position), item.message);
      comesBack(item, state, stored.get(item.position), orderly);
    }
    next = state == null ? 0 : state.next();
    sealed = false;
    mayVanish = false;
    taken.clear();
    address =
        Queues.open(
            id,
            home.store(),
            policy,
            QueueSettings.NONE,
            this,
            DeadLetterRoute.NOWHERE,
            state == null ? List.of() : List.of(state),
            List.of());
    return true;
  }

  private boolean isLost(Item item, @Nullable Stored stored, boolean orderly) {
    if (stored != null) {
      assertThat(orderly && item.isGone())
          .as("%s of queue %s is back", item.position, id)
          .isFalse();
      return false;
    }
    long head = sealed ? headWhenSealed : ((Queue) address.resident()).lanes().first().head();
    boolean wentUnseen =
        mayVanish && item.isReady() && (item.position < head || item.state == State.BACK);
    assertThat(item.promised && item.kept && !item.isGone() && !wentUnseen)
        .as("%s of queue %s, %s, is lost", item.position, id, item.state)
        .isFalse();
    return true;
  }

  private void comesBack(
      Item item, @Nullable QueueState state, @Nullable Stored stored, boolean orderly) {
    assertThat(state).isNotNull();
    assertThat(stored).isNotNull();
    boolean seemsDelivered = item.position < state.delivered() || stored.returns() > 0;
    assertThat(item.delivered && !seemsDelivered)
        .as("%s of queue %s was delivered, and nothing tells", item.position, id)
        .isFalse();
    boolean never = !item.delivered && !item.handedBack && !item.flagged;
    // What was passed over counts as delivered.
    boolean passedOver = policy.groupHeader() != null;
    assertThat(orderly && seemsDelivered && never && !passedOver)
        .as("%s of queue %s never was delivered, and seems so", item.position, id)
        .isFalse();
    item.flagged = seemsDelivered;
    item.requeued = false;
    item.promised = true;
    item.state = State.READY;
    item.waits = true;
  }
}
