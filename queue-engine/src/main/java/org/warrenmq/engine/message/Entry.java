package org.warrenmq.engine.message;

/**
 * What a queue has at a position: a message, or what is left of one whose content is in the store.
 */
public sealed interface Entry permits Message, PagedOut {
  /** Body bytes. */
  long size();

  /** Whether it outlives the process in a queue that does. */
  boolean persistent();
}
