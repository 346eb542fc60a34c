package org.warrenmq.engine.queue;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.engine.message.PagedOut;
import org.warrenmq.engine.message.Stamps;

/**
 * Decides which messages of a queue are in memory: a window before the consumers and what was just
 * published stay, what lies between goes to the store and is read back in time. Runs in the queue's
 * room.
 *
 * <p>A queue pages as soon as its messages, or those of all queues on the loop, take more memory
 * than they should: from then on every message is stored, and forgotten once that is on disk. It
 * stops when all was read back. So a queue that stays short never pages, and pays nothing.
 */
final class Paging {
  /** How long to wait when too many reads are under way. */
  private static final int RETRY_MILLIS = 2;

  /** Bytes to read of what is to be dropped. */
  private static final long DROPPED_AT_ONCE = 256 * 1024;

  /** What becomes of messages that are read. */
  private enum Purpose {
    /** They are in memory then. */
    KEEP,
    /** Those that are due leave, the others stay cold. */
    SWEEP,
    /** It is only asked when the first one came. */
    LOOK
  }

  /** Bytes to read of one message, whatever it has. */
  private static final long ONE_MESSAGE = 1;

  private final StoredLedger.Owner queue;
  private final QueueLog log;
  private final LoopStore home;

  /** What was stored without its time counts from then on. */
  private final long begun;

  private boolean on;

  /** Everything from here on is stored, or will be before it may be forgotten. */
  private long since;

  /** What is being read for; null while nothing is. */
  private @Nullable Purpose reading;

  private boolean held;

  /** What is read of these is passed over; null while there are none. */
  private @Nullable Departed departed;

  /** Messages that the last read brought. */
  private int lastRead;

  /** Grows when what is being read is of no use any more. */
  private int generation;

  Paging(StoredLedger.Owner queue, QueueLog log, LoopStore home) {
    this.queue = queue;
    this.log = log;
    this.home = home;
    this.begun = home.loop().clock().millis();
  }

  /** The log came back at a start: all of it is cold. */
  void restored() {
    forget();
    on = true;
    since = log.next();
  }

  /**
   * A message was appended.
   *
   * @param kept whether it is stored anyhow
   * @return true when it must be stored because the queue pages
   */
  boolean appended(boolean kept) {
    on = on || home.memory().isTooMuch(log.residentCost());
    if (!on && !kept) {
      since = log.next();
    }
    return on;
  }

  /** Whether what can be read back should not be kept. */
  boolean isShort() {
    return home.memory().isTooMuch(log.residentCost());
  }

  /**
   * Everything that is to be stored below a position is on disk.
   *
   * @param head the first position never delivered
   */
  void onDisk(long end, long head) {
    if (!on) {
      return;
    }
    ColdStretch cold = log.cold();
    if (cold != null) {
      if (end > cold.to()) {
        log.pageOut(cold.to(), end);
      }
    } else if (home.memory().isTooMuch(log.residentCost() * 2)) {
      long from = Math.max(since, head);
      if (from < end) {
        log.pageOut(from, end);
      }
    } else {
      // All was read back, and there is room: no need to store what comes.
      on = false;
    }
  }

  /**
   * Reads on if so few messages are ready in memory that consumers may have to wait soon.
   *
   * @param ready how many messages are ready, in memory or not
   */
  void readAhead(long ready) {
    ColdStretch cold = log.cold();
    if (reading == null && cold != null && ready - cold.count() <= lastRead / 2) {
      read(cold.from());
    }
  }

  /** Messages that left, and may be read all the same. */
  void passOver(@Nullable Departed messages) {
    departed = messages;
  }

  /** Whether something is being read. */
  boolean isReading() {
    return reading != null;
  }

  /** Nothing is read while something has to be written first; the queue proceeds after that. */
  void hold(boolean on) {
    held = on;
  }

  /**
   * Reads cold messages of which some may be due, and leaves them where they are: {@link
   * StoredLedger.Owner#swept} says what was found.
   *
   * @return false when something else is being read, or nothing may be
   */
  boolean sweep(long from) {
    if (reading != null || held) {
      return false;
    }
    read(Purpose.SWEEP, from, DROPPED_AT_ONCE);
    return true;
  }

  /**
   * Learns when the first cold message came, and leaves it where it is; the queue proceeds then.
   */
  void look() {
    read(Purpose.LOOK, log.coldFrom(), 0);
  }

  /** Reads what is wanted now; the queue proceeds when it is there. */
  void read(long from) {
    read(Purpose.KEEP, from, 0);
  }

  /** The same, and what comes is dropped at once: much may come. */
  void readToDrop(long from) {
    read(Purpose.KEEP, from, DROPPED_AT_ONCE);
  }

  private void read(Purpose purpose, long from, long least) {
    if (reading != null || held) {
      return;
    }
    reading = purpose;
    int expected = generation;
    home.memory().reads().take(() -> readNow(purpose, from, least, expected));
  }

  private void readNow(Purpose purpose, long from, long least, int expected) {
    if (expected != generation) {
      home.memory().reads().done();
      return;
    }
    ColdStretch cold = log.cold();
    // Of what was written after this moment the page may hold one part and miss another.
    long limit = cold == null ? from : cold.to();
    long bytes = purpose == Purpose.LOOK ? ONE_MESSAGE : Math.max(least, home.memory().readAhead());
    boolean taken =
        home.messages()
            .read(
                queue.id(),
                from,
                bytes,
                page -> home.loop().post(() -> loaded(page, from, limit, expected)));
    if (!taken) {
      home.loop().schedule(RETRY_MILLIS, () -> retry(expected));
    }
  }

  private void retry(int expected) {
    home.memory().reads().done();
    if (expected == generation) {
      endReading();
      queue.proceed();
    }
  }

  private void endReading() {
    boolean sweeping = reading == Purpose.SWEEP;
    reading = null;
    if (sweeping) {
      queue.sweptInVain();
    }
  }

  private void loaded(MessageStore.Page page, long from, long limit, int expected) {
    if (expected == generation) {
      load(page, from, limit);
    }
    home.memory().reads().done();
  }

  private void load(MessageStore.Page page, long from, long limit) {
    Purpose purpose = reading;
    reading = null;
    List<MessageStore.Loaded> messages = present(page.messages());
    if (purpose == Purpose.SWEEP) {
      queue.swept(messages, from, Math.min(page.resumeAt(), limit));
      queue.proceed();
    } else if (purpose == Purpose.LOOK) {
      lookedAt(messages, from, Math.min(page.resumeAt(), limit));
    } else {
      keep(messages, page, from, limit);
    }
  }

  /** What has left, and was still read, is passed over. */
  private void lookedAt(List<MessageStore.Loaded> messages, long from, long to) {
    ColdStretch cold = log.cold();
    if (cold != null && messages.isEmpty()) {
      if (to > from && to < cold.to()) {
        read(Purpose.LOOK, to, 0);
      } else {
        missing(from);
      }
      return;
    }
    if (cold != null) {
      cold.since(came(messages.getFirst()));
    }
    queue.proceed();
  }

  private long came(MessageStore.Loaded message) {
    long enqueued = message.stamps().enqueued();
    return enqueued == Stamps.UNKNOWN ? begun : enqueued;
  }

  private void keep(
      List<MessageStore.Loaded> messages, MessageStore.Page page, long from, long limit) {
    boolean cold = from == log.coldFrom();
    lastRead = messages.size();
    for (int i = 0; i < messages.size(); i++) {
      MessageStore.Loaded loaded = messages.get(i);
      long at = loaded.position();
      // What has become cold since may have lost some that the page still has.
      if (at < limit || log.entry(at) != null) {
        log.load(
            at,
            loaded.message(),
            came(loaded),
            loaded.returns(),
            loaded.stamps().due(),
            loaded.retryAt());
      }
    }
    if (isMissing(page, from, limit, cold)) {
      missing(from);
      return;
    }
    queue.proceed();
  }

  private void missing(long from) {
    home.messages()
        .broken(
            "messages of queue %d at position %d are not in the store".formatted(queue.id(), from));
  }

  private List<MessageStore.Loaded> present(List<MessageStore.Loaded> read) {
    Departed gone = departed;
    if (gone == null) {
      return read;
    }
    List<MessageStore.Loaded> present =
        read.stream().filter(loaded -> !gone.contains(loaded.position())).toList();
    gone.readingEnded();
    return present;
  }

  /** True when what was asked for is not there: asking again would not help. */
  private boolean isMissing(MessageStore.Page page, long from, long limit, boolean cold) {
    if (!cold) {
      return log.entry(from) instanceof PagedOut;
    }
    boolean missing = log.cold() != null && page.resumeAt() <= from;
    return missing || !log.loadedBelow(Math.min(page.resumeAt(), limit));
  }

  /** The content was dropped: what is being read is too late. */
  void forget() {
    generation++;
    endReading();
  }
}
