package org.warrenmq.broker;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.warrenmq.engine.loop.Mail;
import org.warrenmq.engine.loop.NodeFault;
import org.warrenmq.engine.loop.Room;

/**
 * Sees whether the rooms' threads still turn, from a thread of its own, "warren-watchdog": one that
 * opened no mail for too long answers nobody, and the node ends. It counts its own looks instead of
 * the time, so a process that was stopped for a while finds its rooms well.
 */
final class Watchdog implements AutoCloseable {
  /** Looks in the time a turn may take. */
  private static final int LOOKS = 10;

  private static final Mail NOTHING = () -> {};

  private final Duration turnTimeout;
  private final List<Watched> rooms;
  private final Thread thread =
      Thread.ofPlatform().daemon().name("warren-watchdog").unstarted(this::run);
  private volatile boolean closed;

  /**
   * A room as it is seen from outside.
   *
   * @param turns grows when the room has opened mail
   * @param stack what its thread does now
   */
  record Watched(String name, Room room, LongSupplier turns, Supplier<StackTraceElement[]> stack) {}

  /** One look after the other at one room. */
  private static final class Looks {
    private final Watched watched;
    private long turns;
    private int inVain;

    Looks(Watched watched) {
      this.watched = watched;
      this.turns = -1;
    }

    /** False when the room did not turn for too many looks. */
    boolean isWell() {
      long now = watched.turns.getAsLong();
      if (now == turns) {
        return ++inVain <= LOOKS;
      }
      turns = now;
      inVain = 0;
      // It has until the next looks to open this.
      watched.room.post(NOTHING);
      return true;
    }
  }

  /**
   * @param turnTimeout how long a room may take for one turn; zero watches nothing
   */
  Watchdog(Duration turnTimeout, List<Watched> rooms) {
    this.turnTimeout = turnTimeout;
    this.rooms = rooms;
  }

  void start() {
    if (!turnTimeout.isZero()) {
      thread.start();
    }
  }

  private void run() {
    List<Looks> looks = rooms.stream().map(Looks::new).toList();
    long pause = turnTimeout.dividedBy(LOOKS).toNanos();
    while (!closed) {
      LockSupport.parkNanos(this, pause);
      for (Looks room : looks) {
        if (!room.isWell() && !closed) {
          end(room.watched);
          return;
        }
      }
    }
  }

  /** With the stack of the thread that is stuck as its own. */
  private void end(Watched watched) {
    IllegalStateException stuck =
        new IllegalStateException(
            "%s has not turned for %d s".formatted(watched.name, turnTimeout.toSeconds()));
    stuck.setStackTrace(watched.stack.get());
    NodeFault.report(stuck);
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
