package org.warrenmq.engine.queue;

import org.warrenmq.engine.message.MessageStore;

/** A message store whose every step a simulation takes. On the test's thread. */
interface StoreInSimulation extends MessageStore, AutoCloseable {
  /** Does some of what there is to do: writes, completes, reads, answers. */
  void work();

  /** True when nothing is left to do. */
  boolean isIdle();

  /** Makes everything written safe from a power cut, as the real one does five times a second. */
  void sync();

  /** Whether the append of a lasting message would be found after any crash. */
  boolean isSafe(long queueId, long position);

  /** Whether the end of a queue that lasts would be found after any crash. */
  boolean isEndSafe(long queueId);

  /** Milliseconds by which messages may be older than it says, as their time is one for many. */
  long coarseness();

  /** What it holds now: what was written. */
  SimulatedDisk disk();

  /**
   * The node ends, and what it still waited for never happens.
   *
   * @param powerCut whether what was not synced may be lost as well
   */
  void restart(boolean powerCut);

  @Override
  void close();
}
