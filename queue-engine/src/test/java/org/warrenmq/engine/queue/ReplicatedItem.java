package org.warrenmq.engine.queue;

import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.message.Message;

/**
 * A message in a {@link ReplicatedQueue}, since that is led by whom it is led by now. On the test's
 * thread.
 */
final class ReplicatedItem {
  final Message message;

  /** With the level in it. */
  final long position;

  final long due;

  /** In which term of its queue it came. */
  final int term;

  /** Who got it last. */
  @Nullable Object receiver;

  /** Somebody outside has it. */
  boolean out;

  /** It came back, under this leader or so that it may still wait, or is on its way back. */
  boolean back;

  boolean requeued;

  /** It may have been delivered under another leader. */
  boolean flagged;

  /** Somebody got it, under this leader or another. */
  boolean delivered;

  int returns;

  /** When it may come again, in milliseconds. */
  long retryAt;

  @Nullable Settlement sent;

  /** It is no more. */
  boolean gone;

  /** Gone with its delivery, which nobody has seen yet. */
  boolean unseen;

  ReplicatedItem(Message message, long position, long due, int term) {
    this.message = message;
    this.position = position;
    this.due = due;
    this.term = term;
  }

  /** Where messages wait at all, all of them always do: what is set does not change that. */
  boolean waitsAt(long now, QueueSettings settings) {
    return settings.retry() != null && retryAt > now;
  }
}
