package org.warrenmq.broker.amqp;

import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/**
 * A connection's heartbeats in both directions: one timer at half the interval. Runs on the
 * connection's loop.
 *
 * <p>It sends when nothing was written for half an interval, and gives the peer up when nothing, of
 * any kind, was read for two full intervals and a bit.
 */
final class Heartbeats {
  /** Half intervals without any input after which the peer is taken for dead. */
  private static final int PATIENCE = 5;

  private final AmqpConnection connection;
  private final long halfMillis;
  private @Nullable ScheduledFuture<?> timer;
  private int silent;

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
    if (silent >= PATIENCE) {
      connection.peerIsDead();
    } else if (connection.outbound().wasQuiet()) {
      connection.outbound().heartbeat();
    }
  }

  void stop() {
    if (timer != null) {
      timer.cancel(false);
    }
  }
}
