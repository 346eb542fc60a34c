package org.warrenmq.broker.topology;

import org.warrenmq.broker.topology.TopologyChange.QueueAdded;
import org.warrenmq.store.DefinitionKey;

/** A durable queue as a record of the store. Stateless, any thread. */
final class QueueDefinition {
  static final int KIND = 2;

  private static final int AUTO_DELETE = 1;

  private QueueDefinition() {}

  static DefinitionKey key(String vhost, String name) {
    return DefinitionBytes.key().name(vhost).name(name).toKey(KIND);
  }

  static byte[] value(QueueAdded queue) {
    QueueSpec spec = queue.spec();
    return DefinitionBytes.record()
        .number(queue.id())
        .name(queue.vhost())
        .name(spec.name())
        .flags(spec.autoDelete() ? AUTO_DELETE : 0)
        .arguments(spec.arguments())
        .toArray();
  }

  /**
   * @param loops event loops that there are now: which of them it lives on is not stored
   */
  static QueueAdded read(byte[] value, int loops) {
    DefinitionBytes bytes = DefinitionBytes.of(value, "a queue");
    long id = bytes.number();
    String vhost = bytes.name();
    String name = bytes.name();
    boolean autoDelete = (bytes.flags() & AUTO_DELETE) != 0;
    QueueSpec spec = new QueueSpec(name, true, false, autoDelete, bytes.arguments());
    return new QueueAdded(id, vhost, spec, (int) (id % loops), null);
  }
}
