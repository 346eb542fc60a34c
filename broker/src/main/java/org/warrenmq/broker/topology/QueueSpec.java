package org.warrenmq.broker.topology;

import org.warrenmq.codec.FieldTable;
import org.warrenmq.engine.QueuePolicy;

/** What a queue was declared as. */
public record QueueSpec(
    String name, boolean durable, boolean exclusive, boolean autoDelete, FieldTable arguments) {

  /** What the declaration means to the queue itself; its owner takes an exclusive one along. */
  QueuePolicy policy() {
    return new QueuePolicy(
        durable && !exclusive, autoDelete, arguments.isTrue("x-single-active-consumer"));
  }
}
