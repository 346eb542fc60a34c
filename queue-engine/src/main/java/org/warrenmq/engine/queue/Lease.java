package org.warrenmq.engine.queue;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.loop.TimerWheel;

/**
 * Ends what nobody has used for some time: a queue without consumer, get and declaration, or what
 * it keeps for who asks. One timer at most, however often it is used. Lives in the queue's room.
 */
final class Lease {
  private final RoomLoop loop;
  private final long idleTime;
  private final BooleanSupplier isUsed;
  private final Runnable end;

  /** By the clock that nobody sets, in nanoseconds. */
  private long lastUse;

  private TimerWheel.@Nullable Timer timer;

  /**
   * @param idleTime milliseconds
   * @param isUsed whether it is in use by being there, as by a consumer
   * @param end what happens when time is over
   */
  Lease(RoomLoop loop, long idleTime, BooleanSupplier isUsed, Runnable end) {
    this.loop = loop;
    this.idleTime = idleTime;
    this.isUsed = isUsed;
    this.end = end;
    assert loop.inRoom();
    renew();
  }

  /** It was used. */
  void renew() {
    lastUse = loop.clock().nanos();
    if (timer == null) {
      watch(idleTime);
    }
  }

  private void watch(long millis) {
    timer = loop.timers().at(loop.clock().millis() + millis, this::look);
  }

  private void look() {
    timer = null;
    if (isUsed.getAsBoolean()) {
      // The one who ends that renews it.
      return;
    }
    long unused = TimeUnit.NANOSECONDS.toMillis(loop.clock().nanos() - lastUse);
    if (unused < idleTime) {
      watch(idleTime - unused);
    } else {
      end.run();
    }
  }

  /** There is no such time any more. */
  void end() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
