package org.warrenmq.broker.amqp;

import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.ConnectionMethod;

/**
 * Whether a connection's publishes wait for an alarm to end, and what its client was told of that.
 * Runs on the connection's loop.
 */
final class Blocking {
  private final Alarm alarm;
  private final Client client;
  private final TurnOutput output;
  private boolean blocked;

  /** What makes publishes wait. */
  interface Alarm {
    /** Why publishes must wait, or null when they need not. */
    @Nullable String blockReason();
  }

  Blocking(Alarm alarm, Client client, TurnOutput output) {
    this.alarm = alarm;
    this.client = client;
    this.output = output;
  }

  /** Whether an alarm is on. */
  boolean isAlarmed() {
    return alarm.blockReason() != null;
  }

  /** Whether a publish has to wait for an alarm to end; the client is told the first time. */
  boolean publishesWait() {
    String reason = alarm.blockReason();
    if (reason == null) {
      return false;
    }
    if (!blocked) {
      blocked = true;
      if (client.wantsBlockedNotifications()) {
        output.send(0, new ConnectionMethod.Blocked(reason));
      }
    }
    return true;
  }

  /** The alarm has ended, and the client is told if it had to wait. True when it had. */
  boolean end() {
    boolean was = blocked;
    blocked = false;
    if (was && client.wantsBlockedNotifications()) {
      output.send(0, new ConnectionMethod.Unblocked());
    }
    return was;
  }
}
