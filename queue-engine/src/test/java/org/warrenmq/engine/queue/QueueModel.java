package org.warrenmq.engine.queue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.engine.message.Message;

/**
 * What a queue has to do, told in the plainest way: sorted maps and lists, no segments, heaps or
 * bits. The simulation's only source of what is right; runs on the test's thread.
 */
final class QueueModel {
  private static final int WINDOW = 2;

  /** A message in the queue. */
  static final class Entry {
    final Message message;
    final long due;

    /** When it came. */
    final long came;

    int returns;

    /** When it may be delivered again. */
    long retryAt;

    /** Who has it; null while it is ready. */
    @Nullable Object holder;

    Entry(Message message, long due, long came) {
      this.message = message;
      this.due = due;
      this.came = came;
    }
  }

  record Delivery(long position, Message message, boolean redelivered) {}

  /** Deliveries that travel together because they were decided in one turn. */
  static final class Parcel {
    final List<Delivery> deliveries = new ArrayList<>();

    /** How many of them were granted by the channel. */
    int granted;

    void add(Delivery delivery, boolean wasGranted) {
      deliveries.add(delivery);
      granted += wasGranted ? 1 : 0;
    }

    boolean isFull() {
      long bytes = deliveries.stream().mapToLong(d -> d.message.size()).sum();
      return deliveries.size() >= 256 || bytes >= 128 * 1024;
    }
  }

  /** A consumer, as its queue sees it. */
  static final class Client {
    final boolean noAck;
    final int prefetch;
    final int priority;

    /** Whether its channel has to grant what it gets, and what was granted. */
    boolean limited;

    int grants;
    boolean asking;

    /** What its channel was told since the last turn. */
    int wants;

    int unused;

    int unsettled;
    int parcelsUnderWay;

    /** Decided since the last turn, not on its way yet. */
    final List<Parcel> leaving = new ArrayList<>();

    boolean gone;

    Client(boolean noAck, int prefetch, int priority, boolean limited) {
      this.limited = limited;
      this.noAck = noAck;
      this.prefetch = prefetch;
      this.priority = priority;
    }

    boolean hasRoom() {
      return hasRoomOfItsOwn() && (!limited || grants > 0);
    }

    boolean hasRoomOfItsOwn() {
      boolean credit = noAck || prefetch == 0 || unsettled < prefetch;
      boolean space = !leaving.isEmpty() && !leaving.getLast().isFull();
      return !gone && credit && (space || parcelsUnderWay < WINDOW);
    }

    void deliver(Delivery delivery) {
      if (leaving.isEmpty() || leaving.getLast().isFull()) {
        leaving.add(new Parcel());
        parcelsUnderWay++;
      }
      leaving.getLast().add(delivery, grants > 0);
      grants -= grants > 0 ? 1 : 0;
      unsettled += noAck ? 0 : 1;
    }
  }

  /** By position; the lane is in it: that of the usual priority is 0, and 0 in its place. */
  final NavigableMap<Long, Entry> contents = new TreeMap<>();

  /** The highest priority first, and within it who came first. */
  final TreeSet<Long> ready =
      new TreeSet<>(
          Comparator.comparing((Long position) -> -swapped((int) (position >>> 56)))
              .thenComparing(Comparator.naturalOrder()));

  /** What came back and may not be delivered yet. */
  private final TreeSet<Long> waiting = new TreeSet<>();

  /** Dead letters, and why, that are under way: they have left, and come back if the node ends. */
  final NavigableMap<Long, Entry> dying = new TreeMap<>();

  /** What died since that was last looked at: position, reason and message. */
  final List<String> deaths = new ArrayList<>();

  final List<Client> clients = new ArrayList<>();

  /** Consumers that may get something, the one that waited longest first. */
  private final List<Client> line = new ArrayList<>();

  /** Who has what a get took, or what has to wait. */
  private static final Object NOBODY = new Object();

  private final boolean singleActive;
  private final @Nullable String groupHeader;
  private final int maxPriority;
  private final int usualPriority;

  /** By lane. */
  final NavigableMap<Integer, Long> next = new TreeMap<>();

  long published;
  long left;

  /** Milliseconds. */
  long now;

  QueueSettings settings;

  /** Since when somebody asks how long messages were here; MAX_VALUE for not at all. */
  private long watchedSince = Long.MAX_VALUE;

  /** How long those were here that left since, as far as that is exactly known. */
  final List<Long> sojourns = new ArrayList<>();

  QueueModel(QueueTraits traits, QueueSettings settings) {
    this.singleActive = traits.singleActiveConsumer();
    this.maxPriority = traits.maxPriority();
    this.usualPriority = traits.usualPriority();
    this.groupHeader = traits.groupHeader();
    this.settings = settings;
  }

  /** False when the queue refuses it. */
  boolean publish(Message message) {
    trim();
    boolean rejects = settings.overflow() != QueueSettings.Overflow.DROP_HEAD;
    boolean tooMuch =
        ready.size() >= settings.maxLength() || readyBytes() + message.size() > settings.maxBytes();
    if (rejects && tooMuch) {
      if (settings.overflow() == QueueSettings.Overflow.REJECT_PUBLISH_DLX
          && settings.deadLetters() != null) {
        deaths.add("DROPPED " + message.routingKey());
      }
      return false;
    }
    int named = message.traits().priority();
    int lane = swapped(named < 0 ? usualPriority : Math.min(named, maxPriority));
    long at = next.merge(lane, 1L, Long::sum) - 1;
    long position = at | (long) lane << 56;
    long ttl = Math.min(settings.messageTtl(), message.traits().ttl());
    contents.put(
        position, new Entry(message, ttl == Long.MAX_VALUE ? Long.MAX_VALUE : now + ttl, now));
    ready.add(position);
    published++;
    deliverReady();
    trim();
    return true;
  }

  private int swapped(int priority) {
    return priority == usualPriority ? 0 : priority == 0 ? usualPriority : priority;
  }

  long readyBytes() {
    return ready.stream().mapToLong(position -> contents.get(position).message.size()).sum();
  }

  /** Something happened, or time has passed. */
  void proceed() {
    trim();
    deliverReady();
    trim();
  }

  private void trim() {
    for (long position : List.copyOf(waiting)) {
      Entry entry = contents.get(position);
      if (entry.due <= now) {
        waiting.remove(position);
        die(position, "EXPIRED");
      } else if (entry.retryAt <= now) {
        waiting.remove(position);
        comeBack(position);
      }
    }
    for (long position : List.copyOf(ready)) {
      if (contents.get(position).due <= now) {
        ready.remove(position);
        die(position, "EXPIRED");
      }
    }
    boolean drops = settings.overflow() == QueueSettings.Overflow.DROP_HEAD;
    while (drops
        && !ready.isEmpty()
        && (ready.size() > settings.maxLength() || readyBytes() > settings.maxBytes())) {
      die(ready.removeFirst(), "DROPPED");
    }
  }

  /** A message leaves without an ack. */
  private void die(long position, String reason) {
    Entry entry = leave(position);
    left++;
    if (settings.deadLetters() != null) {
      deaths.add(reason + " " + entry.message.routingKey());
      dying.put(position, entry);
    }
  }

  private Entry leave(long position) {
    Entry entry = contents.remove(position);
    if (now >= watchedSince && (entry.came >= watchedSince || now - watchedSince >= 2000)) {
      sojourns.add(now - entry.came);
    }
    return entry;
  }

  /** From now on somebody asks how long messages were here. */
  void watch() {
    watchedSince = now;
    sojourns.clear();
  }

  /** A dead letter is where it should be. */
  void buried(long position) {
    dying.remove(position);
  }

  void subscribe(Client client) {
    clients.add(client);
    queueUp(client);
    proceed();
  }

  boolean unsubscribe(Client client) {
    client.gone = true;
    line.remove(client);
    boolean wasActive = mayBeActive(client);
    boolean was = clients.remove(client);
    if (singleActive && wasActive && !clients.isEmpty()) {
      // The first of the highest priority.
      Client next = Collections.max(clients, Comparator.comparing(waiting -> waiting.priority));
      clients.remove(next);
      clients.addFirst(next);
      queueUp(next);
    }
    proceed();
    return was;
  }

  void settle(@Nullable Client client, Settlement settlement, Collection<Long> positions) {
    switch (settlement) {
      case ACKED -> {
        positions.forEach(this::leave);
        left += positions.size();
      }
      case REJECTED -> positions.forEach(p -> die(p, "REJECTED"));
      case REQUEUED, RETURNED -> positions.forEach(p -> requeue(p, settlement));
      case UNDELIVERED -> positions.forEach(this::comeBack);
    }
    if (client != null) {
      client.unsettled -= positions.size();
      queueUp(client);
    }
    proceed();
  }

  private void requeue(long position, Settlement settlement) {
    Entry entry = contents.get(position);
    if (++entry.returns > settings.deliveryLimit()) {
      die(position, "DELIVERY_LIMIT");
      return;
    }
    long delay = waitOf(position, entry, settlement);
    entry.retryAt = delay == 0 ? 0 : now + delay;
    if (delay == 0) {
      comeBack(position);
    } else {
      delay(position);
    }
  }

  /** Until it is ready again, nobody gets anything of its group. */
  private void delay(long position) {
    waiting.add(position);
    contents.get(position).holder = NOBODY;
    Object group = group(position);
    contents.forEach(
        (at, entry) -> {
          if (group != null && entry.holder != null && group.equals(group(at))) {
            entry.holder = NOBODY;
          }
        });
  }

  private long waitOf(long position, Entry entry, Settlement settlement) {
    RetryDelay retry = settings.retry();
    if (retry == null) {
      return 0;
    }
    boolean failed = settlement == Settlement.REQUEUED;
    return switch (retry.cause()) {
      case FAILED -> failed ? retry.millis(position, entry.returns) : 0;
      case RETURNED -> failed ? 0 : retry.millis(position, entry.returns);
      case ALL -> retry.millis(position, entry.returns);
    };
  }

  /** Other settings hold. */
  void configure(QueueSettings changed) {
    settings = changed;
    if (changed.retry() == null) {
      waitNoMore();
    }
    proceed();
  }

  private void waitNoMore() {
    waiting.forEach(this::comeBack);
    waiting.clear();
  }

  private void comeBack(long position) {
    contents.get(position).holder = null;
    ready.add(position);
  }

  void written(Client client) {
    client.parcelsUnderWay--;
    queueUp(client);
    proceed();
  }

  /** The channel begins to share one limit among its consumers, or ends it. */
  void limit(Client client, boolean on) {
    if (!client.gone && client.limited != on) {
      client.limited = on;
      client.asking = false;
      queueUp(client);
    }
    proceed();
  }

  void grant(Client client, int count) {
    client.asking = false;
    client.grants += count;
    queueUp(client);
    proceed();
    client.unused += client.grants;
    client.grants = 0;
  }

  /** Takes the front message; null when none is ready. */
  @Nullable Delivery get(boolean noAck) {
    trim();
    Long first = firstFor(null, true);
    return first == null ? null : take(first, null, noAck);
  }

  int purge() {
    waitNoMore();
    int purged = ready.size();
    left += purged;
    contents.keySet().removeAll(ready);
    ready.clear();
    if (purged > 0) {
      dying.clear();
    }
    return purged;
  }

  /** Everything decided so far goes on its way; a client's later deliveries travel separately. */
  List<Parcel> leave(Client client) {
    List<Parcel> left = List.copyOf(client.leaving);
    client.leaving.clear();
    return left;
  }

  /** Another node leads, or the same one came up again: what lasts is all there is. */
  void restart() {
    clients.clear();
    line.clear();
    left -= dying.size();
    contents.putAll(dying);
    dying.clear();
    contents.keySet().forEach(this::comeBack);
    waiting.clear();
    contents.forEach(
        (position, entry) -> {
          if (settings.retry() != null && entry.retryAt > now) {
            ready.remove(position);
            delay(position);
          }
        });
  }

  /** When the oldest ready message came; MAX_VALUE for none. */
  long oldest() {
    return ready.stream().mapToLong(at -> contents.get(at).came).min().orElse(Long.MAX_VALUE);
  }

  long bytes() {
    return contents.values().stream().mapToLong(entry -> entry.message.size()).sum();
  }

  private void queueUp(Client client) {
    if (client.hasRoom() && mayBeActive(client) && !line.contains(client)) {
      line.add(client);
    }
  }

  private boolean mayBeActive(Client client) {
    return !singleActive || clients.indexOf(client) == 0;
  }

  private void deliverReady() {
    while (!ready.isEmpty()) {
      Client client = whoseTurn();
      Long first = client == null ? null : firstFor(null, false);
      if (client == null || first == null) {
        if (client != null) {
          line.addFirst(client);
        }
        clients.forEach(this::askIfItHelps);
        return;
      }
      Object holder = holders().get(group(first));
      Client taker = holder instanceof Client own ? own : client;
      if (taker != client) {
        line.addFirst(client);
      }
      taker.deliver(take(first, taker, taker.noAck));
      queueUp(taker);
    }
  }

  // Groups.

  /** The group of what is at a position; null for none. */
  private @Nullable Object group(long position) {
    FieldTable headers = contents.get(position).message.content().view().headers();
    return groupHeader == null || headers == null ? null : headers.get(groupHeader);
  }

  /** Who has something of each group. */
  private Map<Object, Object> holders() {
    Map<Object, Object> holders = new HashMap<>();
    if (groupHeader != null) {
      contents.forEach(
          (position, entry) -> {
            Object group = group(position);
            if (entry.holder != null && group != null) {
              holders.put(group, entry.holder);
            }
          });
    }
    return holders;
  }

  /**
   * The first ready message that somebody may have.
   *
   * @param client who; null for anybody
   * @param freeOnly whether nobody has anything of its group; otherwise who has it has room
   */
  private @Nullable Long firstFor(@Nullable Client client, boolean freeOnly) {
    Map<Object, Object> holders = holders();
    for (long position : ready) {
      Object group = holders.isEmpty() ? null : group(position);
      Object holder = group == null ? null : holders.get(group);
      boolean fits =
          client == null
              ? !freeOnly && holder instanceof Client own && own.hasRoom()
              : holder == client;
      if (holder == null || fits) {
        return position;
      }
    }
    return null;
  }

  private void askIfItHelps(Client client) {
    boolean lacksGrants = client.limited && client.grants == 0 && client.hasRoomOfItsOwn();
    if (lacksGrants && mayBeActive(client) && !client.asking && firstFor(client, true) != null) {
      client.asking = true;
      client.wants++;
    }
  }

  private Delivery take(long position, @Nullable Client taker, boolean noAck) {
    ready.remove(position);
    Entry entry = contents.get(position);
    entry.holder = taker == null ? NOBODY : taker;
    if (noAck) {
      leave(position);
      left++;
    }
    return new Delivery(position, entry.message, entry.returns > 0);
  }

  /**
   * Highest priority first, and within it who waited longest. Who is asked and has no room any more
   * loses the place; who was not asked keeps it.
   */
  private @Nullable Client whoseTurn() {
    List<Client> order = new ArrayList<>(line);
    order.sort(Comparator.comparing((Client client) -> client.priority).reversed());
    for (Client client : order) {
      line.remove(client);
      if (client.hasRoom()) {
        return client;
      }
    }
    return null;
  }
}
