package org.warrenmq.engine;

import org.warrenmq.store.SettleReason;

/**
 * Takes down what a {@link Dispatcher} decided, as it decides: one call per {@link Outcome},
 * without the object. Called in the queue's room; arrays are the caller's and may change
 * afterwards.
 */
interface Recorder {
  /** {@link Outcome.Append} of one message. */
  void appended(long position, Message message);

  /**
   * {@link Outcome.Settle} of one message.
   *
   * @param entry what the log knew of it
   */
  void settled(long position, QueueLog.Entry entry, SettleReason reason);

  /** {@link Outcome.Return}. */
  void returned(long[] positions, int count);

  /** {@link Outcome.Purge}. */
  void purged(long below, long[] kept);
}
