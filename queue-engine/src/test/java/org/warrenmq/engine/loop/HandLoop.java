package org.warrenmq.engine.loop;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.message.MessageStore;

/**
 * A loop that turns when the test says so, on the test's thread: what several loops do together
 * becomes a sequence that a seed decides and repeats.
 */
public final class HandLoop {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final RoomLoop rooms;
  private final LoopStore store;

  /** What the loop's clock shows: it stands still but for {@link #pass}. */
  private long millis = 1_000_000;

  /** How long the loop is there: what {@link #pass} let pass. */
  private long passed;

  public HandLoop() {
    this(null, Long.MAX_VALUE);
  }

  /**
   * @param messageBytes memory that messages of queues on this loop may take
   */
  public HandLoop(@Nullable MessageStore store, long messageBytes) {
    this(store, messageBytes, () -> 0);
  }

  /**
   * @param clock what turns are measured by, in nanoseconds
   */
  public HandLoop(@Nullable MessageStore store, long messageBytes, LongSupplier clock) {
    rooms = new RoomLoop(channel.eventLoop(), NodeMemory.unlimited(), clock(clock));
    this.store = new LoopStore(rooms, store, messageBytes);
    channel.freezeTime();
  }

  private LoopClock clock(LongSupplier nanos) {
    return new LoopClock() {
      @Override
      public long nanos() {
        return nanos.getAsLong() + TimeUnit.MILLISECONDS.toNanos(passed);
      }

      @Override
      public long millis() {
        return millis;
      }
    };
  }

  /** A clock by which any turn may have taken too long. */
  public static LongSupplier restlessClock(SplittableRandom random) {
    long[] now = {0};
    return () -> now[0] += random.nextInt(3) == 0 ? 10_000_000 : 0;
  }

  public RoomLoop rooms() {
    return rooms;
  }

  public LoopStore store() {
    return store;
  }

  /** Runs turns until nothing is left to do. */
  public void run() {
    Thread here = Thread.currentThread();
    // What ends a node is a thing for the test to look at.
    here.setUncaughtExceptionHandler((_, fault) -> RecordedErrors.instance().add(fault));
    try {
      channel.runPendingTasks();
      channel.checkException();
    } finally {
      here.setUncaughtExceptionHandler(null);
    }
  }

  /** Lets time pass: what was scheduled for later may become due. */
  public void pass(long time) {
    millis += time;
    passed += time;
    channel.advanceTimeBy(time, TimeUnit.MILLISECONDS);
  }

  /** Turns the machine's clock, ahead or back, while no time passes. */
  public void turnClock(long by) {
    millis += by;
  }

  public boolean isIdle() {
    return !channel.hasPendingTasks();
  }
}
