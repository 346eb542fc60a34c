package org.warrenmq.engine.loop;

/**
 * A piece of work addressed to one room; whoever drains that room's mailbox opens it, in the room.
 *
 * <p>Mail is never opened by its sender, not even on the same thread: a sender finishes its own
 * work first, so no room is ever re-entered half-way through a change.
 */
@FunctionalInterface
public interface Mail {
  /** Does the work. Runs on the addressee's thread. */
  void open();
}
