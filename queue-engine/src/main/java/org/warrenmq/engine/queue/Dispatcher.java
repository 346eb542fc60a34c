package org.warrenmq.engine.queue;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.store.SettleReason;

/**
 * Decides what happens in a queue: who gets which message when, and what leaves. Runs in the
 * queue's room; owns everything volatile about the queue, while the {@link QueueLog}s hold what
 * lasts.
 *
 * <p>Every change is also told to the {@link Ledger} of its lane. The front message may not be in
 * memory, or not be allowed to leave yet: the dispatcher stops there, since nothing may overtake
 * it, and goes on when told. What has to leave, whoever might want it, is the matter of {@link
 * Retention}, which is asked before a message is appended and after everything that happened.
 */
public final class Dispatcher {
  private final QueueTraits traits;
  private final Lanes lanes;
  private final ConsumerRing consumers;
  private final Agenda agenda;
  private final QueueCounts counts = new QueueCounts();
  private final Retention retention;

  /** Null where messages belong to no groups. */
  private final @Nullable Groups groups;

  /** Who stopped and waits for its deliveries to come back; null while nobody does. */
  private @Nullable Map<Consumer, ReplyTo<Boolean>> leaving;

  /** The queue, as its dispatcher sees it. */
  interface Owner {
    /** Makes the lane of a number, which is wanted for the first time. */
    Lane openLane(int number);

    /** Makes what sends dead letters to a target. */
    DeadLetters openDeadLetters(DeadLetterTarget target);
  }

  Dispatcher(QueueTraits traits, QueueSettings settings, Owner queue, Agenda agenda) {
    this.traits = traits;
    this.consumers = new ConsumerRing(traits.singleActiveConsumer());
    this.lanes = new Lanes(traits.maxPriority(), traits.usualPriority(), queue);
    String groupHeader = traits.groupHeader();
    this.groups =
        groupHeader == null ? null : new Groups(groupHeader, lanes.first(), Groups.LOOK_AHEAD);
    this.agenda = agenda;
    this.retention = new Retention(traits, settings, lanes, groups, counts, queue, agenda);
  }

  /** Other settings hold from now on. */
  void configure(QueueSettings changed) {
    retention.configure(changed);
    proceed();
  }

  /** The lanes came back at a start; see {@link Retention#restored}. */
  void restored(boolean expiring) {
    retention.restored(expiring);
  }

  /** Messages that can be delivered. */
  public long readyCount() {
    return lanes.readyCount();
  }

  /** Of those, the ones that are not about to leave. */
  long stayingCount() {
    return retention.staying();
  }

  /** Messages delivered and not settled, or that wait to be delivered once more. */
  public long unsettledCount() {
    return lanes.unsettledCount();
  }

  public int consumerCount() {
    return consumers.size();
  }

  ConsumerRing consumers() {
    return consumers;
  }

  Lanes lanes() {
    return lanes;
  }

  QueueCounts counts() {
    return counts;
  }

  /** Appends a message and gives it to a consumer that waits. False when the queue refuses it. */
  public boolean publish(Message message) {
    if (retention.isAskedAbout(message)) {
      return publishWatched(message);
    }
    append(lanes.of(message), message);
    dispatch();
    return true;
  }

  private boolean publishWatched(Message message) {
    // What is full of messages that are due is not full.
    boolean trimmed = retention.trim();
    if (!retention.admits(message)) {
      return false;
    }
    append(lanes.of(message), message);
    if (trimmed) {
      // Whoever waits gets it, however short its time and full the queue.
      dispatch();
      retention.trim();
    }
    return true;
  }

  private void append(Lane lane, Message message) {
    long position = lane.log().append(message, agenda.turnTime(), counts.precision());
    retention.appended(lane, position, message);
    lane.ledger().appended(position, message);
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
      case ACKED -> retention.leave(positions, count, SettleReason.ACKED);
      case REJECTED -> retention.leave(positions, count, SettleReason.REJECTED);
      case REQUEUED, RETURNED, UNDELIVERED -> retention.comeBack(positions, count, settlement);
    }
    if (consumer != null) {
      consumer.settled(count);
      if (!consumer.cancelled) {
        consumers.offer(consumer);
      }
    }
    boolean someoneIsDone = consumer == null || !consumer.hasDeliveriesOut();
    if (unsettledCount() == 0 || (settlement.givesBack() && someoneIsDone)) {
      retention.coolDown();
    }
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

  /** Drops all ready messages, and those that wait to be ready again; others stay. */
  public long purge() {
    return retention.purge();
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
    if (groups != null) {
      groups.clear();
    }
    lanes.all().forEach(Lane::clear);
    retention.close();
  }

  /** What was cold in a lane has been read, since some of it is due. */
  void swept(Lane lane, List<MessageStore.Loaded> messages, long from, long to) {
    retention.swept(lane, messages, from, to);
  }

  /** When the oldest ready message came; see {@link Lanes#oldest}. */
  long oldest() {
    return lanes.oldest();
  }

  /** From now on it is known how long messages were here that leave. */
  void watchSojourns() {
    counts.watch(new SojournTimes(agenda));
  }

  /** Nobody wants to know that any more. */
  void forgetSojourns() {
    counts.watch(null);
  }

  /** Whether what has to leave has left; see {@link Retention#trimIfAsked}. */
  boolean trimFront() {
    return retention.trimIfAsked();
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
    if (groups != null) {
      dispatch(groups);
      return;
    }
    while (readyCount() > 0) {
      Consumer consumer = consumers.next();
      if (consumer == null) {
        consumers.askForGrants();
        return;
      }
      Lane lane = lanes.front();
      long position = lane.first();
      if (retention.isOverdue(lane, position)) {
        consumers.putBack(consumer);
        if (!retention.expireNext(lane, position)) {
          return;
        }
        continue;
      }
      Message message = available(lane, position);
      if (message == null) {
        consumers.putBack(consumer);
        return;
      }
      deliver(lane, position, message, consumer);
      if (traits.expiresAtFrontOnly() && !trimFront()) {
        return;
      }
    }
  }

  /** The same where the front may have to wait for its group. */
  private void dispatch(Groups by) {
    Lane lane = lanes.first();
    while (readyCount() > 0) {
      Consumer turn = consumers.next();
      long position = turn == null ? Groups.NONE : by.next();
      if (turn != null && retention.isOverdue(lane, position)) {
        consumers.putBack(turn);
        if (!retention.expireNext(lane, position)) {
          return;
        }
        continue;
      }
      Message message = position == Groups.NONE ? null : available(lane, position);
      if (turn == null || message == null) {
        if (turn != null) {
          consumers.putBack(turn);
        }
        if (position == Groups.NONE) {
          consumers.askForGrants(by::hasFor);
        }
        return;
      }
      Consumer taker = by.taker(position, message, turn);
      if (taker != turn) {
        consumers.putBack(turn);
      }
      deliver(lane, position, message, taker);
      if (traits.expiresAtFrontOnly() && !trimFront()) {
        return;
      }
    }
  }

  private void deliver(Lane lane, long position, Message message, Consumer consumer) {
    boolean redelivered = lane.isRedelivered(position);
    Message delivered = redelivered ? counted(lane, position, message) : message;
    take(lane, position, message, consumer, !consumer.noAck());
    consumer.deliver(Lanes.position(lane.number(), position), delivered, redelivered);
    consumers.offer(consumer);
  }

  /** A message that came back, with a header that tells how often if the queue says so. */
  private Message counted(Lane lane, long position, Message message) {
    int returns = lane.log().returns(position);
    return traits.countsDeliveries() && returns > 0
        ? message.withHeader("x-delivery-count", returns)
        : message;
  }

  /** Whether there is a message for a get. */
  boolean hasFront() {
    return readyCount() > 0 && (groups == null || groups.nextFree() != Groups.NONE);
  }

  /**
   * The front message, or null when there is none, or none that can leave yet: then the queue
   * proceeds as soon as it can.
   */
  @Nullable Front front() {
    while (hasFront()) {
      Lane lane = lanes.front();
      long position = groups == null ? lane.first() : groups.nextFree();
      if (!retention.isOverdue(lane, position)) {
        Message message = available(lane, position);
        return message == null
            ? null
            : new Front(lane, position, message, lane.isRedelivered(position));
      }
      if (!retention.expireNext(lane, position)) {
        return null;
      }
    }
    return null;
  }

  /**
   * The front message of a lane if it can leave now. If not, that is seen to.
   *
   * @param position as {@link Lane#first} says, or {@link Groups#next}
   */
  private @Nullable Message available(Lane lane, long position) {
    if (position == Groups.LATER) {
      agenda.proceedSoon();
      return null;
    }
    Message message = position < 0 ? null : lane.log().get(position);
    if (message == null) {
      lane.ledger().fetch(position < 0 ? lane.log().coldFrom() : position, false);
      return null;
    }
    return lane.ledger().mayLeave(position, message) ? message : null;
  }

  /**
   * The front message leaves for somebody; if nobody will ack it, it has left the queue.
   *
   * @return as he gets it
   */
  Message take(Front front, boolean outstanding) {
    Message delivered =
        front.redelivered()
            ? counted(front.lane(), front.inLane(), front.message())
            : front.message();
    take(front.lane(), front.inLane(), front.message(), null, outstanding);
    return delivered;
  }

  private void take(
      Lane lane, long position, Message message, @Nullable Consumer taker, boolean outstanding) {
    if (groups == null) {
      lane.take(position, message.size());
    } else {
      groups.taken(position, message, taker, outstanding);
      lane.takeAny(position, message.size());
    }
    if (!outstanding) {
      counts.left(lane, position, SettleReason.TAKEN);
      lane.ledger().settled(position, lane.remove(position), SettleReason.TAKEN);
    }
    lane.ledger().delivered(position, message, outstanding, lane.readyCount());
  }
}
