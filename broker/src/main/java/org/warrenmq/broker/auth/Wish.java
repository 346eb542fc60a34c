package org.warrenmq.broker.auth;

import org.jspecify.annotations.Nullable;

/**
 * What somebody wants to do in a virtual host. Immutable.
 *
 * @param kind queue, exchange or topic, as refusals call it
 * @param name of the queue or the exchange
 * @param key the routing key, where it is about one; else null
 */
public record Wish(Operation operation, String kind, String name, @Nullable String key) {
  /** What one about a routing key is of. */
  public static final String TOPIC = "topic";

  /** About a queue or an exchange. */
  public Wish(Operation operation, String kind, String name) {
    this(operation, kind, name, null);
  }

  /** About a routing key at a topic exchange. */
  public static Wish topic(Operation operation, String exchange, String key) {
    return new Wish(operation, TOPIC, exchange, key);
  }
}
