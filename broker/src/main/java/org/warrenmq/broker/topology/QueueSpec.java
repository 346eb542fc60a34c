package org.warrenmq.broker.topology;

import org.warrenmq.codec.FieldTable;

/** What a queue was declared as. */
public record QueueSpec(
    String name, boolean durable, boolean exclusive, boolean autoDelete, FieldTable arguments) {}
