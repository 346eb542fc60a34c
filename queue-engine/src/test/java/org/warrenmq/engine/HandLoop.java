package org.warrenmq.engine;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A loop that turns when the test says so, on the test's thread: what several loops do together
 * becomes a sequence that a seed decides and repeats.
 */
final class HandLoop {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final RoomLoop rooms;

  HandLoop() {
    this(null, Long.MAX_VALUE);
  }

  /**
   * @param messageBytes memory that messages of queues on this loop may take
   */
  HandLoop(@Nullable MessageStore store, long messageBytes) {
    rooms = new RoomLoop(channel.eventLoop(), store, messageBytes);
    channel.freezeTime();
  }

  RoomLoop rooms() {
    return rooms;
  }

  /** Runs turns until nothing is left to do. */
  void run() {
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
  void pass(long millis) {
    channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
  }

  boolean isIdle() {
    return !channel.hasPendingTasks();
  }
}
