package org.warrenmq.engine.queue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.ModelConsumer.Delivery;
import org.warrenmq.engine.queue.ModelContents.Dying;
import org.warrenmq.engine.queue.ModelContents.Entry;
import org.warrenmq.store.SettleReason;

/**
 * What a queue has to do, told in the plainest way: sorted maps and lists, no segments, heaps or
 * bits. The simulation's only source of what is right; runs on the test's thread.
 */
final class QueueModel {
  final ModelContents contents;

  /** What died since that was last looked at: reason and message. */
  final List<String> deaths = new ArrayList<>();

  final List<ModelConsumer> consumers = new ArrayList<>();

  /** Consumers that may get something, the one that waited longest first. */
  private final List<ModelConsumer> line = new ArrayList<>();

  private final boolean singleActive;
  private final @Nullable String groupHeader;
  private final int maxPriority;
  private final int usualPriority;

  /** By lane. */
  final NavigableMap<Integer, Long> next = new TreeMap<>();

  /** Milliseconds. */
  long now;

  QueueSettings settings;

  QueueModel(QueueTraits traits, QueueSettings settings) {
    this.singleActive = traits.singleActiveConsumer();
    this.maxPriority = traits.maxPriority();
    this.usualPriority = traits.usualPriority();
    this.contents = new ModelContents(usualPriority);
    this.groupHeader = traits.groupHeader();
    this.settings = settings;
  }

  /** False when the queue refuses it. */
  boolean publish(Message message) {
    trim();
    boolean rejects = settings.overflow() != QueueSettings.Overflow.DROP_HEAD;
    if (rejects && isTooMuch(1, message.size())) {
      if (settings.overflow() == QueueSettings.Overflow.REJECT_PUBLISH_DLX
          && settings.deadLetters() != null) {
        deaths.add(SettleReason.DROPPED + " " + message.routingKey());
      }
      return false;
    }
    int named = message.traits().priority();
    int priority = named < 0 ? usualPriority : Math.min(named, maxPriority);
    int lane = contents.swapped(priority);
    long at = next.merge(lane, 1L, Long::sum) - 1;
    long ttl = Math.min(settings.messageTtl(), message.traits().ttl());
    long due = ttl == Long.MAX_VALUE ? Long.MAX_VALUE : now + ttl;
    contents.add(at | (long) lane << 56, new Entry(message, due, now, group(message)));
    deliverReady();
    trim();
    return true;
  }

  private boolean isTooMuch(int more, long moreBytes) {
    return contents.ready.size() + more > settings.maxLength()
        || contents.readyBytes() + moreBytes > settings.maxBytes();
  }

  /** Something happened, or time has passed. */
  void proceed() {
    trim();
    deliverReady();
    trim();
  }

  private void trim() {
    contents.due(now).forEach(position -> die(position, SettleReason.EXPIRED));
    boolean drops = settings.overflow() == QueueSettings.Overflow.DROP_HEAD;
    while (drops && !contents.ready.isEmpty() && isTooMuch(0, 0)) {
      die(contents.ready.getFirst(), SettleReason.DROPPED);
    }
  }

  /** A message leaves without an ack. */
  private void die(long position, SettleReason reason) {
    Entry entry = contents.remove(position, reason, now);
    if (settings.deadLetters() != null) {
      deaths.add(reason + " " + entry.message.routingKey());
      contents.dying.put(position, new Dying(entry, reason));
    }
  }

  void subscribe(ModelConsumer consumer) {
    consumers.add(consumer);
    queueUp(consumer);
    proceed();
  }

  boolean unsubscribe(ModelConsumer consumer) {
    consumer.gone = true;
    line.remove(consumer);
    boolean wasActive = mayBeActive(consumer);
    boolean was = consumers.remove(consumer);
    if (singleActive && wasActive && !consumers.isEmpty()) {
      // The first of the highest priority.
      ModelConsumer heir =
          Collections.max(consumers, Comparator.comparing(waiting -> waiting.priority));
      consumers.remove(heir);
      consumers.addFirst(heir);
      queueUp(heir);
    }
    proceed();
    return was;
  }

  void settle(@Nullable ModelConsumer consumer, Settlement settlement, Collection<Long> positions) {
    switch (settlement) {
      case ACKED -> positions.forEach(p -> contents.remove(p, SettleReason.ACKED, now));
      case REJECTED -> positions.forEach(p -> die(p, SettleReason.REJECTED));
      case REQUEUED, RETURNED -> positions.forEach(p -> requeue(p, settlement));
      case UNDELIVERED -> positions.forEach(contents::giveBack);
    }
    if (consumer != null) {
      consumer.unsettled -= positions.size();
      queueUp(consumer);
    }
    proceed();
  }

  private void requeue(long position, Settlement settlement) {
    Entry entry = contents.get(position);
    if (++entry.returns > settings.deliveryLimit()) {
      die(position, SettleReason.DELIVERY_LIMIT);
      return;
    }
    long delay = waitOf(position, entry, settlement);
    entry.retryAt = delay == 0 ? 0 : now + delay;
    if (delay == 0) {
      contents.giveBack(position);
    } else {
      contents.delay(position);
    }
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
      contents.waitNoMore();
    }
    proceed();
  }

  void written(ModelConsumer consumer) {
    consumer.parcelsUnderWay--;
    queueUp(consumer);
    proceed();
  }

  /** The channel begins to share one limit among its consumers, or ends it. */
  void limit(ModelConsumer consumer, boolean on) {
    if (!consumer.gone && consumer.limited != on) {
      consumer.limited = on;
      consumer.asking = false;
      queueUp(consumer);
    }
    proceed();
  }

  void grant(ModelConsumer consumer, int count) {
    consumer.asking = false;
    consumer.grants += count;
    queueUp(consumer);
    proceed();
    consumer.unused += consumer.grants;
    consumer.grants = 0;
  }

  /** Takes the front message; null when none is ready. */
  @Nullable Delivery get(boolean noAck) {
    trim();
    Long first = firstFor(null, true);
    return first == null ? null : take(first, null, noAck);
  }

  int purge() {
    contents.waitNoMore();
    int purged = contents.purge();
    if (purged > 0) {
      contents.dying.clear();
    }
    return purged;
  }

  /** Another node leads, or the same one came up again: what lasts is all there is. */
  void restart() {
    consumers.clear();
    line.clear();
    contents.restart();
    if (settings.retry() != null) {
      List.copyOf(contents.ready).stream()
          .filter(position -> contents.get(position).retryAt > now)
          .forEach(contents::delay);
    }
  }

  private void queueUp(ModelConsumer consumer) {
    if (consumer.hasRoom() && mayBeActive(consumer) && !line.contains(consumer)) {
      line.add(consumer);
    }
  }

  private boolean mayBeActive(ModelConsumer consumer) {
    return !singleActive || consumers.indexOf(consumer) == 0;
  }

  private void deliverReady() {
    while (!contents.ready.isEmpty()) {
      ModelConsumer turn = whoseTurn();
      Long first = turn == null ? null : firstFor(null, false);
      if (turn == null || first == null) {
        if (turn != null) {
          line.addFirst(turn);
        }
        consumers.forEach(this::askIfItHelps);
        return;
      }
      Object holder = contents.holder(contents.get(first).group);
      ModelConsumer taker = holder instanceof ModelConsumer own ? own : turn;
      if (taker != turn) {
        line.addFirst(turn);
      }
      taker.deliver(take(first, taker, taker.noAck));
      queueUp(taker);
    }
  }

  /** The group of a message; null for none. */
  private @Nullable Object group(Message message) {
    FieldTable headers = groupHeader == null ? null : message.content().view().headers();
    return groupHeader == null || headers == null ? null : headers.get(groupHeader);
  }

  /**
   * The first ready message that somebody may have.
   *
   * @param consumer who; null for anybody
   * @param freeOnly whether nobody has anything of its group; otherwise who has it has room
   */
  private @Nullable Long firstFor(@Nullable ModelConsumer consumer, boolean freeOnly) {
    for (long position : contents.ready) {
      Object group = contents.hasBusyGroups() ? contents.get(position).group : null;
      Object holder = contents.holder(group);
      boolean fits =
          consumer == null
              ? !freeOnly && holder instanceof ModelConsumer own && own.hasRoom()
              : holder == consumer;
      if (holder == null || fits) {
        return position;
      }
    }
    return null;
  }

  private void askIfItHelps(ModelConsumer consumer) {
    boolean lacksGrants = consumer.limited && consumer.grants == 0 && consumer.hasRoomOfItsOwn();
    if (lacksGrants
        && mayBeActive(consumer)
        && !consumer.asking
        && firstFor(consumer, true) != null) {
      consumer.asking = true;
      consumer.wants++;
    }
  }

  private Delivery take(long position, @Nullable ModelConsumer taker, boolean noAck) {
    Entry entry = contents.get(position);
    if (noAck) {
      contents.remove(position, SettleReason.TAKEN, now);
    } else {
      contents.take(position, taker == null ? ModelContents.NOBODY : taker);
    }
    return new Delivery(position, entry.message, entry.returns > 0);
  }

  /**
   * Highest priority first, and within it who waited longest. Who is asked and has no room any more
   * loses the place; who was not asked keeps it.
   */
  private @Nullable ModelConsumer whoseTurn() {
    List<ModelConsumer> order = new ArrayList<>(line);
    order.sort(Comparator.comparing((ModelConsumer consumer) -> consumer.priority).reversed());
    for (ModelConsumer consumer : order) {
      line.remove(consumer);
      if (consumer.hasRoom()) {
        return consumer;
      }
    }
    return null;
  }
}
