package org.warrenmq.engine;

/**
 * What a {@link QueueLog} has at a position: a message, or what is left of one whose content is in
 * the store.
 */
sealed interface Entry permits Message, PagedOut {
  /** Body bytes. */
  long size();

  /** Whether it outlives the process in a queue that does. */
  boolean persistent();
}
