package org.warrenmq.router;

import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;

/**
 * A rule that leads from an exchange to a destination; immutable, read by any thread.
 *
 * <p>All four parts make its identity. Source and destination count by identity, so that a binding
 * of a deleted exchange never equals one of its successor.
 */
public record Binding(
    Exchange source, Destination destination, String routingKey, FieldTable arguments) {

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Binding that
        && source == that.source
        && destination == that.destination
        && routingKey.equals(that.routingKey)
        && arguments.equals(that.arguments);
  }

  /**
   * Clients choose the keys, so these are hashed with a secret seed: {@link String#hashCode} would
   * let one of them fill a table with colliding bindings.
   */
  @Override
  public int hashCode() {
    int hash = KeyHash.of(routingKey, 0, routingKey.length());
    hash = 31 * hash + System.identityHashCode(source);
    hash = 31 * hash + System.identityHashCode(destination);
    return arguments.size() == 0 ? hash : 31 * hash + arguments.hashCode();
  }

  @Override
  public String toString() {
    return "Binding[%s -> %s, key=%s, arguments=%s]"
        .formatted(source.name(), destination.name(), routingKey, arguments);
  }
}
