package org.warrenmq.conformance.chaos;

import com.rabbitmq.client.BlockedListener;
import com.rabbitmq.client.Connection;

/**
 * How long confirms took, those apart that an alarm may have held up; publishers begin them, the
 * threads of their connections end them.
 */
final class Confirms {
  final Latencies calm = new Latencies();
  final Latencies alarmed = new Latencies();

  /** A message that waits for its confirm: since when, and how many alarms there had been. */
  record Pending(long since, long alarms) {}

  /** The confirms of one connection that publishes, and what it is told of alarms. */
  final class OfConnection implements BlockedListener {
    /** Odd during an alarm; written by the connection's thread alone, which also confirms. */
    private volatile long alarmChanges;

    private OfConnection() {}

    /** Something is published now. */
    Pending begin() {
      return new Pending(System.nanoTime(), alarmChanges);
    }

    /** It is confirmed. Calm is what saw neither the middle nor the beginning of an alarm. */
    void end(Pending pending) {
      boolean isCalm = pending.alarms == alarmChanges && alarmChanges % 2 == 0;
      (isCalm ? calm : alarmed).add(System.nanoTime() - pending.since);
    }

    /** May be told twice, with another reason. */
    @Override
    public void handleBlocked(String reason) {
      alarmChanges |= 1;
    }

    @Override
    public void handleUnblocked() {
      alarmChanges += alarmChanges % 2;
    }
  }

  OfConnection of(Connection connection) {
    var confirms = new OfConnection();
    connection.addBlockedListener(confirms);
    return confirms;
  }
}
