package org.warrenmq.engine;

import io.netty.channel.embedded.EmbeddedChannel;

/**
 * A loop that turns when the test says so, on the test's thread: what several loops do together
 * becomes a sequence that a seed decides and repeats.
 */
final class HandLoop {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final RoomLoop rooms = new RoomLoop(channel.eventLoop());

  RoomLoop rooms() {
    return rooms;
  }

  /** Runs turns until nothing is left to do. */
  void run() {
    channel.runPendingTasks();
  }

  boolean isIdle() {
    return !channel.hasPendingTasks();
  }
}
