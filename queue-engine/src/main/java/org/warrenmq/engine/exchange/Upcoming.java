package org.warrenmq.engine.exchange;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.MessageMemory;
import org.warrenmq.engine.message.MessageStore.SchedulePage;
import org.warrenmq.engine.message.MessageStore.Scheduled;

/**
 * The delayed messages of one exchange that leave next, in memory: all that wait before a {@link
 * #horizon}, which are due soon; from there on they are in the store only. Runs in the room of its
 * {@link Delays}.
 *
 * <p>Bounded by number and by what the loop's {@link MessageMemory} has: what is too much moves
 * behind the horizon again.
 */
final class Upcoming {
  /** Messages at most. */
  private static final int MOST = 16 * 1024;

  /** So few may stay however short memory is, or nothing would go on. */
  private static final int LEAST = 16;

  /** What is due later than this is not kept, nor read. */
  static final long NEAR_MILLIS = 10_000;

  private final MessageMemory memory;
  private final TreeMap<Place, Delayed> messages = new TreeMap<>();
  private long bytes;

  /** From here on nothing is in memory; the end of all places when there is nothing. */
  private Place horizon = Place.END;

  /**
   * While a page is read: what was published since that began, from the horizon on. The page may
   * have it, or not. Nothing that the writer does not hold as well.
   */
  private @Nullable TreeMap<Place, Delayed> meanwhile;

  /** Where that page begins. */
  private Place readFrom = Place.FIRST;

  /** Something behind the horizon was asked of the store, maybe since the last page was read. */
  private boolean changed;

  /** Messages that the last page brought, or that stayed when others had to go. */
  private int lastRead;

  Upcoming(MessageMemory memory) {
    this.memory = memory;
  }

  /** There are messages in the store, of an earlier run. */
  void restored() {
    horizon = Place.FIRST;
  }

  int size() {
    return messages.size();
  }

  @Nullable Delayed first() {
    Map.Entry<Place, Delayed> first = messages.firstEntry();
    return first == null ? null : first.getValue();
  }

  /** Whether a message that stands here and waits is in memory. */
  boolean covers(Place place) {
    return place.isBefore(horizon);
  }

  boolean contains(Place place) {
    return messages.containsKey(place);
  }

  /** Takes a message out; it stays charged until it was {@link #left}. */
  @Nullable Delayed take(Place place) {
    return messages.remove(place);
  }

  /** A message that is in the store only was taken out of that. */
  void cancelled(Place place) {
    changed = true;
    Delayed message = meanwhile == null ? null : meanwhile.remove(place);
    if (message != null) {
      left(message);
    }
  }

  /** A message that was taken out is not in memory any more. */
  void left(Delayed message) {
    bytes -= message.cost();
    memory.add(-message.cost());
  }

  /** A message that was published, and goes to the store. */
  void add(Delayed message, long now) {
    if (!covers(message.place())) {
      changed = true;
      TreeMap<Place, Delayed> reading = meanwhile;
      if (reading != null) {
        charge(message);
        reading.put(message.place(), message);
      }
    } else if (isFar(message.place(), now)) {
      cutAt(message.place());
    } else {
      charge(message);
      messages.put(message.place(), message);
      makeRoom();
    }
  }

  private static boolean isFar(Place place, long now) {
    return place.due() - NEAR_MILLIS > now;
  }

  private void charge(Delayed message) {
    bytes += message.cost();
    memory.add(message.cost());
  }

  private void makeRoom() {
    while (messages.size() > MOST || messages.size() > LEAST && memory.isTooMuch(bytes)) {
      cutAt(messages.lastKey());
    }
  }

  /** From here on the messages are in the store only. */
  private void cutAt(Place place) {
    horizon = place;
    changed = true;
    var behind = messages.tailMap(place, true).values();
    behind.forEach(this::left);
    behind.clear();
    lastRead = messages.size();
  }

  /** When it should be read on, in milliseconds since 1970: the maximum for not yet, or never. */
  long readAt() {
    boolean enough = messages.size() > lastRead;
    return meanwhile != null || enough || horizon.equals(Place.END)
        ? Long.MAX_VALUE
        : Math.max(0, horizon.due() - NEAR_MILLIS);
  }

  /** Whether a page has to wait for what was asked of the store; told once. */
  boolean takeChanged() {
    boolean was = changed;
    changed = false;
    return was;
  }

  Place horizon() {
    return horizon;
  }

  /** A page is read from the horizon on, and will have all that was published until now. */
  void readingBegins() {
    meanwhile = new TreeMap<>();
    readFrom = horizon;
  }

  /**
   * The page that was read; what is too far is left where it is.
   *
   * @param isGone whether one of them is under way to queues, or gone, and the store did not know
   */
  void read(SchedulePage page, long now, Predicate<Place> isGone) {
    TreeMap<Place, Delayed> since = meanwhile;
    meanwhile = null;
    if (since == null) {
      throw new IllegalStateException("a page that nobody reads");
    }
    since.values().forEach(this::left);
    if (!horizon.equals(readFrom)) {
      // What stood before it went back to the store: another page is wanted.
      lastRead = 0;
      return;
    }
    for (Scheduled each : page.messages()) {
      Place place = new Place(each.due(), each.id());
      if (!isGone.test(place)) {
        since.putIfAbsent(place, new Delayed(place, each.message(), each.lasting()));
      }
    }
    horizon = page.atEnd() ? Place.END : new Place(page.last().due(), page.last().id()).next();
    int before = messages.size();
    for (Delayed each : since.headMap(horizon).values()) {
      if (isFar(each.place(), now)) {
        horizon = each.place();
        break;
      }
      charge(each);
      messages.put(each.place(), each);
    }
    lastRead = messages.size() - before;
    makeRoom();
  }

  /** True when all that waits is in memory. */
  boolean isAll() {
    return meanwhile == null && horizon.equals(Place.END);
  }

  /** Forgets everything. */
  void clear() {
    messages.clear();
    meanwhile = null;
    horizon = Place.END;
    memory.add(-bytes);
    bytes = 0;
  }
}
