package org.warrenmq.engine.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageStore.SchedulePage;
import org.warrenmq.engine.message.MessageStore.Scheduled;
import org.warrenmq.engine.message.StoredForm;
import org.warrenmq.store.ScheduleState;
import org.warrenmq.store.ScheduledMessage;
import org.warrenmq.store.Storable;
import org.warrenmq.store.WriteRequest;

/**
 * What a store has of one owner's delayed messages, and of the queue that they go to, once certain
 * turns were written; told in the plainest way. On the test's thread.
 */
final class DelayDisk {
  final NavigableMap<Place, ScheduledMessage> waiting = new TreeMap<>();

  /** Routing keys of what the queue has taken. */
  final Set<String> appended = new HashSet<>();

  private long lastId;
  private boolean dropped;

  DelayDisk copy() {
    DelayDisk copy = new DelayDisk();
    copy.waiting.putAll(waiting);
    copy.appended.addAll(appended);
    copy.lastId = lastId;
    copy.dropped = dropped;
    return copy;
  }

  void apply(WriteRequest request) {
    switch (request) {
      case WriteRequest.Schedule(_, long due, long id, Storable message) -> {
        assertThat(dropped).isFalse();
        Place place = new Place(due, id);
        byte[] bytes = bytes(message);
        ScheduledMessage stored = new ScheduledMessage(due, id, bytes, message.persistent());
        assertThat(waiting.put(place, stored)).as("%s before", place).isNull();
        if (message.persistent()) {
          assertThat(id).isGreaterThan(lastId);
          lastId = id;
        }
      }
      case WriteRequest.Unschedule(_, long due, long id, boolean lasting) -> {
        ScheduledMessage stored = waiting.remove(new Place(due, id));
        assertThat(stored).as("%s at %s leaves", id, due).isNotNull();
        assertThat(stored.persistent()).isEqualTo(lasting);
      }
      case WriteRequest.DropQueue _ -> {
        waiting.clear();
        dropped = true;
      }
      case WriteRequest.Append(_, _, _, List<? extends Storable> messages) ->
          messages.forEach(message -> appended.add(read(bytes(message)).routingKey()));
      default -> throw new AssertionError("not of delays: " + request);
    }
  }

  private static byte[] bytes(Storable message) {
    byte[] bytes = new byte[message.storedSize()];
    message.store(ByteBuffer.wrap(bytes));
    return bytes;
  }

  static Message read(byte[] bytes) {
    return StoredForm.read(new ScheduledMessage(0, 1, bytes, true)).message();
  }

  void startAgain() {
    waiting.values().removeIf(message -> !message.persistent());
  }

  @Nullable ScheduleState state(long owner) {
    return lastId == 0 ? null : new ScheduleState(owner, waiting.size(), lastId);
  }

  List<String> keys() {
    return waiting.values().stream().map(each -> read(each.bytes()).routingKey()).toList();
  }

  SchedulePage read(Place from, long maxBytes) {
    List<Scheduled> page = new ArrayList<>();
    long bytes = 0;
    for (ScheduledMessage stored : waiting.tailMap(from, true).values()) {
      if (bytes >= maxBytes) {
        return new SchedulePage(page, false);
      }
      bytes += stored.bytes().length + 32L;
      page.add(StoredForm.read(stored));
    }
    return new SchedulePage(page, true);
  }
}
