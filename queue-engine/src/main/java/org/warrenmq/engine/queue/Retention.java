package org.warrenmq.engine.queue;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.message.Entry;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.engine.message.Stamps;
import org.warrenmq.store.SettleReason;
import org.warrenmq.store.WriteRequest.Return;

/**
 * Decides which messages stay in a queue: what {@link QueueSettings} and messages ask for. Some
 * have to leave, for their time, their number or what became of them; some that came back wait
 * before they are ready again. Runs in the queue's room.
 *
 * <p>What has to leave goes in slices, as no turn may be long. A plain queue has none of the parts
 * below.
 */
final class Retention implements Expiry.Departures, Retry.Owner {
  /** Messages that leave in one go. */
  private static final int SLICE = 1024;

  /** Of those that were read since they are due: a page may have as many. */
  private static final int SWEPT = 4 * SLICE;

  private final QueueTraits traits;
  private final Lanes lanes;
  private final @Nullable Groups groups;
  private final QueueCounts counts;
  private final Dispatcher.Owner queue;
  private final Agenda agenda;
  private QueueSettings settings;

  // Null while nobody asks for them.
  private @Nullable Expiry expiry;
  private @Nullable LengthLimit limit;
  private @Nullable DeadLetters deadLetters;
  private @Nullable Retry retry;

  /** How many may still leave in this go. */
  private int slice;

  /** More would have left in this go. */
  private boolean outOfTime;

  /** Something that is due stayed in this go, as others have to leave, or to be read, before. */
  private boolean behind;

  /**
   * @param groups null where messages belong to none
   * @param counts told of all that leaves
   */
  Retention(
      QueueTraits traits,
      QueueSettings settings,
      Lanes lanes,
      @Nullable Groups groups,
      QueueCounts counts,
      Dispatcher.Owner queue,
      Agenda agenda) {
    this.traits = traits;
    this.settings = settings;
    this.lanes = lanes;
    this.groups = groups;
    this.counts = counts;
    this.queue = queue;
    this.agenda = agenda;
    applySettings();
  }

  /** Other settings hold from now on. */
  void configure(QueueSettings changed) {
    settings = changed;
    applySettings();
  }

  private void applySettings() {
    limit = LengthLimit.of(settings);
    if (settings.messageTtl() != QueueSettings.UNLIMITED) {
      watchTimes();
    }
    applyRetry(settings.retry());
    DeadLetterTarget target = settings.deadLetters();
    if (target == null && deadLetters != null && deadLetters.isIdle()) {
      deadLetters = null;
    } else if (deadLetters != null) {
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

  /** Whether there is something to look after before a message is appended, and then. */
  boolean isAskedAbout(Message message) {
    return expiry != null || limit != null || retry != null || message.traits().expires();
  }

  /** Whether one more message may come; one that may not goes its way. */
  boolean admits(Message message) {
    if (limit == null || limit.admits(message, lanes)) {
      return true;
    }
    if (limit.overflow() == QueueSettings.Overflow.REJECT_PUBLISH_DLX && deadLetters != null) {
      deadLetters.refused(message);
    }
    return false;
  }

  /** A message was appended: it has its time from now on. */
  void appended(Lane lane, long position, Message message) {
    if (expiry != null || message.traits().expires()) {
      watchTimes();
      long due = Expiry.due(message, settings.messageTtl(), agenda.now());
      if (due != Stamps.NEVER) {
        lane.log().due(position, due);
      }
    }
  }

  /** Deliveries come back, to their places, at once or some time later. */
  void comeBack(long[] positions, int count, Settlement settlement) {
    if (lanes.isSingle()) {
      comeBack(lanes.first(), positions, count, settlement);
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
        comeBack(lane, inLane, of, settlement);
      }
    }
  }

  private void comeBack(Lane lane, long[] positions, int count, Settlement settlement) {
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

  /** Deliveries are settled for good. */
  void leave(long[] positions, int count, SettleReason reason) {
    for (int i = 0; i < count; i++) {
      leaveTaken(lanes.of(positions[i]), Lanes.inLane(positions[i]), reason);
    }
  }

  @Override
  public void leaveTaken(Lane lane, long position, SettleReason reason) {
    counts.left(lane, position, reason);
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
    counts.left(lane, position, reason);
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
  public void leaveCold(Lane lane, MessageStore.Loaded cold) {
    long position = cold.position();
    Message message = cold.message();
    counts.left(cold, SettleReason.EXPIRED);
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

  /** Of what came back only the size may be here; where that is much, it becomes cold again. */
  void coolDown() {
    lanes.all().forEach(Lane::coolDown);
    if (groups != null) {
      groups.readAgain(lanes.first().head());
    }
  }

  /** Drops all ready messages, and those that wait to be ready again; others stay. */
  long purge() {
    if (retry != null) {
      retry.releaseAll();
    }
    long purged = lanes.readyCount();
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

  /**
   * Has leave what has to. False when that is not done yet: the queue proceeds soon, or when what
   * has to be read is there.
   */
  boolean trimIfAsked() {
    if (expiry == null && lanes.haveDues()) {
      // Some have been read.
      watchTimes();
    }
    boolean plain = expiry == null && limit == null && deadLetters == null && retry == null;
    return plain || trim();
  }

  /** The same, where something is asked for. */
  boolean trim() {
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
    behind = false;
    List<Lane> all = lanes.all();
    for (int i = 0; i < all.size(); i++) {
      behind |= !times.expire(all.get(i), now);
    }
  }

  /** False when what has to leave has to be read first. */
  private boolean dropTooMuch(LengthLimit most) {
    while (most.drops(lanes) && lanes.readyCount() > 0) {
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

  /** Ready messages without those that are about to leave; see {@link LengthLimit#staying}. */
  long staying() {
    return limit == null ? lanes.readyCount() : limit.staying(lanes);
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
   * Whether a message that is about to be given out is due, and should have left. What came just
   * now may be given out though it has no time at all.
   *
   * @param position negative for none
   */
  boolean isOverdue(Lane lane, long position) {
    return behind && position >= 0 && lane.log().due(position) <= agenda.now();
  }

  /**
   * Has it leave, or wait for its turn as a dead letter, whatever it waited for.
   *
   * @return false when enough has left in this go: the queue proceeds soon
   */
  boolean expireNext(Lane lane, long position) {
    if (!hasTime()) {
      return false;
    }
    DeadLetters letters = deadLetters;
    if (letters == null || letters.hasRoom() || !letters.wants(SettleReason.EXPIRED)) {
      leaveReady(lane, position, SettleReason.EXPIRED);
      return true;
    }
    counts.left(lane, position, SettleReason.EXPIRED);
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

  /** The queue is over here. */
  void close() {
    expiry = null;
    behind = false;
    limit = null;
    if (deadLetters != null) {
      deadLetters.close();
      deadLetters = null;
    }
    agenda.proceedAt(Stamps.NEVER);
  }
}
