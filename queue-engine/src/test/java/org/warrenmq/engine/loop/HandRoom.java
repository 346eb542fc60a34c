package org.warrenmq.engine.loop;

import java.util.ArrayDeque;

/** A room without a loop, opened when the test says so, on the test's thread. */
public final class HandRoom implements Room {
  private final ArrayDeque<Mail> inbox = new ArrayDeque<>();

  @Override
  public void post(Mail mail) {
    inbox.add(mail);
  }

  public void run() {
    Mail mail;
    while ((mail = inbox.poll()) != null) {
      mail.open();
    }
  }

  public boolean isIdle() {
    return inbox.isEmpty();
  }
}
