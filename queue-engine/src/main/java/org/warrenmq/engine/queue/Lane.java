package org.warrenmq.engine.queue;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.message.Entry;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.engine.message.Stamps;

/**
 * The messages of a queue that are of one priority: what it contains of them, which may be
 * delivered next, and where that is taken down. A plain queue has one lane. Runs in the queue's
 * room.
 */
final class Lane implements StoredLedger.Owner {
  private final long id;
  private final int number;
  private final Owner queue;
  private final QueueLog log;
  private final Ledger ledger;
  private final ReadyWindow ready = new ReadyWindow();

  /** Delivered, or taken, and not settled. */
  private long unsettled;

  private long unsettledBytes;

  /** Messages below may have been delivered before the start. */
  private long deliveredBefore;

  /** Of what lies on disk, this is being read since some of it is due. */
  private boolean sweeping;

  /** So far a block was looked at that takes more than one reading; otherwise -1. */
  private long sweptTo = -1;

  /** The earliest time found in that block so far. */
  private long sweptEarliest = Stamps.NEVER;

  /** Messages below came back at a start, and nobody has asked when they are due. */
  private long duesUnreadTo;

  /** Messages below came back at a start, and nobody has looked whether they have to wait. */
  private long unsortedTo;

  /** The queue, as its lanes see it. */
  interface Owner extends Agenda.Owner {
    /** What was cold in a lane, and due, has been read, up to a position. */
    void swept(Lane lane, List<MessageStore.Loaded> messages, long from, long to);
  }

  /**
   * @param queueId of the queue
   * @param number which lane of the queue it is, as {@link Lanes} number them
   * @param ledger makes the lane's own
   */
  Lane(
      long queueId,
      int number,
      Owner queue,
      QueueLog log,
      Function<StoredLedger.Owner, Ledger> ledger) {
    this.id = Lanes.storeId(queueId, number);
    this.number = number;
    this.queue = queue;
    this.log = log;
    this.ledger = ledger.apply(this);
    ready.restore(log.first());
  }

  /** The log came back at a start, with messages that may have been delivered below a position. */
  void restored(long delivered) {
    ready.restore(log.first());
    deliveredBefore = delivered;
    duesUnreadTo = log.next();
  }

  @Override
  public long id() {
    return id;
  }

  int number() {
    return number;
  }

  @Override
  public void proceed() {
    queue.proceed();
  }

  QueueLog log() {
    return log;
  }

  Ledger ledger() {
    return ledger;
  }

  /** Messages that can be delivered. */
  long readyCount() {
    return log.size() - unsettled;
  }

  /** Octets of their bodies. */
  long readyBytes() {
    return log.bytes() - unsettledBytes;
  }

  /** Messages delivered and not settled. */
  long unsettledCount() {
    return unsettled;
  }

  /** The first position never delivered. */
  @Override
  public long head() {
    return ready.head();
  }

  /**
   * From here on no message was delivered, in this run or before the start: what an earlier run
   * delivered stays a redelivery until it is, though nobody may have asked for it since.
   */
  @Override
  public long neverDelivered() {
    return Math.max(ready.head(), deliveredBefore);
  }

  /** The front message's position, or -1 when it is cold; without meaning when none is ready. */
  long first() {
    return ready.first(log);
  }

  /** When its oldest ready message came; as {@link Lanes#oldest} of all lanes. */
  long oldest() {
    if (readyCount() == 0) {
      return Stamps.NEVER;
    }
    long position = first();
    if (position >= 0) {
      return log.came(position);
    }
    ColdStretch cold = log.cold();
    long since = cold == null ? Stamps.UNKNOWN : cold.since();
    if (since == Stamps.UNKNOWN) {
      ledger.learnSince();
    }
    return since;
  }

  /** Whether the message at a position was delivered before. */
  boolean isRedelivered(long position) {
    return position < deliveredBefore || log.returns(position) > 0;
  }

  /** Whether the message at a position is here, in memory or in part, and nobody has it. */
  boolean isReady(long position) {
    return log.entry(position) != null && (position >= ready.head() || log.isBack(position));
  }

  /** The front message leaves the ready ones, and awaits its settlement. */
  void take(long position, long size) {
    ready.take(position, log);
    unsettled++;
    unsettledBytes += size;
  }

  /**
   * The same for what stands behind others.
   *
   * @param position of something that came back, or was passed over, or else {@link
   *     #firstNeverDelivered}
   */
  void takeAny(long position, long size) {
    ready.takeAny(position, log);
    unsettled++;
    unsettledBytes += size;
  }

  /** The first message never delivered; -1 when it is cold, or there is none. */
  long firstNeverDelivered() {
    return log.following(ready.head());
  }

  /** That one stays ready, and others leave before it. */
  void passOver(long position) {
    ready.passOver(position, log);
  }

  /** Something taken comes back to its place. */
  void giveBack(long position) {
    ready.giveBack(position, log);
    unsettled--;
    unsettledBytes -= log.sizeAt(position);
  }

  /** What came back at a start may have to wait: it is looked at before any is delivered. */
  void sortOut() {
    sortOutBelow(deliveredBefore);
  }

  /** The same for what is before a position; 0 for nothing more. */
  void sortOutBelow(long position) {
    unsortedTo = position;
  }

  /** Whether some of that has not been looked at. */
  boolean hasUnsorted() {
    return unsortedTo > 0;
  }

  /** Takes the next message of these; -1 when it has to be read first, or none is left. */
  long takeUnsorted() {
    if (ready.head() < unsortedTo) {
      long position = log.following(ready.head());
      if (position >= 0 && position < unsortedTo) {
        ready.takeNext(position);
        unsettled++;
        unsettledBytes += log.sizeAt(position);
        return position;
      }
      if (position < 0 && log.coldFrom() < Math.min(unsortedTo, log.next())) {
        ledger.fetch(log.coldFrom(), false);
        return -1;
      }
    }
    unsortedTo = 0;
    return -1;
  }

  /** Something taken has left for good. */
  Entry remove(long position) {
    Entry entry = log.settle(position);
    unsettled--;
    unsettledBytes -= entry.size();
    return entry;
  }

  /** Whether a ready message was never delivered, and is not the next one. */
  boolean isMiddle(long position) {
    return position >= ready.head() && position != first();
  }

  /**
   * Something ready has left for good, from wherever it was.
   *
   * @param position as {@link #isReady} knows it
   */
  Entry removeReady(long position) {
    if (position >= ready.head() && position == first()) {
      ready.take(position, log);
    }
    return log.settle(position);
  }

  /** The same, but it stays until it is settled. */
  void takeReturned(long position) {
    log.back(position, false);
    unsettled++;
    unsettledBytes += log.sizeAt(position);
  }

  /**
   * Drops everything ready.
   *
   * @return the positions of what stays, as it was taken; ascending
   */
  long[] purge() {
    long[] kept = unsettled == 0 ? new long[0] : unsettledPositions();
    log.purge(log.next(), kept);
    ready.clear(log.next());
    return kept;
  }

  private long[] unsettledPositions() {
    long[] positions = new long[Math.toIntExact(unsettled)];
    int count = 0;
    long end = ready.head();
    for (long at = log.taken(log.first(), end); at >= 0; at = log.taken(at + 1, end)) {
      if (!log.isBack(at)) {
        positions[count++] = at;
      }
    }
    return positions;
  }

  /** Of what came back only the size may be here; where that is much, it becomes cold again. */
  void coolDown() {
    if (unsortedTo == 0 && ledger.hasMuchToCool(unsettled)) {
      long cold = ledger.cool(afterUnsettled(), unsettled);
      if (cold >= 0) {
        ready.readAgain(cold);
        // Some of that may be in the part that was looked at.
        sweptTo = -1;
      }
    }
  }

  /** The position after the last message that is out; where the log begins when none is. */
  private long afterUnsettled() {
    if (unsettled > 0) {
      for (long at = log.takenBelow(ready.head()); at >= 0; at = log.takenBelow(at)) {
        if (!log.isBack(at)) {
          return at + 1;
        }
      }
    }
    return log.first();
  }

  /** From now on somebody wants to know when messages are due: also of those that came back. */
  void watchDues() {
    if (duesUnreadTo > 0) {
      log.duesUnknown(duesUnreadTo);
      duesUnreadTo = 0;
    }
  }

  /** The earliest time at which something may have to leave. */
  long earliestDue() {
    DueTimes dues = log.dueTimes();
    return dues == null || sweeping ? Stamps.NEVER : dues.earliest();
  }

  /** Reads what is cold of a block, to have leave what is due; later if that cannot be now. */
  void sweep(long from) {
    boolean goesOn = DueTimes.blockOf(from) == DueTimes.blockOf(sweptTo);
    sweeping = ledger.sweep(goesOn ? Math.max(from, sweptTo) : from);
  }

  /** The block that is being swept was looked at up to a position, and this was found. */
  void sweptTo(long position, long earliest) {
    sweptTo = position;
    sweptEarliest = Math.min(sweptEarliest, earliest);
  }

  /** It was looked at to its end: gives the earliest time that was found before. */
  long endSwept() {
    long earliest = sweptEarliest;
    sweptTo = -1;
    sweptEarliest = Stamps.NEVER;
    return earliest;
  }

  boolean isSweeping() {
    return sweeping;
  }

  @Override
  public void swept(List<MessageStore.Loaded> messages, long from, long to) {
    sweeping = false;
    queue.swept(this, messages, from, to);
  }

  @Override
  public void sweptInVain() {
    sweeping = false;
  }

  /** The queue has ended. */
  void clear() {
    log.clear();
    ready.clear(log.next());
    unsettled = 0;
    unsettledBytes = 0;
  }

  /** The front message, unless it is not in memory. */
  @Nullable Entry firstEntry() {
    long position = first();
    return position < 0 ? null : log.entry(position);
  }
}
