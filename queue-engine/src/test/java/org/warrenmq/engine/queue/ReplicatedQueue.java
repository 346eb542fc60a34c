package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.Body;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.Room;
import org.warrenmq.engine.loop.TimerWheel;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.Stamps;
import org.warrenmq.engine.queue.QueueSettings.Overflow;
import org.warrenmq.store.QueueState;
import org.warrenmq.store.SettleReason;
import org.warrenmq.store.WriteRequest;

/**
 * A queue under whoever leads it: what was seen of it outside, and whether that can be true with
 * what it handed over ({@link ReplicatedContents}). On the test's thread.
 */
final class ReplicatedQueue implements QueueOwner, QueueInSimulation<ReplicatedItem> {
  private final long id;
  private final QueueTraits traits;
  private final Room room;
  private final ReplicatedContents contents;

  /** What is seen now was decided then, or later. */
  private final LongSupplier decidedSince;

  /** The last position that each receiver got of those that came for the first time. */
  private final Map<Object, Long> taken = new HashMap<>();

  private final @Nullable SimulatedPost post;

  /** Where it was in each term, the present one last. */
  private final List<QueueAddress> addresses = new ArrayList<>();

  private QueueSettings settings;
  private boolean left;

  /** How many messages it held when it was opened. */
  private long opened;

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
      LongSupplier decidedSince,
      @Nullable SimulatedPost post) {
    this.post = post;
    this.id = id;
    this.traits = traits;
    this.room = room;
    this.decidedSince = decidedSince;
    this.contents = new ReplicatedContents(id, post);
    this.settings = withLetters(settings);
    addresses.add(
        Queues.open(id, home.store(), traits, this.settings, this, route(), List.of(), List.of()));
    contents.allow(settings);
  }

  long id() {
    return id;
  }

  /** How often it was led by somebody else. */
  int term() {
    return addresses.size() - 1;
  }

  @Override
  public QueueAddress address() {
    return addresses.getLast();
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
    contents.allow(changed);
    return settings;
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
    return address().loop().clock().millis();
  }

  /** It has handed something over, for which it stands from now on. */
  void handedOver(WriteRequest.OfQueue request, long now) {
    if (request instanceof WriteRequest.Remember || request instanceof WriteRequest.AddQueue) {
      assertThat(traits.duplicates()).as("%s of a queue without keys", request).isNotNull();
    } else {
      contents.handedOver(request, term(), now);
    }
  }

  /**
   * At any moment no message is lost, and none comes of nothing: what it was opened with and what
   * came = settled + dead + dropped + purged + present. A dead letter may be present as well, as
   * long as it waits to be sent.
   */
  void verifyConservation() {
    if (address().resident() instanceof Queue queue) {
      QueueCounts counts = queue.counts();
      long gone = counts.purgedCount();
      for (SettleReason reason : SettleReason.values()) {
        gone += counts.leftCount(reason);
      }
      long present = queue.lanes().readyCount() + queue.lanes().unsettledCount();
      long waiting = present - (opened + counts.appendedCount() - gone);
      long mayWait = post == null ? 0 : queue.lanes().unsettledCount();
      if (waiting < 0 || waiting > mayWait) {
        throw new AssertionError(
            "queue %d had %d messages, %d came, %d are gone and %d there"
                .formatted(id, opened, counts.appendedCount(), gone, present));
      }
    }
  }

  // What is seen.

  @Override
  public ReplicatedItem delivered(
      long position, Message message, boolean redelivered, boolean noAck, Object who) {
    ReplicatedItem item = contents.item(position);
    assertThat(item.out).as("%s of queue %s is out", position, id).isFalse();
    assertThat(item.gone).as("%s of queue %s is gone", position, id).isEqualTo(noAck);
    assertThat(item.unseen).as("%s of queue %s is seen once", position, id).isEqualTo(noAck);
    QueueChronicle.assertSame(message, item.message);
    assertThat(item.waitsAt(now(), settings))
        .as("%s of queue %s comes before its time", position, id)
        .isFalse();
    // In the very millisecond in which it came, it may have left though it was due at once.
    assertThat(item.due)
        .as("due time of %s when queue %s gave it out", position, id)
        .isGreaterThanOrEqualTo(decidedSince.getAsLong());
    assertThat(redelivered)
        .as("redelivered flag of %s in queue %s", position, id)
        .isEqualTo(item.requeued || item.flagged);
    verifyGroup(item, who, noAck);
    if (!item.back) {
      Object line = List.of(who, position >>> 56, Optional.ofNullable(group(item)));
      Long last = taken.put(line, position);
      assertThat(last == null || last < position).as("%s after %s", position, last).isTrue();
    }
    item.unseen = false;
    item.delivered = true;
    item.out = !noAck;
    item.receiver = who;
    return item;
  }

  private @Nullable FieldValue group(ReplicatedItem item) {
    String header = traits.groupHeader();
    return header == null ? null : HeaderKey.of(item.message, header);
  }

  /** What else is out of its group has the same receiver. */
  private void verifyGroup(ReplicatedItem item, Object who, boolean noAck) {
    FieldValue group = group(item);
    if (group == null) {
      return;
    }
    for (ReplicatedItem other : contents.items()) {
      if (other.out && group.equals(group(other))) {
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
    for (ReplicatedItem item : contents.items()) {
      FieldValue group = group(item);
      if (group != null && !item.gone && (item.out || item.waitsAt(now, settings))) {
        busy.add(group);
      }
    }
    return contents.items().stream()
        .filter(item -> !item.gone && !item.out && !item.waitsAt(now, settings))
        .allMatch(item -> group(item) != null && busy.contains(group(item)));
  }

  /** A message that a consumer got from an earlier leader, whose address it knows. */
  void deliveredLate(QueueAddress leader, long position, Message message) {
    deliveredLate(addresses.indexOf(leader), position, message);
  }

  /** A message that the leader of that term had sent: who leads must take it for redelivered. */
  void deliveredLate(int sent, long position, Message message) {
    ReplicatedItem item = contents.itemOf(message);
    if (item != null && item.term > sent) {
      assertThat(traits.duplicates())
          .as("%s of queue %s was lost, and came once more", position, id)
          .isNotNull();
    } else if (item != null) {
      assertThat(item.position).isEqualTo(position);
      assertThat(item.flagged).as("%s of queue %s seems redelivered", position, id).isTrue();
    }
  }

  /**
   * An answer to a get left together with the queue: what it took is in the queue as before, or
   * never came to be there.
   */
  void deliveredAtLast(long position, Message message) {
    ReplicatedItem item = contents.itemOf(message);
    if (item != null && item.position == position) {
      item.delivered = true;
      item.unseen = false;
    }
  }

  @Override
  public void settled(ReplicatedItem item, Settlement settlement) {
    item.out = false;
    item.sent = settlement;
    item.back |= settlement.givesBack();
    item.requeued |= settlement.isCounted();
  }

  /** Whether a message came into it for good. */
  boolean isSafe(Message message, SimulatedDisk disk) {
    return contents.isSafe(message, disk);
  }

  /** Its publisher knows that it is safe wherever it was taken, and else was refused. */
  boolean confirmed(Message message) {
    return contents.confirmed(message);
  }

  /** The address to answer to when a question is passed on: it is known then who answers it. */
  <T extends @Nullable Object> ReplyTo<T> passedOn(ReplyTo<T> reply) {
    int now = term();
    return new ReplyTo<>(
        reply.room(),
        answer -> {
          int before = answering;
          answering = Math.max(before, now);
          reply.action().accept(answer);
          answering = before;
        });
  }

  /** The term of who answers now what he, or one before him, was asked in that term. */
  int answeredIn(int asked) {
    return Math.max(asked, answering);
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
    contents.restore(disk);
    taken.clear();
    left = false;
    if (post != null) {
      post.moved(home.store());
    }
    List<QueueState> stored = List.copyOf(contents.states(disk).values());
    opened = contents.items().size();
    addresses.add(
        Queues.open(
            id, home.store(), traits, settings, this, route(), stored, disk.remembered(id)));
  }

  /** How many it must have ready right after that; -1 when some may have to leave. */
  long readyAtOnce() {
    boolean staying = settings.equals(QueueSettings.NONE);
    return staying && contents.items().stream().allMatch(i -> i.due == Stamps.NEVER)
        ? contents.items().size()
        : -1;
  }

  // At rest.

  long messages() {
    return contents.items().stream().filter(item -> !item.gone).count();
  }

  /** Ids of the large bodies of messages it holds. */
  Set<Long> bodies() {
    Set<Long> ids = new HashSet<>();
    for (ReplicatedItem item : contents.items()) {
      if (!item.gone && item.message.content().body() instanceof Body.Stored body) {
        ids.add(body.id());
      }
    }
    return ids;
  }

  /** All mail is opened and everything is taken. */
  void verifyRest(SimulatedDisk disk, long ready, long now) {
    assertThat(contents.items()).as("taken from queue %s, unseen", id).noneMatch(i -> i.unseen);
    contents.verifyRest(disk);
    List<ReplicatedItem> waiting = contents.items().stream().filter(item -> !item.out).toList();
    long late = now - 2 * TimerWheel.TICK;
    assertThat(ready)
        .as("ready in queue %s", id)
        .isBetween(
            waiting.stream().filter(item -> !item.waitsAt(late, settings)).count(),
            waiting.stream().filter(item -> !item.waitsAt(now, settings)).count());
    if (settings.overflow() == Overflow.DROP_HEAD) {
      assertThat(ready).as("length of queue %s", id).isLessThanOrEqualTo(settings.maxLength());
    }
    assertThat(waiting).as("what is due in queue %s", id).allMatch(item -> item.due > late);
  }
}
