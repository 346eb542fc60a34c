package org.warrenmq.engine.exchange;

import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.message.MessageStore.SchedulePage;

/**
 * Reads the messages of one {@link Delays} or {@link History} from the store: one read at a time,
 * and each only when what matters to it and was asked of the store before it began is on disk. So
 * what a read brings is what there was at that moment, but for what its owner has done since. Runs
 * in the owner's room.
 */
final class ScheduleReads {
  /** How long to wait when too many reads are under way. */
  private static final int RETRY_MILLIS = 2;

  private final long owner;
  private final LoopStore home;
  private final DelayJournal journal;
  private final Runnable begins;
  private final ArrayDeque<Read> waiting = new ArrayDeque<>(0);
  private @Nullable Read current;

  /** The write that the present read waits for. */
  private long write;

  private boolean asked;
  private boolean closed;

  /**
   * Something to be read.
   *
   * @param maxBytes about how many, asked when it is its turn
   * @param needed whether it is still to be read, asked first of all when it is its turn
   * @param waits whether it has to wait for what was asked of the store before, asked likewise
   * @param then gets what was read; never when the room ends before, or nothing had to be read
   */
  record Read(
      Place from,
      LongSupplier maxBytes,
      BooleanSupplier needed,
      BooleanSupplier waits,
      Consumer<SchedulePage> then) {
    /** One that is needed. */
    Read(Place from, LongSupplier maxBytes, BooleanSupplier waits, Consumer<SchedulePage> then) {
      this(from, maxBytes, () -> true, waits, then);
    }

    /** One that is needed, and waits. */
    Read(Place from, LongSupplier maxBytes, Consumer<SchedulePage> then) {
      this(from, maxBytes, () -> true, then);
    }
  }

  /**
   * @param begins told before a read that waits for all that was asked of the store until then
   */
  ScheduleReads(long owner, LoopStore home, Runnable begins) {
    this.begins = begins;
    this.owner = owner;
    this.home = home;
    this.journal = new DelayJournal(owner, home, this::ask);
  }

  DelayJournal journal() {
    return journal;
  }

  void read(Read read) {
    waiting.add(read);
    next();
  }

  /** The same, before those that wait. */
  void readFirst(Read read) {
    waiting.addFirst(read);
    next();
  }

  private void next() {
    while (current == null && !closed && !waiting.isEmpty()) {
      Read read = waiting.remove();
      if (read.needed.getAsBoolean()) {
        begin(read);
      }
    }
  }

  private void begin(Read read) {
    current = read;
    asked = false;
    write = 0;
    if (read.waits.getAsBoolean()) {
      begins.run();
      write = journal.awaitWrite();
    }
    ask();
  }

  /** As soon as what came before is on disk. */
  private void ask() {
    Read read = current;
    if (read != null && !asked && !closed && journal.isWritten(write)) {
      asked = true;
      home.memory().reads().take(() -> ask(read));
    }
  }

  private void ask(Read read) {
    if (closed) {
      home.memory().reads().done();
      return;
    }
    boolean taken =
        home.messages()
            .readScheduled(
                owner,
                read.from.due(),
                read.from.id(),
                read.maxBytes.getAsLong(),
                page -> home.loop().post(() -> answer(read, page)));
    if (!taken) {
      home.loop()
          .schedule(
              RETRY_MILLIS,
              () -> {
                home.memory().reads().done();
                asked = false;
                ask();
              });
    }
  }

  private void answer(Read read, SchedulePage page) {
    if (!closed) {
      current = null;
      read.then.accept(page);
    }
    home.memory().reads().done();
    next();
  }

  /** Nobody hears of what is still read. */
  void close() {
    closed = true;
    current = null;
    waiting.clear();
  }
}
