package org.warrenmq.engine;

import java.util.ArrayDeque;

/** A room without a loop, opened when the test says so, on the test's thread. */
final class HandRoom implements Room {
  private final ArrayDeque<Mail> inbox = new ArrayDeque<>();

  @Override
  public void post(Mail mail) {
    inbox.add(mail);
  }

  void run() {
    Mail mail;
    while ((mail = inbox.poll()) != null) {
      mail.open();
    }
  }

  boolean isIdle() {
    return inbox.isEmpty();
  }
}
