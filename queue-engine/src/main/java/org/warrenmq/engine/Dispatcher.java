package org.warrenmq.engine;

import java.util.Arrays;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.warrenmq.store.SettleReason;

/**
 * Decides what happens in a queue: who gets which message when, and what leaves. Runs in the
 * queue's room; owns everything volatile about the queue, while the {@link QueueLog} holds what
 * lasts.
 *
 * <p>Every change to the log is also told to the {@link Recorder}, if there is one: a copy that
 * applies the recorded outcomes equals this log, and a new dispatcher over such a copy continues
 * where this one stopped, with all unsettled messages ready again.
 *
 * <p>Where there is a message store, the front message may not be in memory, or not be allowed to
 * leave yet: the dispatcher stops there, since nothing may overtake it, and goes on when told.
 */
public final class Dispatcher {
  private final QueueLog log;
  private final ConsumerRing consumers;
  private final ReadyWindow ready = new ReadyWindow();
  private final @Nullable Recorder recorder;
  private final @Nullable QueueStorage storage;

  /** Delivered, or taken, and not settled. */
  private long unsettled;

  /** Messages below may have been delivered before the start. */
  private long deliveredBefore;

  /** Position of the message that {@link #front} returned last. */
  private long front;

  /** Who stopped and waits for its deliveries to come back; null while nobody does. */
  private @Nullable Map<Consumer, ReplyTo<Boolean>> leaving;

  /** A dispatcher over a log in memory. */
  Dispatcher(QueuePolicy policy, QueueLog log, @Nullable Recorder recorder) {
    this(policy, log, recorder, null);
  }

  /**
   * @param recorder told of everything that changes the log
   * @param storage where messages that are not in memory come from
   */
  Dispatcher(
      QueuePolicy policy,
      QueueLog log,
      @Nullable Recorder recorder,
      @Nullable QueueStorage storage) {
    this.consumers = new ConsumerRing(policy.singleActiveConsumer());
    this.log = log;
    this.recorder = recorder;
    this.storage = storage;
    ready.restore(log.first());
  }

  /** The log came back at a start, with messages that may have been delivered below a position. */
  void restored(long delivered) {
    ready.restore(log.first());
    deliveredBefore = delivered;
  }

  /** Messages that can be delivered. */
  public long readyCount() {
    return log.size() - unsettled;
  }

  /** Messages delivered and not settled. */
  public long unsettledCount() {
    return unsettled;
  }

  /** The first position never delivered. */
  long head() {
    return ready.head();
  }

  /**
   * From here on no message was delivered, in this run or before the start: what an earlier run
   * delivered stays a redelivery until it is, though nobody may have asked for it since.
   */
  long neverDelivered() {
    return Math.max(ready.head(), deliveredBefore);
  }

  public int consumerCount() {
    return consumers.size();
  }

  ConsumerRing consumers() {
    return consumers;
  }

  /** Appends a message and gives it to a consumer that waits. */
  public void publish(Message message) {
    long position = log.append(message);
    if (recorder != null) {
      recorder.appended(position, message);
    }
    dispatch();
  }

  /** Starts a consumer; it gets what is ready at once. */
  public void subscribe(Consumer consumer) {
    consumers.add(consumer);
    dispatch();
  }

  /** Ends a consumer; its deliveries stay out until they are settled. True when it was there. */
  public boolean unsubscribe(Consumer consumer) {
    boolean was = remove(consumer);
    dispatch();
    return was;
  }

  /**
   * The same, and what is ready is not given out yet: a single active consumer leaves it to the
   * next one.
   */
  boolean remove(Consumer consumer) {
    consumer.cancelled = true;
    return consumers.remove(consumer);
  }

  /** Gives a consumer no more; it keeps its place. */
  void stop(Consumer consumer) {
    consumer.cancelled = true;
  }

  /**
   * Whether a consumer that stopped still has to wait for its deliveries to come back; {@link
   * #comeBack} has the reply then.
   */
  boolean waitsForDeliveries(Consumer consumer, ReplyTo<Boolean> reply) {
    if (!consumer.cancelled || !consumer.hasDeliveriesOut()) {
      return false;
    }
    if (leaving == null) {
      leaving = new IdentityHashMap<>(2);
    }
    leaving.put(consumer, reply);
    return true;
  }

  /** The reply for a consumer that waited, once all its deliveries are back; otherwise null. */
  @Nullable ReplyTo<Boolean> comeBack(@Nullable Consumer consumer) {
    if (leaving == null || consumer == null || consumer.hasDeliveriesOut()) {
      return null;
    }
    ReplyTo<Boolean> reply = leaving.remove(consumer);
    if (leaving.isEmpty()) {
      leaving = null;
    }
    return reply;
  }

  /** The queue has ended: those who waited, who wait no more. */
  Collection<ReplyTo<Boolean>> stopWaiting() {
    Map<Consumer, ReplyTo<Boolean>> waited = leaving;
    leaving = null;
    return waited == null ? List.of() : waited.values();
  }

  /**
   * Settles deliveries.
   *
   * @param consumer whose they were; null for messages taken singly
   */
  public void settle(
      @Nullable Consumer consumer, Settlement settlement, long[] positions, int count) {
    settleOnly(consumer, settlement, positions, count);
    dispatch();
  }

  /** The same, and what is ready is not given out yet: more may be on its way back. */
  void settleOnly(@Nullable Consumer consumer, Settlement settlement, long[] positions, int count) {
    switch (settlement) {
      case REQUEUED, UNDELIVERED -> giveBack(settlement, positions, count);
      case ACKED -> remove(positions, count, SettleReason.ACKED);
      case REJECTED -> remove(positions, count, SettleReason.REJECTED);
    }
    unsettled -= count;
    if (consumer != null) {
      consumer.settled(count);
      if (!consumer.cancelled) {
        consumers.offer(consumer);
      }
    }
  }

  private void giveBack(Settlement settlement, long[] positions, int count) {
    for (int i = 0; i < count; i++) {
      ready.giveBack(positions[i]);
      if (settlement == Settlement.REQUEUED) {
        log.returned(positions[i]);
      }
    }
    if (recorder != null && settlement == Settlement.REQUEUED) {
      recorder.returned(positions, count);
    }
  }

  private void remove(long[] positions, int count, SettleReason reason) {
    for (int i = 0; i < count; i++) {
      remove(positions[i], reason);
    }
  }

  private void remove(long position, SettleReason reason) {
    QueueLog.Entry entry = log.settle(position);
    if (recorder != null) {
      recorder.settled(position, entry, reason);
    }
  }

  /** A consumer's delivery window opened. */
  public void written(Consumer consumer) {
    consumer.batchWritten();
    consumers.offer(consumer);
    dispatch();
  }

  /** A consumer comes under its channel's shared limit, or out from under it. */
  void limit(Consumer consumer, boolean limited) {
    consumers.limit(consumer, limited);
    dispatch();
  }

  /** A limited consumer may take some more; what it cannot use now goes back at once. */
  void grant(Consumer consumer, int count) {
    consumer.grant(count);
    consumers.offer(consumer);
    dispatch();
    consumer.returnGrants();
  }

  /** Drops all ready messages; unsettled ones stay. */
  public long purge() {
    long purged = readyCount();
    if (purged == 0) {
      return 0;
    }
    long[] kept = unsettled == 0 ? new long[0] : unsettledPositions();
    Outcome.Purge purge = new Outcome.Purge(log.next(), kept);
    log.apply(purge);
    ready.clear(log.next());
    if (recorder != null) {
      recorder.purged(purge.below(), kept);
    }
    return purged;
  }

  /** Everything in the log that is not ready, ascending. */
  private long[] unsettledPositions() {
    long[] returned = ready.returnedSorted();
    return Arrays.stream(log.positionsBelow(ready.head()))
        .filter(p -> Arrays.binarySearch(returned, p) < 0)
        .toArray();
  }

  /** The queue has ended: forgets its messages and consumers. */
  void close() {
    for (Consumer consumer : consumers.all()) {
      consumer.cancelled = true;
    }
    consumers.clear();
    log.clear();
    ready.clear(log.next());
    unsettled = 0;
  }

  /** Gives ready messages to consumers as long as one has room. */
  void dispatch() {
    while (readyCount() > 0) {
      Consumer consumer = consumers.next();
      if (consumer == null) {
        consumers.askForGrants();
        return;
      }
      Message message = front();
      if (message == null) {
        consumers.putBack(consumer);
        return;
      }
      boolean redelivered = isFrontRedelivered();
      long position = take(message, !consumer.noAck());
      consumer.deliver(position, message, redelivered);
      consumers.offer(consumer);
    }
  }

  /**
   * The front message, or null when there is none, or none that can leave yet: then the queue
   * proceeds as soon as it can.
   */
  @Nullable Message front() {
    if (readyCount() == 0) {
      return null;
    }
    long position = ready.first(log);
    Message message = position < 0 ? null : log.get(position);
    front = position;
    if (storage != null
        && !storage.isAvailable(position < 0 ? log.coldFrom() : position, message)) {
      return null;
    }
    if (message == null) {
      throw new IllegalStateException("a message is ready but not in the log");
    }
    return message;
  }

  /** Whether the message that {@link #front} returned was delivered before. */
  boolean isFrontRedelivered() {
    return front < deliveredBefore || log.returns(front) > 0;
  }

  /**
   * Takes the message that {@link #front} returned; if nobody will ack it, it has left the queue.
   *
   * @return its position
   */
  long take(Message message, boolean outstanding) {
    long position = front;
    ready.take(position);
    if (outstanding) {
      unsettled++;
    } else {
      remove(position, SettleReason.TAKEN);
    }
    if (storage != null) {
      storage.delivered(position, message, outstanding, readyCount());
    }
    return position;
  }
}
