package org.warrenmq.broker.topology;

import java.util.function.BooleanSupplier;
import org.warrenmq.engine.loop.ReplyTo;

/**
 * A command, and who waits for its answer on this node. By the time the answer is opened, every
 * reader sees the change.
 *
 * @param asker says, on any thread, whether who asks has given up its queues: it gets no new ones
 */
public record TopologyRequest(
    TopologyCommand command, ReplyTo<TopologyReply> reply, BooleanSupplier asker) {

  /** Of somebody who owns no queues. */
  public TopologyRequest(TopologyCommand command, ReplyTo<TopologyReply> reply) {
    this(command, reply, () -> false);
  }

  boolean isAskerGone() {
    return asker.getAsBoolean();
  }
}
