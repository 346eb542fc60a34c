package org.warrenmq.engine.queue;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.Stamps;
import org.warrenmq.store.SettleReason;

/**
 * Decides what happens in a queue: who gets which message when, and what leaves. Runs in the
 * queue's room; owns everything volatile about the queue, while the {@link QueueLog} holds what
 * lasts.
 *
 * <p>Every change is also told to the {@link Ledger}. The front message may not be in memory, or
 * not be allowed to leave yet: the dispatcher stops there, since nothing may overtake it, and goes
 * on when told. {@link Feature}s are asked before a message is appended and after everything that
 * happened; what they have leave goes in slices, as no turn may be long.
 */
public final class Dispatcher {
  /** Messages dropped in one go. */
  private static final int SLICE = 1024;

  private final Lane lane;
  private final ConsumerRing consumers;
  private final Ledger ledger;
  private final Agenda agenda;
  private final QueueCounts counts = new QueueCounts();
  private QueueSettings settings;

  /** What they ask for, and what messages ask for that came under others. */
  private List<Feature> features;

  /** Who stopped and waits for its deliveries to come back; null while nobody does. */
  private @Nullable Map<Consumer, ReplyTo<Boolean>> leaving;

  Dispatcher(
      QueueTraits traits, QueueSettings settings, QueueLog log, Ledger ledger, Agenda agenda) {
    this.consumers = new ConsumerRing(traits.singleActiveConsumer());
    this.lane = new Lane(log);
    this.ledger = ledger;
    this.agenda = agenda;
    this.settings = settings;
    this.features = features();
  }

  /** The log came back at a start, with messages that may have been delivered below a position. */
  void restored(long delivered) {
    lane.restored(delivered);
  }

  /** Other settings hold from now on. */
  void configure(QueueSettings changed) {
    settings = changed;
    features = features();
    proceed();
  }

  /** What is asked for now. */
  private List<Feature> features() {
    List<Feature> features = new ArrayList<>(2);
    // What has come with a time keeps it.
    if (settings.messageTtl() != QueueSettings.UNLIMITED || lane.log().hasDues()) {
      features.add(new Expiry(settings.messageTtl()));
    }
    if (settings.maxLength() != QueueSettings.UNLIMITED) {
      features.add(new LengthLimit(settings.maxLength(), settings.overflow()));
    }
    return List.copyOf(features);
  }

  /** Messages that can be delivered. */
  public long readyCount() {
    return lane.readyCount();
  }

  /** Messages delivered and not settled. */
  public long unsettledCount() {
    return lane.unsettledCount();
  }

  /** The first position never delivered. */
  long head() {
    return lane.head();
  }

  /** From here on no message was delivered, in this run or an earlier one. */
  long neverDelivered() {
    return lane.neverDelivered();
  }

  public int consumerCount() {
    return consumers.size();
  }

  ConsumerRing consumers() {
    return consumers;
  }

  QueueCounts counts() {
    return counts;
  }

  /** Appends a message and gives it to a consumer that waits. False when the queue refuses it. */
  public boolean publish(Message message) {
    if (!features.isEmpty()) {
      return publishIfAdmitted(message);
    }
    appended(lane.log().append(message), message);
    dispatch();
    return true;
  }

  private boolean publishIfAdmitted(Message message) {
    // What is full of messages that are due is not full.
    boolean trimmed = trim();
    for (Feature feature : features) {
      if (!feature.admits(message, lane)) {
        return false;
      }
    }
    long position = lane.log().append(message);
    for (Feature feature : features) {
      feature.appended(position, lane, agenda.now());
    }
    appended(position, message);
    if (trimmed) {
      // Whoever waits gets it, however short its time and full the queue.
      dispatch();
      trim();
    }
    return true;
  }

  private void appended(long position, Message message) {
    ledger.appended(position, message);
    counts.appended();
  }

  /** Starts a consumer; it gets what is ready at once. */
  public void subscribe(Consumer consumer) {
    consumers.add(consumer);
    proceed();
  }

  /** Ends a consumer; its deliveries stay out until they are settled. True when it was there. */
  public boolean unsubscribe(Consumer consumer) {
    boolean was = remove(consumer);
    proceed();
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

  /** Those who wait for their deliveries to come back, and whom to tell. */
  Map<Consumer, ReplyTo<Boolean>> leaving() {
    return leaving == null ? Map.of() : leaving;
  }

  /**
   * Settles deliveries.
   *
   * @param consumer whose they were; null for messages taken singly
   */
  public void settle(
      @Nullable Consumer consumer, Settlement settlement, long[] positions, int count) {
    settleOnly(consumer, settlement, positions, count);
    proceed();
  }

  /** The same, and what is ready is not given out yet: more may be on its way back. */
  void settleOnly(@Nullable Consumer consumer, Settlement settlement, long[] positions, int count) {
    switch (settlement) {
      case ACKED -> remove(positions, count, SettleReason.ACKED);
      case REJECTED -> remove(positions, count, SettleReason.REJECTED);
      case REQUEUED -> {
        giveBack(positions, count, true);
        ledger.returned(positions, count);
      }
      case UNDELIVERED -> giveBack(positions, count, false);
    }
    if (consumer != null) {
      consumer.settled(count);
      if (!consumer.cancelled) {
        consumers.offer(consumer);
      }
    }
    boolean someoneIsDone = consumer == null || !consumer.hasDeliveriesOut();
    if (unsettledCount() == 0 || (settlement.givesBack() && someoneIsDone)) {
      coolDown();
    }
  }

  /** Of what came back only the size may be here; where that is much, it becomes cold again. */
  private void coolDown() {
    long unsettled = unsettledCount();
    if (ledger.hasMuchToCool(unsettled)) {
      long cold = ledger.cool(lane.afterUnsettled(), unsettled);
      if (cold >= 0) {
        lane.readAgain(cold);
      }
    }
  }

  private void giveBack(long[] positions, int count, boolean counted) {
    for (int i = 0; i < count; i++) {
      lane.giveBack(positions[i], counted);
    }
  }

  private void remove(long[] positions, int count, SettleReason reason) {
    for (int i = 0; i < count; i++) {
      leave(positions[i], reason);
    }
  }

  /** A message that was taken leaves for good: the one place where it does, but for a purge. */
  private void leave(long position, SettleReason reason) {
    ledger.settled(position, lane.remove(position), reason);
    counts.left(reason);
  }

  /** The front message leaves for good. */
  private void removeFront(long position, SettleReason reason) {
    lane.take(position);
    leave(position, reason);
  }

  /** A consumer's delivery window opened. */
  public void flushedToClient(Consumer consumer) {
    consumer.flushedToClient();
    consumers.offer(consumer);
    proceed();
  }

  /** A consumer comes under its channel's shared limit, or out from under it. */
  void limit(Consumer consumer, boolean limited) {
    consumers.limit(consumer, limited);
    proceed();
  }

  /** A limited consumer may take some more; what it cannot use now goes back at once. */
  void grant(Consumer consumer, int count) {
    consumer.grant(count);
    consumers.offer(consumer);
    proceed();
    consumer.returnGrants();
  }

  /** Drops all ready messages; unsettled ones stay. */
  public long purge() {
    long purged = readyCount();
    if (purged > 0) {
      long below = lane.log().next();
      ledger.purged(below, lane.purge());
      counts.purged(purged);
    }
    return purged;
  }

  /** What is ready is given out when others had their turn. */
  void proceedSoon() {
    agenda.proceedSoon();
  }

  /** The queue is over here: forgets its messages and consumers. */
  void close() {
    for (Consumer consumer : consumers.all()) {
      consumer.cancelled = true;
    }
    consumers.clear();
    leaving = null;
    lane.clear();
    features = List.of();
    agenda.proceedAt(Stamps.NEVER);
  }

  /** Something happened, or time has passed: drops what has to leave, and gives out the rest. */
  void proceed() {
    if (trimFront()) {
      dispatch();
      // What consumers had no room for may be too much.
      trimFront();
    }
  }

  /** Gives ready messages to consumers as long as one has room. */
  private void dispatch() {
    while (readyCount() > 0) {
      Consumer consumer = consumers.next();
      if (consumer == null) {
        consumers.askForGrants();
        return;
      }
      long position = lane.first();
      Message message = available(position);
      if (message == null) {
        consumers.putBack(consumer);
        return;
      }
      boolean redelivered = lane.isRedelivered(position);
      take(position, message, !consumer.noAck());
      consumer.deliver(position, message, redelivered);
      consumers.offer(consumer);
    }
  }

  private boolean trim() {
    long now = agenda.now();
    for (int dropped = 0; readyCount() > 0; dropped++) {
      long front = lane.first();
      if (front < 0) {
        return !fetchIfWatched();
      }
      SettleReason reason = reasonToDrop(front, now);
      if (reason == null) {
        proceedWhenDue(front);
        return true;
      }
      if (dropped == SLICE) {
        agenda.proceedSoon();
        return false;
      }
      removeFront(front, reason);
    }
    agenda.proceedAt(Stamps.NEVER);
    return true;
  }

  /**
   * Has leave what has to, from the front. False when that is not done yet: the queue proceeds
   * soon, or when what has to be read is there.
   */
  boolean trimFront() {
    if (lane.log().hasDues() && !looksForDues()) {
      // Some have been read.
      features = features();
    }
    return features.isEmpty() || trim();
  }

  private boolean looksForDues() {
    return !features.isEmpty() && features.getFirst() instanceof Expiry;
  }

  private boolean fetchIfWatched() {
    for (Feature feature : features) {
      if (feature.watchesFront(lane)) {
        ledger.fetch(lane.log().coldFrom(), true);
        return true;
      }
    }
    return false;
  }

  private @Nullable SettleReason reasonToDrop(long front, long now) {
    for (Feature feature : features) {
      SettleReason reason = feature.drops(front, lane, now);
      if (reason != null) {
        return reason;
      }
    }
    return null;
  }

  private void proceedWhenDue(long front) {
    long due = Stamps.NEVER;
    for (Feature feature : features) {
      due = Math.min(due, feature.due(front, lane));
    }
    agenda.proceedAt(due);
  }

  /**
   * The front message, or null when there is none, or none that can leave yet: then the queue
   * proceeds as soon as it can.
   */
  @Nullable Front front() {
    if (readyCount() == 0) {
      return null;
    }
    long position = lane.first();
    Message message = available(position);
    return message == null ? null : new Front(position, message, lane.isRedelivered(position));
  }

  /**
   * The front message if it can leave now. If not, that is seen to.
   *
   * @param position as {@link Lane#first} says
   */
  private @Nullable Message available(long position) {
    Message message = position < 0 ? null : lane.log().get(position);
    if (message == null) {
      ledger.fetch(position < 0 ? lane.log().coldFrom() : position, false);
      return null;
    }
    return ledger.mayLeave(position, message) ? message : null;
  }

  /** The front message leaves for somebody; if nobody will ack it, it has left the queue. */
  void take(Front front, boolean outstanding) {
    take(front.position(), front.message(), outstanding);
  }

  private void take(long position, Message message, boolean outstanding) {
    lane.take(position);
    if (!outstanding) {
      leave(position, SettleReason.TAKEN);
    }
    ledger.delivered(position, message, outstanding, readyCount());
  }
}
