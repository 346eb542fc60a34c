package org.warrenmq.broker.topology;

import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;

/** What a queue was declared as. */
public record QueueSpec(
    String name, boolean durable, boolean exclusive, boolean autoDelete, FieldTable arguments) {

  /** An exclusive queue is transient, whatever is asked for: its owner takes it along. */
  public QueueSpec {
    durable = durable && !exclusive;
  }

  /** The queue type that its arguments name. */
  String type() {
    String type = arguments.getString(QueueArgument.TYPE.wireName());
    return type == null ? "classic" : type;
  }

  /** Whether it is a quorum queue; all others are classic ones. */
  boolean isQuorum() {
    return QueueArgument.isQuorum(arguments);
  }

  /** The exchange that its arguments name for dead letters, or null. */
  public @Nullable String deadLetterExchange() {
    return arguments.getString(QueueArgument.DEAD_LETTER_EXCHANGE.wireName());
  }
}
