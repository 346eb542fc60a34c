package org.warrenmq.engine.home;

import org.warrenmq.engine.loop.Mail;

/** Mail that a home takes back, as long as it has not left, when its queues go on elsewhere. */
public interface Revocable extends Mail {
  /** It was sent by a queue, which may be one of that home. Called in the sender's room. */
  void takeBack(LoopStore home);
}
