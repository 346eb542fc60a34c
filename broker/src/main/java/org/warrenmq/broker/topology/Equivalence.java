package org.warrenmq.broker.topology;

import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.router.ExchangeSpec;

/**
 * Whether a declaration of something that exists means the same thing; the rules and words are
 * RabbitMQ's. What the type of the queue does not know is not compared, and nothing is checked but
 * equality; integers compare by value over all integer types.
 */
final class Equivalence {
  private static final FieldValue CLASSIC = FieldValue.of("classic");
  private static final FieldValue QUORUM = FieldValue.of("quorum");

  private Equivalence() {}

  /**
   * @param owner the connection the declaration makes the owner; null for a shared queue
   */
  static void check(QueueEntry existing, QueueSpec given, @Nullable Owner owner) {
    if (!existing.isOwnedBy(owner)) {
      throw Refusal.locked(existing);
    }
    QueueSpec current = existing.spec();
    VirtualHost vhost = existing.vhost();
    String name = given.name();
    if (given.durable() != current.durable()) {
      throw Refusal.inequivalent(
          "durable", "queue", name, vhost, given.durable(), current.durable());
    }
    if (given.autoDelete() != current.autoDelete()) {
      throw Refusal.inequivalent(
          "auto_delete", "queue", name, vhost, given.autoDelete(), current.autoDelete());
    }
    boolean quorum = QUORUM.equals(QueueArgument.TYPE.in(current.arguments()));
    for (QueueArgument argument : QueueArgument.comparedOn(quorum)) {
      FieldValue mine = value(argument, given.arguments());
      FieldValue theirs = value(argument, current.arguments());
      if (!same(mine, theirs)) {
        throw Refusal.inequivalentArgument(argument.wireName(), "queue", name, vhost, mine, theirs);
      }
    }
  }

  private static @Nullable FieldValue value(QueueArgument argument, FieldTable arguments) {
    FieldValue value = argument.in(arguments);
    return value == null && argument == QueueArgument.TYPE ? CLASSIC : value;
  }

  static void check(ExchangeSpec current, ExchangeSpec given, VirtualHost vhost) {
    String name = given.name();
    if (!given.type().equals(current.type())) {
      throw Refusal.inequivalent("type", "exchange", name, vhost, given.type(), current.type());
    }
    if (given.durable() != current.durable()) {
      throw Refusal.inequivalent(
          "durable", "exchange", name, vhost, given.durable(), current.durable());
    }
    if (given.autoDelete() != current.autoDelete()) {
      throw Refusal.inequivalent(
          "auto_delete", "exchange", name, vhost, given.autoDelete(), current.autoDelete());
    }
    if (given.internal() != current.internal()) {
      throw Refusal.inequivalent(
          "internal", "exchange", name, vhost, given.internal(), current.internal());
    }
    FieldValue mine = given.arguments().get(ExchangeSpec.ALTERNATE_EXCHANGE);
    FieldValue theirs = current.arguments().get(ExchangeSpec.ALTERNATE_EXCHANGE);
    if (!same(mine, theirs)) {
      throw Refusal.inequivalentArgument(
          ExchangeSpec.ALTERNATE_EXCHANGE, "exchange", name, vhost, mine, theirs);
    }
  }

  private static boolean same(@Nullable FieldValue a, @Nullable FieldValue b) {
    if (a == null || b == null) {
      return a == b;
    }
    return a.isInteger() && b.isInteger() ? a.asLong() == b.asLong() : a.equals(b);
  }
}
