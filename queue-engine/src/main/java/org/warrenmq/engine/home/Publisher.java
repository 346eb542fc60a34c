package org.warrenmq.engine.home;

import org.warrenmq.engine.loop.RoomLoop;

/**
 * A channel that wants to know when its messages are accepted. Its methods run in the connection's
 * room.
 */
public interface Publisher {
  RoomLoop loop();

  /** A queue has accepted (or, its life over, dropped) these messages. */
  void accepted(AcceptedBatch batch);
}
