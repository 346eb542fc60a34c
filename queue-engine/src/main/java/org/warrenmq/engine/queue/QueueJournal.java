package org.warrenmq.engine.queue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.Journal;
import org.warrenmq.engine.message.Entry;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.PagedOut;
import org.warrenmq.engine.message.Stamped;
import org.warrenmq.engine.message.Stamps;
import org.warrenmq.store.SettleReason;
import org.warrenmq.store.Storable;
import org.warrenmq.store.WriteRequest;

/**
 * What one queue wants in the message store: takes down what changes there and hands it to the
 * loop's {@link Journal} as write requests. Runs in the queue's room.
 *
 * <p>Stored are persistent messages of a durable queue, always, and any message while the queue
 * pages ({@link #spill}). Of every message with a large body the store knows that the queue has it.
 * All requests of a turn reach the disk together, so their order among each other does not matter,
 * but for that of appends.
 *
 * <p>It also keeps the delivered mark: a message already on disk may only leave once a mark beyond
 * it is on disk, too, so that it is a redelivery after a crash. The mark goes ahead in steps.
 */
final class QueueJournal implements Journal.Source {
  /** Positions by which the mark goes ahead: so many may be called redelivered without need. */
  private static final int MARK_STEP = 2048;

  /** Room for so many is kept from turn to turn: an idle queue must stay small. */
  private static final int KEPT = 32;

  private static final long[] NO_POSITIONS = {};
  private static final int[] NO_COUNTS = {};

  private final long queueId;
  private final QueueTraits traits;
  private final QueueLog log;
  private final Journal journal;

  /** Called when a mark was written that a delivery waits for, and when messages were. */
  private final Listener listener;

  // What gathers in a turn.
  private boolean touched;
  private List<WriteRequest> requests = new ArrayList<>(2);
  private @Nullable List<Storable> run;
  private long runFirst;
  private final Leavings leavings = new Leavings();
  private long[] returned = NO_POSITIONS;
  private int[] returnCounts = NO_COUNTS;
  private int returnedCount;

  /** When these may be delivered again; null while all may be at once. */
  private long @Nullable [] returnDues;

  private boolean markChanged;

  // What lasts.

  /** Positions between may be spilled; some may not be. */
  private long spilledFrom;

  private long spilledTo;

  /** From here up to the end of the spilled ones, all are. */
  private long spillingSince;

  /** Body bytes of the messages that must outlive the process. */
  private long keptBytes;

  private long writtenTo;

  // Turns of which the queue hears when they are written.
  private boolean awaited;
  private long handedOver;
  private long turnsOnDisk;
  private long mark;
  private long markWritten;

  /** From here on positions below the mark were appended with or after it. */
  private long markFreshFrom = Long.MAX_VALUE;

  /** Told in the queue's room. */
  interface Listener {
    /** Everything below this position that is to be stored, is. */
    void onDisk(long end);
  }

  QueueJournal(long queueId, QueueTraits traits, QueueLog log, Journal journal, Listener listener) {
    this.queueId = queueId;
    this.traits = traits;
    this.log = log;
    this.journal = journal;
    this.listener = listener;
  }

  /** The queue comes back at a start: below the mark everything may have been delivered. */
  void restore(long delivered, long bytes) {
    keptBytes = bytes;
    mark = delivered;
    markWritten = delivered;
    writtenTo = log.next();
    // The one on disk may be ahead of the log's end: messages to come would seem delivered.
    markChanged = true;
  }

  private boolean mayBeStored(long position, Entry entry) {
    return switch (entry) {
      case PagedOut _ -> true;
      case Message message ->
          traits.keeps(message)
              || (position >= spilledFrom && position < spilledTo)
              || message.hasStoredBody();
    };
  }

  /** True when the content at this position can be forgotten: it is on disk. */
  boolean isOnDisk(long position, Message message) {
    return position < writtenTo
        && (traits.keeps(message) || (position >= spillingSince && position < spilledTo));
  }

  /** A message was appended, and what the queue gave it is in the log. */
  void appended(long position, Message message) {
    journal.bodies().refer(message.content().body(), queueId, position, traits.keeps(message));
    if (traits.keeps(message)) {
      keptBytes += message.size();
      append(position, message);
    }
  }

  /** Stores a message that need not outlive the process, if it is not stored anyway. */
  void spill(long position, Message message) {
    if (spilledTo != position) {
      spillingSince = position;
      if (log.size() == 1) {
        // Nothing is left of those spilled before.
        spilledFrom = position;
      }
    }
    spilledTo = position + 1;
    if (!traits.keeps(message)) {
      append(position, message);
    }
  }

  private void append(long position, Message message) {
    touch();
    Storable stored = stored(position, message);
    List<Storable> open = run;
    if (open == null || runFirst + open.size() != position) {
      open = new ArrayList<>();
      run = open;
      runFirst = position;
      requests.add(new WriteRequest.Append(queueId, position, journal.time(), open));
    }
    open.add(stored);
  }

  /** Mostly the message as it is. */
  private Storable stored(long position, Message message) {
    boolean kept = traits.keeps(message);
    long due = log.due(position);
    if (due == Stamps.NEVER) {
      return kept ? message : new Stamped(message, false, Stamps.NONE);
    }
    return new Stamped(message, kept, Stamps.due(due));
  }

  /** A message left, of which the log knew this. */
  void settled(long position, Entry entry, SettleReason reason) {
    if (!mayBeStored(position, entry)) {
      return;
    }
    touch();
    long size = traits.keeps(entry) ? entry.size() : 0;
    keptBytes -= size;
    leavings.add(reason, position, size);
  }

  /** Messages came back, and were counted in the log. */
  void returned(long[] positions, int count) {
    for (int i = 0; i < count; i++) {
      Entry entry = log.entry(positions[i]);
      if (entry != null && mayBeStored(positions[i], entry)) {
        touch();
        if (returnedCount == returned.length) {
          returned = Arrays.copyOf(returned, Math.max(8, returnedCount * 2));
          returnCounts = Arrays.copyOf(returnCounts, returned.length);
        }
        long due = log.retryAt(positions[i]);
        if (due != WriteRequest.Return.AT_ONCE || returnDues != null) {
          returnDues = due(returnDues, due);
        }
        returned[returnedCount] = positions[i];
        returnCounts[returnedCount++] = log.returns(positions[i]);
      }
    }
  }

  private long[] due(long @Nullable [] present, long due) {
    long[] dues = present == null ? new long[returned.length] : present;
    if (dues.length < returned.length) {
      dues = Arrays.copyOf(dues, returned.length);
    }
    dues[returnedCount] = due;
    return dues;
  }

  /** All messages below a position left, except some. */
  void purged(long below, long[] kept) {
    touch();
    // A purge goes to the end: what leaves is all but what stays, also of what is not in memory.
    long staying = 0;
    for (long position : kept) {
      Entry entry = log.entry(position);
      staying += entry != null && traits.keeps(entry) ? entry.size() : 0;
    }
    requests.add(new WriteRequest.SettleBelow(queueId, below, kept, keptBytes - staying));
    keptBytes = staying;
  }

  /**
   * Everything about the queue goes, now that it has ended; for one of which no definition tells.
   * With it what gathered in this turn: the store hears nothing of a queue after its end.
   */
  void dropped() {
    touch();
    requests.clear();
    run = null;
    returnedCount = 0;
    returnDues = null;
    leavings.clear();
    markChanged = false;
    requests.add(new WriteRequest.DropQueue(queueId));
  }

  // The delivered mark.

  /**
   * Whether a message may be delivered now. If not, the mark is on its way, and the listener is
   * told of it.
   */
  boolean mayDeliver(long position, Message message) {
    if (!traits.keeps(message)) {
      return true;
    }
    if (position + MARK_STEP / 2 >= mark) {
      advanceMark(position);
    }
    return position < markWritten || position >= markFreshFrom;
  }

  private void advanceMark(long position) {
    // What this turn appended is not on disk without the mark, as both go in one write.
    long fresh = run == null ? log.next() : firstOfTurn();
    if (fresh > mark || markFreshFrom == Long.MAX_VALUE) {
      markFreshFrom = fresh;
    }
    if (position < fresh) {
      // It lies on the disk already: a power cut must not take the mark alone.
      journal.sync();
    }
    mark = position + MARK_STEP;
    markChanged = true;
    touch();
  }

  private long firstOfTurn() {
    for (WriteRequest request : requests) {
      if (request instanceof WriteRequest.Append(_, long first, _, _)) {
        return first;
      }
    }
    return log.next();
  }

  /** The node stops: what was not delivered must not be called so. */
  void stopAt(long firstNeverDelivered) {
    if (traits.durable() && mark > firstNeverDelivered) {
      mark = firstNeverDelivered;
      markChanged = true;
      touch();
    }
  }

  /** What gathers in this turn is waited for, whatever it is: {@link #isWritten} tells. */
  long awaitWrite() {
    awaited = true;
    touch();
    return handedOver + 1;
  }

  /** Whether what {@link #awaitWrite} named is on disk. */
  boolean isWritten(long write) {
    return turnsOnDisk >= write;
  }

  // The journal's side.

  private void touch() {
    if (!touched) {
      touched = true;
      journal.touch(this);
    }
  }

  @Override
  public boolean drainTo(List<WriteRequest> target) {
    boolean matters = run != null || markChanged || awaited;
    awaited = false;
    handedOver += matters ? 1 : 0;
    touched = false;
    target.addAll(requests);
    if (requests.size() > KEPT) {
      requests = new ArrayList<>(2);
    } else {
      requests.clear();
    }
    run = null;
    if (returnedCount > 0) {
      target.add(
          new WriteRequest.Return(
              queueId,
              Arrays.copyOf(returned, returnedCount),
              Arrays.copyOf(returnCounts, returnedCount),
              returnDues == null ? null : Arrays.copyOf(returnDues, returnedCount)));
      returnedCount = 0;
      returnDues = null;
      if (returned.length > KEPT) {
        returned = NO_POSITIONS;
        returnCounts = NO_COUNTS;
      }
    }
    leavings.drainTo(target, queueId);
    if (markChanged) {
      markChanged = false;
      target.add(new WriteRequest.Delivered(queueId, mark));
    }
    return matters;
  }

  @Override
  public long end() {
    return log.next();
  }

  @Override
  public long mark() {
    return mark;
  }

  @Override
  public void onDisk(long end, long withMark) {
    turnsOnDisk++;
    writtenTo = end;
    markWritten = withMark;
    listener.onDisk(end);
  }
}
