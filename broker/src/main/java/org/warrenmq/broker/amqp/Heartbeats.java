package org.warrenmq.broker.amqp;

import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.loop.RoomLoop;

/**
 * A connection's heartbeats in both directions: one timer at half the interval. Runs on the
 * connection's loop.
 *
 * <p>The first tick, half an interval after tune-ok, always sends: what the handshake wrote was
 * read before clients began to count, and some count one interval exactly. Later ones send when
 * nothing was written since the one before. The peer is given up when nothing, of any kind, was
 * read for two full intervals and a bit.
 */
final class Heartbeats {
  /** Half intervals without any input after which the peer is taken for dead. */
  private static final int PATIENCE = 5;

  private final RoomLoop loop;
  private final Outbound outbound;
  private final Listener listener;
  private @Nullable ScheduledFuture<?> timer;
  private int silent;
  private boolean sentFirst;

  /** Who reads what the peer sends. */
  interface Listener {
    /** Whether something was read since that was asked last. */
    boolean heardSomething();

    /** The peer is given up. */
    void peerIsDead();
  }

  Heartbeats(RoomLoop loop, Outbound outbound, Listener listener) {
    this.loop = loop;
    this.outbound = outbound;
    this.listener = listener;
  }

  /**
   * @param seconds the interval; 0 is for none
   */
  void start(int seconds) {
    if (seconds > 0) {
      timer = loop.scheduleEvery(seconds * 500L, this::tick);
    }
  }

  private void tick() {
    silent = listener.heardSomething() ? 0 : silent + 1;
    boolean quiet = outbound.wasQuiet();
    if (silent >= PATIENCE) {
      listener.peerIsDead();
    } else if (quiet || !sentFirst) {
      sentFirst = true;
      outbound.heartbeat();
    }
  }

  void stop() {
    if (timer != null) {
      timer.cancel(false);
    }
  }
}
