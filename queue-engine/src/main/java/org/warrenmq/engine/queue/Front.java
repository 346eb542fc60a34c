package org.warrenmq.engine.queue;

import org.warrenmq.engine.message.Message;

/**
 * The message of a queue that a get takes.
 *
 * @param inLane its position in its lane
 * @param redelivered whether it was delivered before
 */
record Front(Lane lane, long inLane, Message message, boolean redelivered) {
  /** Where it is in the queue. */
  long position() {
    return Lanes.position(lane.number(), inLane);
  }
}
