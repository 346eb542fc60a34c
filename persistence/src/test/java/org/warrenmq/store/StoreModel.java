package org.warrenmq.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.warrenmq.store.WriteRequest.Append;
import org.warrenmq.store.WriteRequest.Delivered;
import org.warrenmq.store.WriteRequest.DropQueue;
import org.warrenmq.store.WriteRequest.Hold;
import org.warrenmq.store.WriteRequest.PutPiece;
import org.warrenmq.store.WriteRequest.Refer;
import org.warrenmq.store.WriteRequest.Release;
import org.warrenmq.store.WriteRequest.Return;
import org.warrenmq.store.WriteRequest.Settle;
import org.warrenmq.store.WriteRequest.SettleBelow;

/** What a store should hold, kept in the plainest way; makes the random requests as well. */
final class StoreModel {
  /** Messages appended together at most; the time is that of the first position. */
  static final int MOST = 3000;

  final TreeMap<Long, QueueModel> queues = new TreeMap<>();
  final TreeMap<Long, ScheduleModel> schedules = new TreeMap<>();
  final TreeMap<Long, BodyModel> bodies = new TreeMap<>();
  private final LongSupplier newBody;
  private long nextQueue = 1;

  /**
   * @param newBody gives out ids
   */
  StoreModel(LongSupplier newBody) {
    this.newBody = newBody;
  }

  /** A message, comparable. */
  record Content(long position, String bytes, boolean persistent, int returns, long retryAt) {
    static Content of(StoredMessage message) {
      return new Content(
          message.position(),
          new String(message.bytes(), java.nio.charset.StandardCharsets.ISO_8859_1),
          message.persistent(),
          message.returns(),
          message.retryAt());
    }
  }

  /**
   * A large body.
   *
   * @param holds how many hold it
   */
  record BodyModel(List<String> pieces, boolean persistent, int holds) {
    BodyModel held(int more) {
      return new BodyModel(pieces, persistent, holds + more);
    }
  }

  /** A message's claim on a body. */
  record Reference(long body, boolean lasting) {}

  static final class QueueModel {
    final long id;
    final TreeMap<Long, Content> messages = new TreeMap<>();

    /** Also of messages that the store never saw. */
    final TreeMap<Long, Reference> references = new TreeMap<>();

    /** Where the engine appends. */
    long next;

    /** Behind the last persistent message. */
    long storedNext;

    long delivered;

    QueueModel(long id) {
      this.id = id;
    }

    long persistentBytes() {
      return messages.values().stream()
          .filter(Content::persistent)
          .mapToLong(message -> message.bytes().length())
          .sum();
    }

    List<Content> content() {
      return List.copyOf(messages.values());
    }

    private QueueModel copy() {
      QueueModel copy = new QueueModel(id);
      copy.messages.putAll(messages);
      copy.references.putAll(references);
      copy.next = next;
      copy.storedNext = storedNext;
      copy.delivered = delivered;
      return copy;
    }
  }

  StoreModel copy() {
    StoreModel copy = new StoreModel(newBody);
    queues.forEach((id, queue) -> copy.queues.put(id, queue.copy()));
    schedules.forEach((id, schedule) -> copy.schedules.put(id, schedule.copy()));
    copy.bodies.putAll(bodies);
    copy.nextQueue = nextQueue;
    return copy;
  }

  /** A restart: what was not persistent is gone, and the engine goes on where the store ends. */
  void forgetTransient() {
    for (QueueModel queue : queues.values()) {
      queue.messages.values().removeIf(message -> !message.persistent());
      queue.references.values().removeIf(reference -> !reference.lasting());
      queue.next = queue.storedNext;
    }
    schedules.values().forEach(ScheduleModel::forgetTransient);
    bodies.replaceAll((_, body) -> body.held(-body.holds()));
    forgetBodies();
  }

  /** Those that nobody holds or refers to. */
  private void forgetBodies() {
    bodies
        .entrySet()
        .removeIf(body -> body.getValue().holds() == 0 && !isReferredTo(body.getKey()));
  }

  private boolean isReferredTo(long body) {
    return Stream.concat(
            queues.values().stream().map(queue -> queue.references),
            schedules.values().stream().map(schedule -> schedule.references))
        .flatMap(references -> references.values().stream())
        .anyMatch(reference -> reference.body() == body);
  }

  /** What recovery should say. */
  List<QueueState> states() {
    List<QueueState> states = new ArrayList<>();
    for (QueueModel queue : queues.values()) {
      if (queue.storedNext == 0) {
        continue;
      }
      List<Content> persistent =
          queue.messages.values().stream().filter(Content::persistent).toList();
      long floor = persistent.isEmpty() ? queue.storedNext : persistent.getFirst().position();
      states.add(
          new QueueState(
              queue.id,
              floor,
              queue.storedNext,
              persistent.size(),
              queue.persistentBytes(),
              queue.delivered));
    }
    return states;
  }

  /** The same of scheduled messages. */
  List<ScheduleState> scheduleStates() {
    List<ScheduleState> states = new ArrayList<>();
    schedules.values().forEach(schedule -> schedule.addTo(states));
    return states;
  }

  /** Adds a random request, and does to itself what it should do. */
  void change(Random random, List<WriteRequest> requests) {
    if (queues.size() < 3) {
      queues.put(nextQueue, new QueueModel(nextQueue++));
    }
    List<QueueModel> all = List.copyOf(queues.values());
    QueueModel queue = all.get(random.nextInt(all.size()));
    if (random.nextInt(8) == 0) {
      changeBodies(random, requests);
    }
    change(queue, random, requests);
    if (random.nextInt(5) == 0) {
      changeSchedules(random, requests);
    }
    forgetBodies();
  }

  private void changeSchedules(Random random, List<WriteRequest> requests) {
    if (schedules.size() < 2) {
      schedules.put(nextQueue, new ScheduleModel(nextQueue++));
    }
    List<ScheduleModel> all = List.copyOf(schedules.values());
    ScheduleModel schedule = all.get(random.nextInt(all.size()));
    if (random.nextInt(60) == 0) {
      schedules.remove(schedule.id);
      requests.add(new DropQueue(schedule.id));
    } else {
      schedule.change(random, bodies, requests);
    }
  }

  private void changeBodies(Random random, List<WriteRequest> requests) {
    if (bodies.size() < 5) {
      long id = newBody.getAsLong();
      boolean persistent = random.nextInt(3) > 0;
      List<String> pieces = new ArrayList<>();
      for (int i = random.nextInt(random.nextInt(5) == 0 ? 100 : 8); i >= 0; i--) {
        byte[] bytes = new byte[random.nextInt(2000)];
        random.nextBytes(bytes);
        requests.add(new PutPiece(id, pieces.size(), bytes, persistent));
        pieces.add(new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1));
      }
      bodies.put(id, new BodyModel(pieces, persistent, 1));
      return;
    }
    long id = List.copyOf(bodies.keySet()).get(random.nextInt(bodies.size()));
    if (bodies.get(id).holds() > 0 && random.nextBoolean()) {
      requests.add(new Release(id));
      bodies.compute(id, (_, body) -> body.held(-1));
    } else {
      int times = 1 + random.nextInt(3);
      requests.add(new Hold(id, times));
      bodies.compute(id, (_, body) -> body.held(times));
    }
  }

  /** Some messages have a large body, and so does what comes before a gap now and then. */
  private void refer(
      QueueModel queue, long position, boolean stored, Random random, List<WriteRequest> requests) {
    if (bodies.isEmpty()) {
      return;
    }
    long id = List.copyOf(bodies.keySet()).get(random.nextInt(bodies.size()));
    if (stored && !bodies.get(id).persistent()) {
      return;
    }
    requests.add(new Refer(id, queue.id, position, stored));
    queue.references.put(position, new Reference(id, stored));
  }

  private void change(QueueModel queue, Random random, List<WriteRequest> requests) {
    switch (random.nextInt(100)) {
      case 0 -> {
        queues.remove(queue.id);
        requests.add(new DropQueue(queue.id));
      }
      case 1, 2, 3 -> purge(queue, random, requests);
      case 4, 5, 6, 7, 8 -> returned(queue, random, requests);
      case 9, 10, 11 -> {
        long mark = random.nextLong(queue.next + 10);
        if (queue.storedNext > 0) {
          queue.delivered = mark;
        }
        requests.add(new Delivered(queue.id, mark));
      }
      default -> {
        // Long phases of growth and of shrinking, seen over the whole run.
        boolean grow = queue.messages.size() < 4000 && random.nextInt(100) < 45;
        if (grow || queue.messages.isEmpty()) {
          append(queue, random, requests);
        } else {
          settle(queue, random, requests);
        }
      }
    }
  }

  private void append(QueueModel queue, Random random, List<WriteRequest> requests) {
    if (random.nextInt(5) == 0) {
      // Some messages stay in memory and are never shown to the store.
      refer(queue, queue.next, false, random, requests);
      queue.next += random.nextInt(random.nextInt(10) == 0 ? 5000 : 20);
    }
    int count = 1 + random.nextInt(random.nextInt(8) == 0 ? MOST : 30);
    int kind = random.nextInt(4);
    List<Storable> messages = new ArrayList<>(count);
    long first = queue.next;
    for (int i = 0; i < count; i++) {
      boolean persistent = kind > 0 || random.nextInt(4) == 0;
      byte[] bytes = new byte[random.nextInt(200) == 0 ? random.nextInt(5_000) : random.nextInt(6)];
      random.nextBytes(bytes);
      messages.add(Storable.of(bytes, persistent));
      long position = queue.next++;
      if (random.nextInt(100) == 0) {
        refer(queue, position, persistent, random, requests);
      }
      queue.messages.put(
          position,
          new Content(
              position,
              new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1),
              persistent,
              0,
              Return.AT_ONCE));
      if (persistent) {
        queue.storedNext = queue.next;
      }
    }
    requests.add(new Append(queue.id, first, TestStore.TIME + first, messages));
  }

  private static void settle(QueueModel queue, Random random, List<WriteRequest> requests) {
    long before = queue.persistentBytes();
    List<Long> live = List.copyOf(queue.messages.keySet());
    int from = random.nextInt(3) == 0 ? random.nextInt(live.size()) : 0;
    // Mostly the oldest message stays: the floor is stuck.
    from = from == 0 && random.nextInt(3) > 0 ? Math.min(1, live.size() - 1) : from;
    int to = Math.min(live.size(), from + 1 + random.nextInt(random.nextInt(3) == 0 ? 3000 : 50));
    int keepOneOf = random.nextBoolean() ? Integer.MAX_VALUE : 2 + random.nextInt(12);
    List<Long> settled = new ArrayList<>();
    for (long position : live.subList(from, to)) {
      if (keepOneOf == Integer.MAX_VALUE || random.nextInt(keepOneOf) > 0) {
        settled.add(position);
        queue.messages.remove(position);
      }
    }
    for (long position : queue.references.keySet()) {
      if (random.nextInt(10) == 0 && !queue.messages.containsKey(position)) {
        settled.add(position);
      }
    }
    if (random.nextInt(3) == 0) {
      java.util.Collections.shuffle(settled, random);
    }
    if (random.nextInt(10) == 0) {
      // Long gone, or never there.
      settled.add(random.nextLong(queue.next + 1) % Math.max(1, live.getFirst() + 1));
      queue.messages.remove(settled.getLast());
      settled.add(queue.next + 5);
    }
    settled.forEach(queue.references::remove);
    requests.add(
        new Settle(
            queue.id,
            SettleReason.values()[random.nextInt(SettleReason.values().length)],
            settled.stream().mapToLong(p -> p).toArray(),
            before - queue.persistentBytes()));
  }

  private static void purge(QueueModel queue, Random random, List<WriteRequest> requests) {
    long before = queue.persistentBytes();
    long below = random.nextBoolean() ? queue.next : random.nextLong(queue.next + 1);
    TreeSet<Long> kept = new TreeSet<>();
    for (long position : queue.messages.headMap(below).keySet()) {
      if (random.nextInt(200) == 0) {
        kept.add(position);
      }
    }
    queue.messages.headMap(below).keySet().retainAll(kept);
    queue.references.headMap(below).keySet().retainAll(kept);
    requests.add(
        new SettleBelow(
            queue.id,
            below,
            kept.stream().mapToLong(position -> position).toArray(),
            before - queue.persistentBytes()));
  }

  private static void returned(QueueModel queue, Random random, List<WriteRequest> requests) {
    long[] positions =
        queue.messages.keySet().stream()
            .filter(position -> random.nextInt(30) == 0)
            .limit(20)
            .mapToLong(position -> position)
            .toArray();
    int[] counts = new int[positions.length];
    Arrays.setAll(counts, i -> 1 + random.nextInt(1000));
    long[] dues = random.nextBoolean() ? null : new long[positions.length];
    if (dues != null) {
      Arrays.setAll(dues, _ -> random.nextBoolean() ? Return.AT_ONCE : random.nextLong(1L << 42));
    }
    for (int i = 0; i < positions.length; i++) {
      Content old = queue.messages.get(positions[i]);
      queue.messages.put(
          positions[i],
          new Content(
              positions[i],
              old.bytes(),
              old.persistent(),
              counts[i],
              dues == null ? Return.AT_ONCE : dues[i]));
    }
    requests.add(new Return(queue.id, positions, counts, dues));
  }

  /** For messages about failures. */
  @Override
  public String toString() {
    return Map.copyOf(queues).keySet().toString();
  }
}
