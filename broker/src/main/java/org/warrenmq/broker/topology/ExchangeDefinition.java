package org.warrenmq.broker.topology;

import org.warrenmq.broker.topology.TopologyChange.ExchangeAdded;
import org.warrenmq.router.ExchangeSpec;
import org.warrenmq.store.DefinitionKey;

/** A durable exchange as a record of the store. Stateless, any thread. */
final class ExchangeDefinition {
  static final int KIND = 1;

  private static final int AUTO_DELETE = 1;
  private static final int INTERNAL = 2;

  private ExchangeDefinition() {}

  static DefinitionKey key(String vhost, String name) {
    return DefinitionBytes.key().name(vhost).name(name).toKey(KIND);
  }

  static byte[] value(ExchangeSpec exchange) {
    return DefinitionBytes.record()
        .name(exchange.vhost())
        .name(exchange.name())
        .name(exchange.type())
        .flags((exchange.autoDelete() ? AUTO_DELETE : 0) | (exchange.internal() ? INTERNAL : 0))
        .arguments(exchange.arguments())
        .toArray();
  }

  static ExchangeAdded read(byte[] value) {
    DefinitionBytes bytes = DefinitionBytes.of(value, "an exchange");
    String vhost = bytes.name();
    String name = bytes.name();
    String type = bytes.name();
    int flags = bytes.flags();
    return new ExchangeAdded(
        new ExchangeSpec(
            vhost,
            name,
            type,
            true,
            (flags & AUTO_DELETE) != 0,
            (flags & INTERNAL) != 0,
            bytes.arguments()));
  }
}
