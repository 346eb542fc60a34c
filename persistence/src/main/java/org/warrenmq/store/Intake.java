package org.warrenmq.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Turns handed to the writer and not taken yet, and the writer's sleep while there are none, or
 * none that somebody waits for. {@link #add} and {@link #pendingBytes} may be called from any
 * thread, the rest is the writer's.
 */
final class Intake {
  /** So many turns, or bytes, are worth a sync of their own. */
  private static final int ENOUGH_TURNS = 16;

  private static final long ENOUGH_BYTES = 64 * 1024;

  /** How long settlements may wait for a write that somebody needs. */
  private static final long MAX_WAIT_NANOS = 20_000_000;

  /** How long a write that few wait for is put off after a sync. */
  private static final long GATHER_NANOS = 500_000;

  /** Latest first: the writer takes them whole. */
  private final AtomicReference<@Nullable Handed> latest = new AtomicReference<>();

  private final AtomicLong pendingBytes = new AtomicLong();
  private volatile boolean idle;

  /** Somebody waits for what is there. */
  private volatile boolean urgent;

  /** When the writer first saw what is there and can wait, or 0. */
  private long waitingSince;

  /** A turn, and what it is charged with until it is written. */
  record Handed(TurnWrites turn, long bytes, @Nullable Handed before) {}

  /** Hands a turn over, and wakes the writer if it sleeps and should not. */
  void add(TurnWrites turn, Thread writer) {
    long bytes = turn.pendingBytes();
    pendingBytes.addAndGet(bytes);
    Handed before = latest.get();
    while (true) {
      Handed found = latest.compareAndExchange(before, new Handed(turn, bytes, before));
      if (found == before) {
        break;
      }
      before = found;
    }
    if (turn.isUrgent() || bytes >= ENOUGH_BYTES) {
      urgent = true;
    }
    // The first one that can wait wakes the writer, too, to set its alarm clock.
    if (idle && (urgent || before == null)) {
      LockSupport.unpark(writer);
    }
  }

  /** Bytes handed over and not yet written. */
  long pendingBytes() {
    return pendingBytes.get();
  }

  void onDisk(long bytes) {
    pendingBytes.addAndGet(-bytes);
  }

  /** True while nobody waits for what is there, if anything, and it is not there for long. */
  boolean mayWait() {
    if (urgent || pendingBytes.get() >= ENOUGH_BYTES) {
      return false;
    }
    if (latest.get() == null) {
      return true;
    }
    if (waitingSince == 0) {
      waitingSince = now();
    }
    return now() - waitingSince < MAX_WAIT_NANOS;
  }

  /** Takes everything, in the order in which it came. */
  List<Handed> take() {
    // First: who hands over after this is seen in the next round.
    urgent = false;
    waitingSince = 0;
    List<Handed> taken = new ArrayList<>();
    for (Handed one = latest.getAndSet(null); one != null; one = one.before()) {
      taken.add(one);
    }
    return taken.reversed();
  }

  void drop() {
    latest.set(null);
  }

  /**
   * After a sync: others were waiting while it ran, but so few that the next one would cost more
   * than all they want; gives more of them the time to come. Who waits alone never waits for this.
   */
  void gather() {
    int turns = 0;
    for (Handed one = latest.get(); one != null && turns < ENOUGH_TURNS; one = one.before()) {
      turns++;
    }
    if (turns > 0 && turns < ENOUGH_TURNS && pendingBytes.get() < ENOUGH_BYTES) {
      LockSupport.parkNanos(this, GATHER_NANOS);
    }
  }

  /** Says that the writer is about to sleep: from now on it is woken. */
  void sleeps(boolean will) {
    idle = will;
  }

  /**
   * How long the writer may sleep because of what is here: not at all when that is 0, forever when
   * it is {@link Long#MAX_VALUE}. Asked after {@link #sleeps}, so that nothing is overlooked.
   */
  long sleepNanos() {
    if (urgent) {
      return 0;
    }
    if (latest.get() == null) {
      return Long.MAX_VALUE;
    }
    return waitingSince == 0 ? 0 : Math.max(0, MAX_WAIT_NANOS - (now() - waitingSince));
  }

  /** Never 0, which means that nothing waits. */
  private static long now() {
    return System.nanoTime() | 1;
  }
}
