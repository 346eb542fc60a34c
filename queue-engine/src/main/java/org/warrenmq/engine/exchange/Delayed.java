package org.warrenmq.engine.exchange;

import org.warrenmq.engine.home.MessageMemory;
import org.warrenmq.engine.message.Message;

/**
 * A delayed message in memory; immutable.
 *
 * @param lasting whether it outlives a restart
 */
record Delayed(Place place, Message message, boolean lasting) {
  /** What it is charged with, and what it takes to keep it in order. */
  long cost() {
    return MessageMemory.cost(message) + 96;
  }
}
