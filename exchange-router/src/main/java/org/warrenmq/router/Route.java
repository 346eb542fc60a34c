package org.warrenmq.router;

import org.jspecify.annotations.Nullable;

/**
 * A remembered result and what it depends on; immutable, belongs to one {@link RouteCache}.
 *
 * <p>It holds while every exchange that was asked still has the generation it had before.
 */
final class Route {
  private static final Exchange[] NO_EXCHANGES = {};
  private static final long[] NO_GENERATIONS = {};

  final Exchange exchange;

  /** Null where the result is the same for every key. */
  final @Nullable String key;

  final QueueDestination[] targets;
  private final long generation;

  // The exchanges asked after the first one; mostly none.
  private final Exchange[] further;
  private final long[] furtherGenerations;

  /** Remembers a result; the exchange that the message was published to is its first. */
  Route(@Nullable String key, QueueDestination[] targets, RouteResult result) {
    this.exchange = result.exchange(0);
    this.key = key;
    this.targets = targets;
    this.generation = result.generation(0);
    int more = result.discovered() - 1;
    this.further = more == 0 ? NO_EXCHANGES : new Exchange[more];
    this.furtherGenerations = more == 0 ? NO_GENERATIONS : new long[more];
    for (int i = 0; i < more; i++) {
      further[i] = result.exchange(i + 1);
      furtherGenerations[i] = result.generation(i + 1);
    }
  }

  boolean isFor(Exchange wanted, @Nullable String wantedKey) {
    if (exchange != wanted) {
      return false;
    }
    return wantedKey == null ? key == null : wantedKey.equals(key);
  }

  boolean holds() {
    if (exchange.generation() != generation) {
      return false;
    }
    for (int i = 0; i < further.length; i++) {
      if (further[i].generation() != furtherGenerations[i]) {
        return false;
      }
    }
    return true;
  }

  /** What it takes in memory, in bytes, about; its queues may be another route's, too. */
  long cost() {
    return 112 + (key == null ? 0 : key.length() * 2L) + 8L * targets.length + 16L * further.length;
  }

  int hash() {
    return hash(exchange, key);
  }

  static int hash(Exchange exchange, @Nullable String key) {
    int hash = System.identityHashCode(exchange) * 31 + (key == null ? 0 : key.hashCode());
    hash *= 0x9E3779B9;
    return hash ^ (hash >>> 16);
  }
}
