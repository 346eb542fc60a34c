package org.warrenmq.broker.topology;

import org.warrenmq.codec.AmqpError;

/** How a {@link TopologyCommand} went. */
public sealed interface TopologyReply {
  /** Done, or there was nothing to do. */
  record Done() implements TopologyReply {}

  /** The queue exists. */
  record QueueDeclared(String name, long ready, int consumers) implements TopologyReply {}

  /**
   * The queue is gone.
   *
   * @param ready messages that were ready in it
   */
  record QueueDeleted(long ready) implements TopologyReply {}

  /** Nothing was changed. */
  record Refused(AmqpError error) implements TopologyReply {}
}
