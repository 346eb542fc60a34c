package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.engine.message.Stamped;
import org.warrenmq.engine.queue.QueueSettings.Overflow;
import org.warrenmq.engine.queue.SimulatedDisk.Stored;
import org.warrenmq.store.QueueState;
import org.warrenmq.store.SettleReason;
import org.warrenmq.store.Storable;
import org.warrenmq.store.WriteRequest;

/**
 * What a {@link ReplicatedQueue} handed over to be written, message by message, and whether it
 * could: for that it stands, whoever leads it. On the test's thread.
 */
final class ReplicatedContents {
  private final long queueId;
  private final @Nullable SimulatedPost post;
  private final NavigableMap<Long, ReplicatedItem> items = new TreeMap<>();

  /** Where each message is, or was, as far as that lasts. */
  private final Map<String, Long> places = new HashMap<>();

  private final Set<String> confirmed = new HashSet<>();

  /** By level. */
  private final Map<Integer, Long> next = new HashMap<>();

  private boolean dropped;
  private boolean refused;

  ReplicatedContents(long queueId, @Nullable SimulatedPost post) {
    this.queueId = queueId;
    this.post = post;
  }

  /** From now on it may do what these settings say; what it did before may still be seen. */
  void allow(QueueSettings settings) {
    boolean limited = settings.maxLength() != QueueSettings.UNLIMITED;
    dropped |= limited && settings.overflow() == Overflow.DROP_HEAD;
    refused |= limited && settings.overflow() != Overflow.DROP_HEAD;
  }

  Collection<ReplicatedItem> items() {
    return items.values();
  }

  ReplicatedItem item(long position) {
    ReplicatedItem item = items.get(position);
    assertThat(item).as("what is at %s of queue %s", position, queueId).isNotNull();
    return item;
  }

  /** Where a message was put, if anywhere. */
  @Nullable ReplicatedItem itemOf(Message message) {
    Long place = places.get(message.routingKey());
    return place == null ? null : items.get(place);
  }

  private static int level(long position) {
    return (int) (position >>> 56);
  }

  private long next(int level) {
    return next.getOrDefault(level, 0L);
  }

  /** It has handed something over in its present term, for which it stands from now on. */
  void handedOver(WriteRequest.OfQueue request, int term, long now) {
    int level = Lanes.number(request.queueId());
    switch (request) {
      case WriteRequest.Append(_, long first, _, List<? extends Storable> messages) -> {
        assertThat(first).as("append to queue %s", queueId).isGreaterThanOrEqualTo(next(level));
        next.put(level, first);
        messages.forEach(message -> appended(level, message, term));
      }
      case WriteRequest.Settle(_, SettleReason reason, long[] positions, _) -> {
        for (long position : positions) {
          left(item(Lanes.position(level, position)), reason, now);
        }
      }
      case WriteRequest.SettleBelow(_, long below, long[] kept, _) ->
          items
              .subMap(Lanes.position(level, 0), Lanes.position(level, below))
              .forEach((position, item) -> purged(item, Lanes.inLane(position), kept));
      case WriteRequest.Return returned -> {
        for (int i = 0; i < returned.positions().length; i++) {
          ReplicatedItem item = item(Lanes.position(level, returned.positions()[i]));
          returned(item, returned.counts()[i], returned.due(i));
        }
      }
      case WriteRequest.Delivered(_, long mark) ->
          assertThat(mark).as("mark of queue %s", queueId).isBetween(0L, next(level) + 3000);
      case WriteRequest.AddQueue _,
          WriteRequest.Remember _,
          WriteRequest.DropQueue _,
          WriteRequest.Schedule _,
          WriteRequest.Unschedule _ ->
          throw new AssertionError(request + " of a queue that goes on");
    }
  }

  private void appended(int level, Storable stored, int term) {
    Message message = stored instanceof Stamped stamped ? stamped.message() : (Message) stored;
    long position = Lanes.position(level, next.merge(level, 1L, Long::sum) - 1);
    items.put(position, new ReplicatedItem(message, position, stored.expiresAt(), term));
    assertThat(places.put(message.routingKey(), position))
        .as("%s is twice in queue %s", message.routingKey(), queueId)
        .isNull();
  }

  private void purged(ReplicatedItem item, long inLane, long[] kept) {
    if (Arrays.binarySearch(kept, inLane) < 0) {
      assertThat(item.out).as("%s of queue %s purged while out", item.position, queueId).isFalse();
      item.gone = true;
    }
  }

  private void returned(ReplicatedItem item, int count, long retryAt) {
    assertThat(item.requeued).as("%s of queue %s came back", item.position, queueId).isTrue();
    assertThat(count).as("returns of %s", item.position).isGreaterThan(item.returns);
    item.returns = count;
    item.retryAt = retryAt;
  }

  private void left(ReplicatedItem item, SettleReason reason, long now) {
    long position = item.position;
    switch (reason) {
      case ACKED -> assertThat(item.sent).isEqualTo(Settlement.ACKED);
      case REJECTED -> assertThat(item.sent).isEqualTo(Settlement.REJECTED);
      case TAKEN -> item.unseen = true;
      case EXPIRED -> {
        assertThat(item.due).as("due time of %s in queue %s", position, queueId).isBetween(0L, now);
        assertThat(item.out).as("%s of queue %s expired while out", position, queueId).isFalse();
      }
      case DROPPED -> assertThat(dropped && !item.out).as("%s dropped", position).isTrue();
      case DELIVERY_LIMIT -> assertThat(item.sent != null && item.sent.isCounted()).isTrue();
    }
    if (post != null && reason != SettleReason.ACKED && reason != SettleReason.TAKEN) {
      assertThat(post.isDone(item.message.routingKey()))
          .as("%s of queue %s, %s, is where it should be", position, queueId, reason)
          .isTrue();
    }
    item.gone = true;
  }

  /** Whether a message came into it for good. */
  boolean isSafe(Message message, SimulatedDisk disk) {
    Long place = places.get(message.routingKey());
    return place != null
        && disk.wasAppended(Lanes.storeId(queueId, level(place)), Lanes.inLane(place));
  }

  /** Its publisher knows that it is safe wherever it was taken, and else was refused. */
  boolean confirmed(Message message) {
    boolean here = places.containsKey(message.routingKey());
    assertThat(here || refused).as("%s is in queue %s", message.routingKey(), queueId).isTrue();
    if (here) {
      confirmed.add(message.routingKey());
    }
    return here;
  }

  // Succession.

  /** What is stored of it, by level. */
  Map<Integer, QueueState> states(SimulatedDisk disk) {
    Map<Integer, QueueState> states = new TreeMap<>();
    for (int level : next.keySet()) {
      QueueState state = disk.state(Lanes.storeId(queueId, level));
      if (state != null) {
        states.put(level, state);
      }
    }
    return states;
  }

  /** What is stored of its messages. */
  NavigableMap<Long, Stored> stored(SimulatedDisk disk) {
    NavigableMap<Long, Stored> all = new TreeMap<>();
    for (int level : next.keySet()) {
      disk.lasting(Lanes.storeId(queueId, level))
          .forEach((at, stored) -> all.put(Lanes.position(level, at), stored));
    }
    return all;
  }

  /** Somebody else leads it: what was taken of it is all there is, and that is what it must be. */
  void restore(SimulatedDisk disk) {
    Map<Integer, QueueState> states = states(disk);
    NavigableMap<Long, Stored> stored = stored(disk);
    // Not of all that there ever was a description: there may be much.
    assertThat(items.keySet().containsAll(stored.keySet()))
        .as("queue %s holds what is stored", queueId)
        .isTrue();
    next.replaceAll((level, _) -> states.containsKey(level) ? states.get(level).next() : 0);
    for (ReplicatedItem item : items.values()) {
      String key = item.message.routingKey();
      if (!stored.containsKey(item.position)) {
        boolean lost = !item.gone || isBehindEnd(item.position);
        assertThat(lost && confirmed.contains(key)).as("%s, confirmed, is lost", key).isFalse();
      }
    }
    places.values().removeIf(this::isBehindEnd);
    assertThat(places.keySet().containsAll(confirmed)).as("what was confirmed is there").isTrue();
    items.keySet().retainAll(stored.keySet());
    items.replaceAll(
        (position, item) -> restored(item, states.get(level(position)), stored.get(position)));
  }

  private boolean isBehindEnd(long position) {
    return Lanes.inLane(position) >= next(level(position));
  }

  private ReplicatedItem restored(
      ReplicatedItem item, @Nullable QueueState state, @Nullable Stored stored) {
    assertThat(state).isNotNull();
    assertThat(stored).isNotNull();
    QueueChronicle.assertSame(stored.message(), item.message);
    MessageStore.Loaded loaded = stored.loaded(item.position);
    assertThat(loaded.stamps().due()).as("due time of %s", item.position).isEqualTo(item.due);
    assertThat(stored.returns()).isLessThanOrEqualTo(item.returns);
    ReplicatedItem again = new ReplicatedItem(item.message, item.position, item.due, item.term);
    again.returns = stored.returns();
    again.retryAt = stored.retryAt();
    // It may have to wait still, and others come before it.
    again.back = stored.retryAt() != WriteRequest.Return.AT_ONCE;
    again.delivered = item.delivered;
    again.flagged = Lanes.inLane(item.position) < state.delivered() || stored.returns() > 0;
    assertThat(item.delivered && !again.flagged)
        .as("%s of queue %s was delivered, and nothing tells", item.position, queueId)
        .isFalse();
    return again;
  }

  /** What is gone is forgotten, and the rest is what is stored. */
  void verifyRest(SimulatedDisk disk) {
    items.values().removeIf(item -> item.gone);
    NavigableMap<Long, Stored> stored = stored(disk);
    assertThat(List.copyOf(stored.keySet()))
        .as("stored of queue %s", queueId)
        .isEqualTo(List.copyOf(items.keySet()));
    stored.forEach((position, one) -> assertThat(one.returns()).isEqualTo(item(position).returns));
  }
}
