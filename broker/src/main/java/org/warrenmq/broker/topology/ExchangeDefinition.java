package org.warrenmq.broker.topology;

import org.warrenmq.broker.topology.TopologyChange.ExchangeAdded;
import org.warrenmq.router.ExchangeSpec;
import org.warrenmq.store.DefinitionKey;

/** A durable exchange as a record of the store. Stateless, any thread. */
final class ExchangeDefinition {
  static final int KIND = 1;

  private static final int AUTO_DELETE = 1;
  private static final int INTERNAL = 2;

  /** The number of its delays follows. */
  private static final int DELAYS = 4;

  private ExchangeDefinition() {}

  static DefinitionKey key(String vhost, String name) {
    return DefinitionBytes.key().name(vhost).name(name).toKey(KIND);
  }

  static byte[] value(ExchangeAdded added) {
    ExchangeSpec exchange = added.spec();
    int flags =
        (exchange.autoDelete() ? AUTO_DELETE : 0)
            | (exchange.internal() ? INTERNAL : 0)
            | (added.delays() == 0 ? 0 : DELAYS);
    DefinitionBytes bytes =
        DefinitionBytes.record()
            .name(exchange.vhost())
            .name(exchange.name())
            .name(exchange.type())
            .flags(flags)
            .arguments(exchange.arguments());
    return (added.delays() == 0 ? bytes : bytes.number(added.delays())).toArray();
  }

  static ExchangeAdded read(byte[] value) {
    DefinitionBytes bytes = DefinitionBytes.of(value, "an exchange");
    String vhost = bytes.name();
    String name = bytes.name();
    String type = bytes.name();
    int flags = bytes.flags();
    ExchangeSpec exchange =
        new ExchangeSpec(
            vhost,
            name,
            type,
            true,
            (flags & AUTO_DELETE) != 0,
            (flags & INTERNAL) != 0,
            bytes.arguments());
    return new ExchangeAdded(exchange, (flags & DELAYS) == 0 ? 0 : bytes.number());
  }
}
