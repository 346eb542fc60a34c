package org.warrenmq.broker.topology;

import org.warrenmq.codec.FieldTable;
import org.warrenmq.engine.QueuePolicy;

/** What a queue was declared as. */
public record QueueSpec(
    String name, boolean durable, boolean exclusive, boolean autoDelete, FieldTable arguments) {

  /** What the declaration means to the queue itself. */
  QueuePolicy policy() {
    return new QueuePolicy(autoDelete, arguments.isTrue("x-single-active-consumer"));
  }
}
