package org.warrenmq.broker.amqp;

import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

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

  private final AmqpConnection connection;
  private final long halfMillis;
  private @Nullable ScheduledFuture<?> timer;
  private int silent;
  private boolean sentFirst;

  Heartbeats(AmqpConnection connection, int seconds) {
    this.connection = connection;
    this.halfMillis = seconds * 500L;
  }

  void start() {
    if (halfMillis > 0) {
      timer = connection.loop().scheduleEvery(halfMillis, this::tick);
    }
  }

  private void tick() {
    silent = connection.heardSomething() ? 0 : silent + 1;
    boolean quiet = connection.outbound().wasQuiet();
    if (silent >= PATIENCE) {
      connection.peerIsDead();
    } else if (quiet || !sentFirst) {
      sentFirst = true;
      connection.outbound().heartbeat();
    }
  }

  void stop() {
    if (timer != null) {
      timer.cancel(false);
    }
  }
}
