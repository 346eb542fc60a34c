package org.warrenmq.broker.topology;

import org.warrenmq.broker.auth.Limits;
import org.warrenmq.broker.topology.TopologyChange.VhostLimitsSet;
import org.warrenmq.store.DefinitionKey;

/** How much a virtual host may hold, as a record of the store. Stateless, any thread. */
final class VhostLimitsDefinition {
  static final int KIND = 8;

  private VhostLimitsDefinition() {}

  static DefinitionKey key(String vhost) {
    return DefinitionBytes.key().name(vhost).toKey(KIND);
  }

  static byte[] value(VhostLimitsSet set) {
    return DefinitionBytes.record()
        .name(set.vhost())
        .number(set.limits().connections())
        .number(set.limits().queues())
        .toArray();
  }

  static VhostLimitsSet read(byte[] value) {
    DefinitionBytes bytes = DefinitionBytes.of(value, "limits of a virtual host");
    String vhost = bytes.name();
    int connections = (int) bytes.number();
    int queues = (int) bytes.number();
    return new VhostLimitsSet(vhost, new Limits(connections, -1, queues));
  }
}
