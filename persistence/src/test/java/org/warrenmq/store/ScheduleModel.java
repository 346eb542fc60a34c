package org.warrenmq.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.warrenmq.store.WriteRequest.Refer;
import org.warrenmq.store.WriteRequest.Schedule;
import org.warrenmq.store.WriteRequest.Unschedule;

/** The scheduled messages that a store should hold of one owner; makes random requests as well. */
final class ScheduleModel {
  private static final int MOST = 3000;

  final long id;
  final TreeMap<Place, Content> messages = new TreeMap<>();

  /** By message: the body it has. */
  final TreeMap<Long, StoreModel.Reference> references = new TreeMap<>();

  private long lastId;
  private long storedLast;

  /** The time goes on, and what is due leaves. */
  private long now;

  ScheduleModel(long id) {
    this.id = id;
  }

  record Place(long due, long id) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int byTime = Long.compare(due, other.due);
      return byTime != 0 ? byTime : Long.compare(id, other.id);
    }
  }

  /** A message, comparable. */
  record Content(Place place, String bytes, boolean persistent) {
    static Content of(ScheduledMessage message) {
      return new Content(
          new Place(message.due(), message.id()),
          new String(message.bytes(), StandardCharsets.ISO_8859_1),
          message.persistent());
    }
  }

  ScheduleModel copy() {
    ScheduleModel copy = new ScheduleModel(id);
    copy.messages.putAll(messages);
    copy.references.putAll(references);
    copy.lastId = lastId;
    copy.storedLast = storedLast;
    copy.now = now;
    return copy;
  }

  void forgetTransient() {
    messages.values().removeIf(message -> !message.persistent());
    references.values().removeIf(reference -> !reference.lasting());
    lastId = storedLast;
  }

  /** What recovery should say, if anything. */
  void addTo(List<ScheduleState> states) {
    if (storedLast > 0) {
      long count = messages.values().stream().filter(Content::persistent).count();
      states.add(new ScheduleState(id, count, storedLast));
    }
  }

  List<Content> content(Place from) {
    return List.copyOf(messages.tailMap(from, true).values());
  }

  /**
   * @param bodies what messages may refer to
   */
  void change(
      Random random, TreeMap<Long, StoreModel.BodyModel> bodies, List<WriteRequest> requests) {
    if (messages.isEmpty() || messages.size() < 4000 && random.nextInt(100) < 50) {
      int count = 1 + random.nextInt(random.nextInt(8) == 0 ? MOST : 30);
      for (int i = 0; i < count; i++) {
        schedule(random, bodies, requests);
      }
      return;
    }
    now += random.nextInt(400);
    List<Place> leaving = new ArrayList<>(messages.headMap(new Place(now, 0)).keySet());
    for (Place place : messages.keySet()) {
      if (random.nextInt(200) == 0 && !leaving.contains(place)) {
        leaving.add(place);
      }
    }
    for (Place place : leaving) {
      unschedule(place, requests);
    }
  }

  private void schedule(
      Random random, TreeMap<Long, StoreModel.BodyModel> bodies, List<WriteRequest> requests) {
    boolean persistent = random.nextInt(4) > 0;
    Place place = new Place(now + random.nextInt(2000), ++lastId);
    byte[] bytes = new byte[random.nextInt(200) == 0 ? random.nextInt(5_000) : random.nextInt(6)];
    random.nextBytes(bytes);
    if (random.nextInt(100) == 0 && !bodies.isEmpty()) {
      long body = List.copyOf(bodies.keySet()).get(random.nextInt(bodies.size()));
      if (bodies.get(body).persistent() || !persistent) {
        requests.add(new Refer(body, id, place.id(), persistent));
        references.put(place.id(), new StoreModel.Reference(body, persistent));
      }
    }
    requests.add(new Schedule(id, place.due(), place.id(), Storable.of(bytes, persistent)));
    messages.put(
        place, new Content(place, new String(bytes, StandardCharsets.ISO_8859_1), persistent));
    if (persistent) {
      storedLast = lastId;
    }
    if (random.nextInt(20) == 0) {
      unschedule(place, requests);
    }
  }

  private void unschedule(Place place, List<WriteRequest> requests) {
    boolean lasting = messages.remove(place).persistent();
    references.remove(place.id());
    requests.add(new Unschedule(id, place.due(), place.id(), lasting));
  }
}
