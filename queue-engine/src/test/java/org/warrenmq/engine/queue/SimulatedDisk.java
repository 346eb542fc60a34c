package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageStore.Loaded;
import org.warrenmq.engine.message.MessageStore.Page;
import org.warrenmq.engine.message.Stamps;
import org.warrenmq.engine.message.StoredForm;
import org.warrenmq.store.QueueState;
import org.warrenmq.store.Storable;
import org.warrenmq.store.StoredMessage;
import org.warrenmq.store.WindowState.RememberedKey;
import org.warrenmq.store.WriteRequest;
import org.warrenmq.store.WriteRequest.Append;
import org.warrenmq.store.WriteRequest.Delivered;
import org.warrenmq.store.WriteRequest.DropQueue;
import org.warrenmq.store.WriteRequest.Hold;
import org.warrenmq.store.WriteRequest.OfQueue;
import org.warrenmq.store.WriteRequest.PutPiece;
import org.warrenmq.store.WriteRequest.Refer;
import org.warrenmq.store.WriteRequest.Release;
import org.warrenmq.store.WriteRequest.Return;
import org.warrenmq.store.WriteRequest.Settle;
import org.warrenmq.store.WriteRequest.SettleBelow;

/**
 * What a store holds once certain turns were written, told in the plainest way: sorted maps, no
 * chunks, pages or cursors. Refuses what a store may not be asked to do. On the test's thread.
 */
final class SimulatedDisk {
  /** A message as bytes, when it came, how often it came back, and when it may come again. */
  record Stored(byte[] bytes, long appended, int returns, long retryAt) {
    Loaded loaded(long position) {
      return StoredForm.read(new StoredMessage(position, appended, bytes, true, returns, retryAt));
    }

    Message message() {
      return loaded(0).message();
    }
  }

  /** A queue in one database. */
  private static final class Log {
    final NavigableMap<Long, Stored> live = new TreeMap<>();
    long next;
    long bytes;
    long delivered;

    Log copy() {
      Log copy = new Log();
      copy.live.putAll(live);
      copy.next = next;
      copy.bytes = bytes;
      copy.delivered = delivered;
      return copy;
    }
  }

  /** A large body. */
  private static final class StoredBody {
    final NavigableMap<Integer, byte[]> pieces = new TreeMap<>();
    final boolean persistent;
    int holds = 1;

    StoredBody(boolean persistent) {
      this.persistent = persistent;
    }

    StoredBody copy() {
      StoredBody copy = new StoredBody(persistent);
      copy.pieces.putAll(pieces);
      copy.holds = holds;
      return copy;
    }
  }

  /** Where the message is that has a body. */
  private record Place(long queueId, long position) {}

  private final Map<Place, Refer> references = new HashMap<>();
  private final NavigableMap<Long, StoredBody> bodies = new TreeMap<>();
  private final Map<Long, Log> main = new TreeMap<>();
  private final Map<Long, Log> spill = new TreeMap<>();
  private final Set<Long> dropped = new HashSet<>();

  /** Remembered keys by queue and slot. */
  private final Map<Long, NavigableMap<Integer, RememberedKey>> windows = new TreeMap<>();

  SimulatedDisk copy() {
    SimulatedDisk copy = new SimulatedDisk();
    main.forEach((id, log) -> copy.main.put(id, log.copy()));
    spill.forEach((id, log) -> copy.spill.put(id, log.copy()));
    copy.dropped.addAll(dropped);
    windows.forEach((id, keys) -> copy.windows.put(id, new TreeMap<>(keys)));
    copy.references.putAll(references);
    bodies.forEach((id, body) -> copy.bodies.put(id, body.copy()));
    return copy;
  }

  /** A start: what does not outlive its process goes, and so does what that held. */
  void startAgain() {
    references.values().removeIf(refer -> !refer.lasting());
    bodies.values().removeIf(body -> !body.persistent);
    bodies.values().forEach(body -> body.holds = 0);
    openAgain();
  }

  /** Its queues are opened anew: what of them does not last goes; who holds bodies goes on. */
  void openAgain() {
    spill.clear();
    references.values().removeIf(refer -> !refer.lasting() || !wasAppended(refer));
    dropLooseBodies();
  }

  /** Whether there is no difference to another one, of which it was a {@link #copy}. */
  boolean holdsTheSameAs(SimulatedDisk other) {
    return describe().equals(other.describe());
  }

  /** Contents are told apart by identity: a copy has the same ones. */
  private List<Object> describe() {
    List<Object> all = new ArrayList<>(List.of(references, dropped, windows));
    for (var database : List.of(main, spill)) {
      database.forEach(
          (id, log) -> all.add(List.of(id, log.live, log.next, log.bytes, log.delivered)));
      all.add("end");
    }
    bodies.forEach((id, body) -> all.add(List.of(id, body.pieces, body.holds)));
    return all;
  }

  private boolean wasAppended(Refer refer) {
    return wasAppended(refer.queueId(), refer.position());
  }

  /** The keys that a queue remembers, oldest first. */
  List<RememberedKey> remembered(long queueId) {
    return windows.getOrDefault(queueId, new TreeMap<>()).values().stream()
        .sorted(Comparator.comparingLong(RememberedKey::number))
        .toList();
  }

  private void dropLooseBodies() {
    Set<Long> needed = new HashSet<>();
    references.values().forEach(refer -> needed.add(refer.body()));
    bodies.entrySet().removeIf(e -> e.getValue().holds == 0 && !needed.contains(e.getKey()));
    assertThat(bodies.keySet()).as("bodies that messages refer to").containsAll(needed);
  }

  /** Ids of the large bodies that are there. */
  Set<Long> bodies() {
    return bodies.keySet();
  }

  /** A piece of a body, which must be there. */
  byte[] piece(long body, int index) {
    byte[] piece = body(body).pieces.get(index);
    assertThat(piece).as("piece %s of body %s", index, body).isNotNull();
    return piece;
  }

  private StoredBody body(long id) {
    StoredBody body = bodies.get(id);
    assertThat(body).as("body %s", id).isNotNull();
    return body;
  }

  /** One turn, whole. */
  void apply(List<WriteRequest> requests) {
    requests.forEach(this::apply);
    dropLooseBodies();
  }

  /** The highest id of a queue that is written to. */
  static long lastQueue(List<WriteRequest> requests) {
    return requests.stream()
        .mapToLong(request -> request instanceof OfQueue ofQueue ? ofQueue.queueId() : 0)
        .max()
        .orElse(0);
  }

  private void apply(WriteRequest request) {
    if (request instanceof OfQueue ofQueue) {
      assertThat(dropped.contains(ofQueue.queueId()))
          .as("%s after the end of its queue", request)
          .isFalse();
    }
    switch (request) {
      case Append append -> append(append);
      case Settle(long queueId, _, long[] positions, long bytes) -> {
        for (Log log : logs(queueId)) {
          for (long position : positions) {
            log.live.remove(position);
          }
        }
        leave(queueId, bytes);
        for (long position : positions) {
          references.remove(new Place(queueId, position));
        }
      }
      case SettleBelow(long queueId, long below, long[] kept, long bytes) -> {
        leave(queueId, bytes);
        logs(queueId).forEach(log -> settleBelow(log, below, kept));
        references
            .keySet()
            .removeIf(
                place ->
                    place.queueId == queueId
                        && place.position < below
                        && Arrays.binarySearch(kept, place.position) < 0);
      }
      case Return returned -> returned(returned);
      case Delivered(long queueId, long mark) -> {
        Log log = main.get(queueId);
        if (log != null) {
          log.delivered = mark;
        }
      }
      case DropQueue(long queueId) -> {
        main.remove(queueId);
        spill.remove(queueId);
        dropped.add(queueId);
        windows.remove(queueId);
        references.keySet().removeIf(place -> place.queueId == queueId);
      }
      case PutPiece piece -> put(piece);
      case Hold(long id, int times) -> body(id).holds += times;
      case Release(long id) ->
          assertThat(--body(id).holds).as("holds of body %s", id).isNotNegative();
      case Refer refer -> {
        assertThat(body(refer.body()).persistent || !refer.lasting()).isTrue();
        assertThat(dropped).doesNotContain(refer.queueId());
        Place place = new Place(refer.queueId(), refer.position());
        assertThat(references.put(place, refer)).as("another body of %s", place).isNull();
      }
      case WriteRequest.Schedule _, WriteRequest.Unschedule _ ->
          throw new AssertionError(request + " of a queue");
      case WriteRequest.Remember(long queueId, int slot, long number, long until, byte[] key) ->
          windows
              .computeIfAbsent(queueId, _ -> new TreeMap<>())
              .put(slot, new RememberedKey(number, until, key));
      case WriteRequest.AddQueue _,
          WriteRequest.PutDefinition _,
          WriteRequest.DeleteDefinition _ -> {}
    }
  }

  /** The store believes what it is told. */
  private void leave(long queueId, long bytes) {
    Log log = main.get(queueId);
    if (log != null) {
      log.bytes -= bytes;
    } else {
      assertThat(bytes).as("bytes of queue %s, which has none", queueId).isZero();
    }
  }

  private void append(Append append) {
    long position = append.first();
    assertThat(append.messages()).isNotEmpty();
    for (Storable message : append.messages()) {
      var database = message.persistent() ? main : spill;
      Log log = database.computeIfAbsent(append.queueId(), _ -> new Log());
      assertThat(position)
          .as("append to %s, whose log ends at %s", append.queueId(), log.next)
          .isGreaterThanOrEqualTo(log.next);
      ByteBuffer target = ByteBuffer.allocate(message.storedSize());
      message.store(target);
      assertThat(target.hasRemaining()).as("a message is as long as it says").isFalse();
      log.live.put(position, new Stored(target.array(), append.time(), 0, Return.AT_ONCE));
      log.bytes += message.persistent() ? message.bodySize() : 0;
      log.next = ++position;
    }
  }

  private static void settleBelow(Log log, long below, long[] kept) {
    Set<Long> remaining = new HashSet<>();
    for (long position : kept) {
      remaining.add(position);
    }
    log.live.headMap(below).keySet().retainAll(remaining);
  }

  private void returned(Return request) {
    for (Log log : logs(request.queueId())) {
      for (int i = 0; i < request.positions().length; i++) {
        int count = request.counts()[i];
        long retryAt = request.due(i);
        log.live.computeIfPresent(
            request.positions()[i],
            (_, old) -> new Stored(old.bytes, old.appended, count, retryAt));
      }
    }
  }

  private void put(PutPiece piece) {
    StoredBody body = bodies.computeIfAbsent(piece.body(), _ -> new StoredBody(piece.persistent()));
    assertThat(body.persistent).isEqualTo(piece.persistent());
    byte[] before = body.pieces.put(piece.index(), piece.bytes());
    assertThat(before).as("piece %s of %s before", piece.index(), piece.body()).isNull();
  }

  private List<Log> logs(long queueId) {
    List<Log> found = new ArrayList<>(2);
    for (var database : List.of(main, spill)) {
      Log log = database.get(queueId);
      if (log != null) {
        found.add(log);
      }
    }
    return found;
  }

  /**
   * Reads like the real one: at least one message if there is one.
   *
   * @param maxMessages where to stop even earlier
   */
  Page read(long queueId, long from, long maxBytes, int maxMessages) {
    List<Loaded> loaded = new ArrayList<>();
    long stored = 0;
    long end = from;
    for (Log log : logs(queueId)) {
      end = Math.max(end, log.next);
    }
    for (var entry : live(queueId).tailMap(from).entrySet()) {
      if (stored >= maxBytes || loaded.size() >= maxMessages) {
        // Anywhere between the last one read and the first one not read is right.
        boolean far = stored % 2 == 0;
        return new Page(loaded, far ? entry.getKey() : loaded.getLast().position() + 1);
      }
      stored += entry.getValue().bytes.length + 32L;
      loaded.add(entry.getValue().loaded(entry.getKey()));
    }
    return new Page(loaded, end);
  }

  /** Everything of a queue that is not settled. */
  NavigableMap<Long, Stored> live(long queueId) {
    NavigableMap<Long, Stored> all = new TreeMap<>();
    logs(queueId).forEach(log -> all.putAll(log.live));
    return all;
  }

  /** What of it outlives the process. */
  NavigableMap<Long, Stored> lasting(long queueId) {
    Log log = main.get(queueId);
    return log == null ? new TreeMap<>() : log.live;
  }

  /** The message at a position, whole; null when it is not here. */
  @Nullable Message message(long queueId, long position) {
    for (Log log : logs(queueId)) {
      Stored stored = log.live.get(position);
      if (stored != null) {
        return stored.message();
      }
    }
    return null;
  }

  /** Whether the append of a message that lasts was written, settled or not. */
  boolean wasAppended(long queueId, long position) {
    Log log = main.get(queueId);
    return log != null && position < log.next;
  }

  boolean isDropped(long queueId) {
    return dropped.contains(queueId);
  }

  /** What recovery says of a queue; null when it never stored anything that lasts. */
  @Nullable QueueState state(long queueId) {
    Log log = main.get(queueId);
    return log == null ? null : state(queueId, log);
  }

  private static QueueState state(long queueId, Log log) {
    long floor = log.live.isEmpty() ? log.next : log.live.firstKey();
    long bytes = log.live.values().stream().mapToLong(stored -> stored.message().size()).sum();
    assertThat(log.bytes).as("bytes of queue %s as it was told", queueId).isEqualTo(bytes);
    boolean expiring =
        log.live.values().stream()
            .anyMatch(stored -> stored.loaded(0).stamps().due() != Stamps.NEVER);
    return new QueueState(
        queueId, floor, log.next, log.live.size(), bytes, log.delivered, expiring);
  }

  List<QueueState> states() {
    List<QueueState> states = new ArrayList<>();
    main.forEach((queueId, log) -> states.add(state(queueId, log)));
    return states;
  }
}
