package org.warrenmq.engine.queue;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.message.Entry;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.engine.message.Stamps;
import org.warrenmq.store.SettleReason;
import org.warrenmq.store.WriteRequest.Return;

/**
 * Decides what happens in a queue: who gets which message when, and what leaves. Runs in the
 * queue's room; owns everything volatile about the queue, while the {@link QueueLog}s hold what
 * lasts.
 *
 * <p>Every change is also told to the {@link Ledger} of its lane. The front message may not be in
 * memory, or not be allowed to leave yet: the dispatcher stops there, since nothing may overtake
 * it, and goes on when told. What {@link QueueSettings} and messages ask for is looked after before
 * a message is appended and after everything that happened; what has to leave goes in slices, as no
 * turn may be long. A plain queue has none of these parts.
 */
public final class Dispatcher implements Expiry.Departures, Retry.Owner {
  /** Messages that leave in one go. */
  private static final int SLICE = 1024;

  /** Of those that were read since they are due: a page may have as many. */
  private static final int SWEPT = 4 * SLICE;

  private final QueueTraits traits;
  private final Lanes lanes;
  private final ConsumerRing consumers;
  private final Agenda agenda;
  private final QueueCounts counts = new QueueCounts();
  private QueueSettings settings;

  // What settings and messages ask for; null while nobody does.
  private @Nullable Expiry expiry;
  private @Nullable LengthLimit limit;
  private @Nullable DeadLetters deadLetters;
  private @Nullable Retry retry;

  /** Null where messages belong to no groups. */
  private final @Nullable Groups groups;

  private final Owner queue;

  /** How many may still leave in this go. */
  private int slice;

  /** More would have left in this go. */
  private boolean outOfTime;

  /** Who stopped and waits for its deliveries to come back; null while nobody does. */
  private @Nullable Map<Consumer, ReplyTo<Boolean>> leaving;

  /** The queue, as its dispatcher sees it. */
  interface Owner {
    /** Makes the lane of a level, which is wanted for the first time. */
    Lane openLane(int level);

    /** Makes what sends dead letters to a target. */
    DeadLetters openDeadLetters(DeadLetterTarget target);
  }

  Dispatcher(QueueTraits traits, QueueSettings settings, Owner queue, Agenda agenda) {
    this.traits = traits;
    this.consumers = new ConsumerRing(traits.singleActiveConsumer());
    this.queue = queue;
    this.lanes = new Lanes(traits.maxPriority(), queue);
    String groupHeader = traits.groupHeader();
    this.groups =
        groupHeader == null ? null : new Groups(groupHeader, lanes.lowest(), Groups.LOOK_AHEAD);
    this.agenda = agenda;
    this.settings = settings;
    applySettings();
  }

  /** Other settings hold from now on. */
  void configure(QueueSettings changed) {
    settings = changed;
    applySettings();
    proceed();
  }

  private void applySettings() {
    limit = LengthLimit.of(settings);
    if (settings.messageTtl() != QueueSettings.UNLIMITED) {
      watchTimes();
    }
    applyRetry(settings.retry());
    DeadLetterTarget target = settings.deadLetters();
    if (deadLetters != null) {
      deadLetters.target(target);
    } else if (target != null) {
      deadLetters = queue.openDeadLetters(target);
    }
  }

  private void applyRetry(@Nullable RetryDelay delay) {
    if (delay == null) {
      if (retry != null) {
        retry.releaseAll();
      }
      retry = null;
    } else if (retry == null) {
      retry = new Retry(this, lanes, delay);
    } else {
      retry.delay(delay);
    }
  }

  private void watchTimes() {
    if (expiry == null) {
      expiry = new Expiry(this, traits.expiresAtFrontOnly());
      lanes.all().forEach(Lane::watchDues);
    }
  }

  /**
   * The lanes came back at a start.
   *
   * @param expiring whether messages among them may have a time
   */
  void restored(boolean expiring) {
    if (expiring) {
      watchTimes();
    }
    if (expiry != null) {
      lanes.all().forEach(Lane::watchDues);
    }
    if (retry != null) {
      lanes.all().forEach(Lane::sortOut);
    }
  }

  /** Messages that can be delivered. */
  public long readyCount() {
    return lanes.readyCount();
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
    if (expiry != null || limit != null || retry != null || message.traits().expires()) {
      return publishWatched(message);
    }
    append(message);
    dispatch();
    return true;
  }

  private boolean publishWatched(Message message) {
    // What is full of messages that are due is not full.
    boolean trimmed = trim();
    if (limit != null && !limit.admits(message, lanes)) {
      if (limit.overflow() == QueueSettings.Overflow.REJECT_PUBLISH_DLX && deadLetters != null) {
        deadLetters.refused(message);
      }
      return false;
    }
    append(message);
    if (trimmed) {
      // Whoever waits gets it, however short its time and full the queue.
      dispatch();
      trim();
    }
    return true;
  }

  private void append(Message message) {
    Lane lane = lanes.of(message);
    long position = lane.log().append(message);
    if (expiry != null || message.traits().expires()) {
      watchTimes();
      long due = Expiry.due(message, settings.messageTtl(), agenda.now());
      if (due != Stamps.NEVER) {
        lane.log().due(position, due);
      }
    }
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
      case ACKED -> remove(positions, count, SettleReason.ACKED);
      case REJECTED -> remove(positions, count, SettleReason.REJECTED);
      case REQUEUED, RETURNED, UNDELIVERED -> giveBack(positions, count, settlement);
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

  private void coolDown() {
    lanes.all().forEach(Lane::coolDown);
    if (groups != null) {
      groups.readAgain(lanes.lowest().head());
    }
  }

  private void giveBack(long[] positions, int count, Settlement settlement) {
    if (lanes.isSingle()) {
      giveBack(lanes.lowest(), positions, count, settlement);
      return;
    }
    long[] inLane = new long[count];
    for (Lane lane : lanes.all()) {
      int of = 0;
      for (int i = 0; i < count; i++) {
        if (lanes.of(positions[i]) == lane) {
          inLane[of++] = Lanes.inLane(positions[i]);
        }
      }
      if (of > 0) {
        giveBack(lane, inLane, of, settlement);
      }
    }
  }

  private void giveBack(Lane lane, long[] positions, int count, Settlement settlement) {
    if (!settlement.isCounted()) {
      for (int i = 0; i < count; i++) {
        giveBack(lane, positions[i]);
      }
      return;
    }
    QueueLog log = lane.log();
    for (int i = 0; i < count; i++) {
      log.returned(positions[i]);
      if (log.returns(positions[i]) > settings.deliveryLimit()) {
        leaveTaken(lane, positions[i], SettleReason.DELIVERY_LIMIT);
      } else {
        giveBack(lane, positions[i], settlement);
      }
    }
    lane.ledger().returned(positions, count);
  }

  /** At once, or some time later. */
  private void giveBack(Lane lane, long position, Settlement settlement) {
    long at =
        retry == null ? Return.AT_ONCE : retry.endOfWait(lane, position, settlement, agenda.now());
    lane.log().retryAt(position, at);
    if (retry == null || at == Return.AT_ONCE) {
      giveBack(lane, position);
    } else {
      retry.add(lane, position);
      if (groups != null) {
        groups.delayed(position);
      }
    }
  }

  @Override
  public void giveBack(Lane lane, long position) {
    lane.giveBack(position);
    if (groups != null) {
      groups.returned(position);
    }
  }

  @Override
  public void tookUnsorted(Lane lane, long position) {
    Message message = groups == null ? null : lane.log().get(position);
    if (groups != null && message != null) {
      groups.taken(position, message, null, true);
    }
  }

  private void remove(long[] positions, int count, SettleReason reason) {
    for (int i = 0; i < count; i++) {
      leaveTaken(lanes.of(positions[i]), Lanes.inLane(positions[i]), reason);
    }
  }

  @Override
  public void leaveTaken(Lane lane, long position, SettleReason reason) {
    counts.left(reason);
    if (groups != null) {
      groups.settled(position);
    }
    if (deadLetters != null && deadLetters.wants(reason)) {
      deadLetters.await(lane, position, reason);
    } else {
      lane.ledger().settled(position, lane.remove(position), reason);
    }
  }

  @Override
  public boolean mayLeave() {
    return (deadLetters == null || deadLetters.hasRoom()) && hasTime();
  }

  @Override
  public boolean hasTime() {
    if (slice == 0) {
      agenda.proceedSoon();
      outOfTime = true;
      return false;
    }
    slice--;
    return true;
  }

  @Override
  public void leaveReady(Lane lane, long position, SettleReason reason) {
    counts.left(reason);
    if (groups != null) {
      groups.left(position);
    }
    DeadLetters letters = deadLetters != null && deadLetters.wants(reason) ? deadLetters : null;
    if (letters != null && lane.log().get(position) == null) {
      // It came back, and its content has to be read.
      lane.takeReturned(position);
      letters.await(lane, position, reason);
      return;
    }
    boolean middle = lane.isMiddle(position);
    if (middle) {
      lane.ledger().leavesMiddle(position);
    }
    Entry entry = lane.removeReady(position);
    if (letters != null && entry instanceof Message message) {
      letters.send(lane, position, message, reason, middle);
    } else if (middle) {
      lane.ledger().middleSettled(position, entry, reason);
    } else {
      lane.ledger().settled(position, entry, reason);
    }
  }

  @Override
  public void leaveCold(Lane lane, long position, Message message) {
    counts.left(SettleReason.EXPIRED);
    lane.log().settleCold(message.size());
    lane.ledger().leavesMiddle(position);
    if (deadLetters == null) {
      lane.ledger().middleSettled(position, message, SettleReason.EXPIRED);
    } else {
      deadLetters.send(lane, position, message, SettleReason.EXPIRED, true);
    }
  }

  /** What was cold in a lane has been read, since some of it is due. */
  void swept(Lane lane, List<MessageStore.Loaded> messages, long from, long to) {
    if (expiry != null) {
      slice = SWEPT;
      expiry.swept(lane, messages, from, to, agenda.now());
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
    if (retry != null) {
      retry.releaseAll();
    }
    long purged = readyCount();
    if (purged > 0) {
      for (Lane lane : lanes.all()) {
        long below = lane.log().next();
        lane.ledger().purged(below, lane.purge());
      }
      if (deadLetters != null) {
        deadLetters.purged();
      }
      if (groups != null) {
        groups.purged();
      }
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
    if (groups != null) {
      groups.clear();
    }
    lanes.all().forEach(Lane::clear);
    expiry = null;
    limit = null;
    if (deadLetters != null) {
      deadLetters.close();
      deadLetters = null;
    }
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

  /**
   * Has leave what has to. False when that is not done yet: the queue proceeds soon, or when what
   * has to be read is there.
   */
  boolean trimFront() {
    if (expiry == null && lanes.haveDues()) {
      // Some have been read.
      watchTimes();
    }
    boolean plain = expiry == null && limit == null && deadLetters == null && retry == null;
    return plain || trim();
  }

  private boolean trim() {
    long now = agenda.now();
    slice = SLICE;
    outOfTime = false;
    boolean done = retry == null || endWaits(retry, now);
    if (deadLetters != null) {
      deadLetters.sendWaiting();
    }
    if (done) {
      if (expiry != null) {
        expire(expiry, now);
      }
      done = limit == null || dropTooMuch(limit);
    }
    agenda.proceedAt(nextDue(now));
    return done && !outOfTime;
  }

  private boolean endWaits(Retry waits, long now) {
    if (waits.isIdle(now)) {
      return true;
    }
    boolean done = waits.proceed(now);
    if (done) {
      coolDown();
      // Whoever has this looked at may not be who gives out what is ready now.
      agenda.proceedSoon();
    }
    return done;
  }

  private void expire(Expiry times, long now) {
    List<Lane> all = lanes.all();
    for (int i = 0; i < all.size(); i++) {
      times.expire(all.get(i), now);
    }
  }

  /** False when what has to leave has to be read first. */
  private boolean dropTooMuch(LengthLimit most) {
    while (most.drops(lanes) && readyCount() > 0) {
      Lane lane = lanes.front();
      long front = lane.first();
      if (front < 0) {
        lane.ledger().fetch(lane.log().coldFrom(), true);
        return false;
      }
      if (!mayLeave()) {
        return true;
      }
      leaveReady(lane, front, SettleReason.DROPPED);
    }
    return true;
  }

  /**
   * When something is due; what is due already waits for something else.
   *
   * @param now when that was looked for: what has become due since is not looked for yet
   */
  private long nextDue(long now) {
    long due = Stamps.NEVER;
    if (expiry != null) {
      List<Lane> all = lanes.all();
      for (int i = 0; i < all.size(); i++) {
        long ofLane = expiry.due(all.get(i));
        due = ofLane <= now ? due : Math.min(due, ofLane);
      }
    }
    return retry == null || retry.earliest() <= now ? due : Math.min(due, retry.earliest());
  }

  /**
   * Whether a message that is about to be given out is due instead: it cannot be sent as a dead
   * letter now, as too many are under way, and so it waits for that.
   */
  private boolean isSetAside(Lane lane, long position) {
    DeadLetters letters = deadLetters;
    if (expiry == null || letters == null || letters.hasRoom() || position < 0) {
      return false;
    }
    if (!letters.wants(SettleReason.EXPIRED) || lane.log().due(position) > agenda.now()) {
      return false;
    }
    counts.left(SettleReason.EXPIRED);
    long size = lane.log().sizeAt(position);
    if (groups == null) {
      lane.take(position, size);
    } else {
      groups.left(position);
      lane.takeAny(position, size);
    }
    letters.await(lane, position, SettleReason.EXPIRED);
    return true;
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
      if (isSetAside(lane, position)) {
        consumers.putBack(consumer);
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
    Lane lane = lanes.lowest();
    while (readyCount() > 0) {
      Consumer turn = consumers.next();
      long position = turn == null ? Groups.NONE : by.next();
      if (turn != null && isSetAside(lane, position)) {
        consumers.putBack(turn);
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
    consumer.deliver(Lanes.position(lane.level(), position), delivered, redelivered);
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
    Lane lane;
    long position;
    do {
      if (!hasFront()) {
        return null;
      }
      lane = lanes.front();
      position = groups == null ? lane.first() : groups.nextFree();
    } while (isSetAside(lane, position));
    Message message = available(lane, position);
    return message == null
        ? null
        : new Front(lane, position, message, lane.isRedelivered(position));
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
      counts.left(SettleReason.TAKEN);
      lane.ledger().settled(position, lane.remove(position), SettleReason.TAKEN);
    }
    lane.ledger().delivered(position, message, outstanding, lane.readyCount());
  }
}
