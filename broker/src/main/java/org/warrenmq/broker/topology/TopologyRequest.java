package org.warrenmq.broker.topology;

import org.warrenmq.engine.loop.ReplyTo;

/**
 * A command, and who waits for its answer on this node. By the time the answer is opened, every
 * reader sees the change.
 */
public record TopologyRequest(TopologyCommand command, ReplyTo<TopologyReply> reply, Asker asker) {

  /** Of somebody who owns no queues. */
  public TopologyRequest(TopologyCommand command, ReplyTo<TopologyReply> reply) {
    this(command, reply, () -> false);
  }
}
