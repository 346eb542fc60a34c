package org.warrenmq.broker.amqp;

import org.warrenmq.codec.ConnectionMethod;

/**
 * Whether a connection's publishes wait for an alarm to end, and what its client was told of that.
 * Runs on the connection's loop.
 */
final class Blocking {
  private final AmqpConnection connection;
  private final Server server;
  private boolean blocked;

  Blocking(AmqpConnection connection, Server server) {
    this.connection = connection;
    this.server = server;
  }

  /** Whether an alarm is on. */
  boolean isAlarmed() {
    return server.blockReason() != null;
  }

  /** Whether a publish has to wait for an alarm to end; the client is told the first time. */
  boolean publishesWait() {
    String reason = server.blockReason();
    if (reason == null) {
      return false;
    }
    if (!blocked) {
      blocked = true;
      if (connection.client().wantsBlockedNotifications()) {
        connection.send(0, new ConnectionMethod.Blocked(reason));
      }
    }
    return true;
  }

  /** The alarm has ended, and the client is told if it had to wait. True when it had. */
  boolean end() {
    boolean was = blocked;
    blocked = false;
    if (was && connection.client().wantsBlockedNotifications()) {
      connection.send(0, new ConnectionMethod.Unblocked());
    }
    return was;
  }
}
