package org.warrenmq.broker.topology;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.router.Exchange;
import org.warrenmq.router.ExchangeSpec;
import org.warrenmq.router.ExchangeType;
import org.warrenmq.router.ExchangeTypes;

/**
 * What exchanges may be called, declared as and bound with; checks are in RabbitMQ's order and
 * words. Stateless, any thread.
 */
final class ExchangeRules {
  private static final String RESERVED = "amq.";

  private static final List<ExchangeSpec> PREDECLARED =
      List.of(
          predeclared("amq.direct", "direct", false),
          predeclared("amq.fanout", "fanout", false),
          predeclared("amq.topic", "topic", false),
          predeclared("amq.headers", "headers", false),
          predeclared("amq.match", "headers", false),
          predeclared("amq.rabbitmq.trace", "topic", true));

  private ExchangeRules() {}

  private static ExchangeSpec predeclared(String name, String type, boolean internal) {
    return new ExchangeSpec("", name, type, true, false, internal, FieldTable.EMPTY);
  }

  /** The exchanges that every virtual host has, beside the nameless one. */
  static Stream<ExchangeSpec> predeclared(String vhost) {
    return PREDECLARED.stream()
        .map(
            spec ->
                new ExchangeSpec(
                    vhost,
                    spec.name(),
                    spec.type(),
                    true,
                    false,
                    spec.internal(),
                    FieldTable.EMPTY));
  }

  /**
   * @param existing what has the name now
   * @throws ChannelError when it must not be declared, or not so
   */
  static void checkDeclare(ExchangeSpec spec, @Nullable Exchange existing, ExchangeTypes types) {
    ExchangeType type = types.find(spec.type());
    if (type == null) {
      throw Refusal.unknownExchangeType(spec.type());
    }
    checkNotDefault(spec.name());
    if (existing == null && spec.name().startsWith(RESERVED)) {
      throw Refusal.reservedPrefix("exchange", spec.name());
    }
    spec.alternateExchange();
    spec.isDelaying();
    spec.isDeduplicating();
    if (existing == null) {
      type.validate(spec);
      ExchangeStateRules.check(spec);
    } else {
      checkEquivalent(existing.spec(), spec);
    }
  }

  private static void checkEquivalent(ExchangeSpec current, ExchangeSpec given) {
    Equivalence same = new Equivalence("exchange", given.name(), given.vhost());
    same.check("type", given.type(), current.type());
    same.check("durable", given.durable(), current.durable());
    same.check("auto_delete", given.autoDelete(), current.autoDelete());
    same.check("internal", given.internal(), current.internal());
    same.checkArgument(
        ExchangeSpec.ALTERNATE_EXCHANGE,
        given.arguments().get(ExchangeSpec.ALTERNATE_EXCHANGE),
        current.arguments().get(ExchangeSpec.ALTERNATE_EXCHANGE));
    same.checkArgument(
        ExchangeSpec.DELAYED_EXCHANGE,
        given.arguments().get(ExchangeSpec.DELAYED_EXCHANGE),
        current.arguments().get(ExchangeSpec.DELAYED_EXCHANGE));
    same.checkArgument(
        ExchangeSpec.DEDUPLICATION,
        given.arguments().get(ExchangeSpec.DEDUPLICATION),
        current.arguments().get(ExchangeSpec.DEDUPLICATION));
    if (current.isDeduplicating()) {
      for (String name : ExchangeStateRules.OF_DEDUPLICATION) {
        same.checkArgument(name, given.arguments().get(name), current.arguments().get(name));
      }
    }
  }

  /**
   * @throws ChannelError when nobody may delete an exchange of that name
   */
  static void checkDelete(String vhost, String name) {
    checkNotDefault(name);
    if (name.startsWith(RESERVED)) {
      throw Refusal.systemExchange(name, vhost);
    }
  }

  /**
   * @throws ChannelError when one of the ends is the default exchange
   */
  static void checkBindable(BindingSpec binding) {
    checkNotDefault(binding.source());
    if (!binding.toQueue()) {
      checkNotDefault(binding.destination());
    }
  }

  private static void checkNotDefault(String name) {
    if (name.isEmpty()) {
      throw Refusal.defaultExchange();
    }
  }
}
