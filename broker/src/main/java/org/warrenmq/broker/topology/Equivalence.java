package org.warrenmq.broker.topology;

import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.FieldValue;

/**
 * Whether a declaration of something that exists means the same thing; the words are RabbitMQ's.
 *
 * @param kind what is declared: a queue or an exchange
 */
record Equivalence(String kind, String name, String vhost) {
  /**
   * @throws ChannelError PRECONDITION_FAILED when a property is not the same
   */
  void check(String property, Object given, Object current) {
    if (!given.equals(current)) {
      throw Refusal.inequivalent(property, kind, name, vhost, given, current);
    }
  }

  /**
   * Integers compare by value over all integer types.
   *
   * @throws ChannelError PRECONDITION_FAILED when an argument is not the same
   */
  void checkArgument(String argument, @Nullable FieldValue given, @Nullable FieldValue current) {
    if (!same(given, current)) {
      throw Refusal.inequivalentArgument(argument, kind, name, vhost, given, current);
    }
  }

  private static boolean same(@Nullable FieldValue a, @Nullable FieldValue b) {
    if (a == null || b == null) {
      return a == b;
    }
    return a.isInteger() && b.isInteger() ? a.asLong() == b.asLong() : a.equals(b);
  }
}
