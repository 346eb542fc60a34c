package org.warrenmq.broker.topology;

import org.warrenmq.broker.topology.TopologyChange.ExchangeAdded;
import org.warrenmq.router.ExchangeSpec;
import org.warrenmq.store.DefinitionKey;

/** A durable exchange as a record of the store. Stateless, any thread. */
final class ExchangeDefinition {
  static final int KIND = 1;

  private static final int AUTO_DELETE = 1;
  private static final int INTERNAL = 2;

  // The numbers of its rooms follow, in this order.
  private static final int DELAYS = 4;
  private static final int DUPLICATES = 8;
  private static final int HISTORY = 16;

  private ExchangeDefinition() {}

  static DefinitionKey key(String vhost, String name) {
    return DefinitionBytes.key().name(vhost).name(name).toKey(KIND);
  }

  static byte[] value(ExchangeAdded added) {
    ExchangeSpec exchange = added.spec();
    int flags =
        (exchange.autoDelete() ? AUTO_DELETE : 0)
            | (exchange.internal() ? INTERNAL : 0)
            | (added.rooms().delays() == 0 ? 0 : DELAYS)
            | (added.rooms().duplicates() == 0 ? 0 : DUPLICATES)
            | (added.rooms().history() == 0 ? 0 : HISTORY);
    DefinitionBytes bytes =
        DefinitionBytes.record()
            .name(exchange.vhost())
            .name(exchange.name())
            .name(exchange.type())
            .flags(flags)
            .arguments(exchange.arguments());
    RoomIds rooms = added.rooms();
    for (long room : new long[] {rooms.delays(), rooms.duplicates(), rooms.history()}) {
      if (room != 0) {
        bytes.number(room);
      }
    }
    return bytes.toArray();
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
    long delays = (flags & DELAYS) == 0 ? 0 : bytes.number();
    long duplicates = (flags & DUPLICATES) == 0 ? 0 : bytes.number();
    long history = (flags & HISTORY) == 0 ? 0 : bytes.number();
    return new ExchangeAdded(exchange, new RoomIds(duplicates, delays, history));
  }
}
