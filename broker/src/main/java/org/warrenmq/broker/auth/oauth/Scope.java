package org.warrenmq.broker.auth.oauth;

import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.auth.Operation;

/**
 * What a token allows, {@code operation:vhost/name} or {@code operation:vhost/name/routing-key}.
 * Immutable, any thread.
 *
 * @param key of topic exchanges; null: it says nothing about these
 */
record Scope(Operation operation, Wildcard vhost, Wildcard name, @Nullable Wildcard key) {
  private static final int WITH_KEY = 3;

  /** Reads one, or null where it is about something else. */
  static @Nullable Scope read(String text) {
    for (Operation operation : Operation.values()) {
      if (text.startsWith(operation + ":")) {
        return read(operation, text.substring(operation.toString().length() + 1));
      }
    }
    return null;
  }

  private static @Nullable Scope read(Operation operation, String pattern) {
    String[] parts = pattern.split("/", -1);
    if (parts.length != 2 && parts.length != WITH_KEY) {
      return null;
    }
    try {
      return new Scope(
          operation,
          Wildcard.of(parts[0]),
          Wildcard.of(parts[1]),
          parts.length == 2 ? null : Wildcard.of(parts[2]));
    } catch (IllegalArgumentException e) {
      // With RabbitMQ, too, it then allows nothing.
      return null;
    }
  }

  boolean covers(Operation wanted, String wantedName) {
    return operation == wanted && name.matches(wantedName);
  }

  boolean coversTopic(Operation wanted, String exchange, String routingKey) {
    return covers(wanted, exchange) && key != null && key.matches(routingKey);
  }
}
