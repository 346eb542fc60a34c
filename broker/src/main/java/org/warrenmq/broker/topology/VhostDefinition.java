package org.warrenmq.broker.topology;

import org.warrenmq.broker.topology.TopologyChange.VhostAdded;
import org.warrenmq.store.DefinitionKey;

/** A virtual host as a record of the store. Stateless, any thread. */
final class VhostDefinition {
  /** Kinds are numbered in the order in which a start needs them. */
  static final int KIND = 0;

  private VhostDefinition() {}

  static DefinitionKey key(String name) {
    return DefinitionBytes.key().name(name).toKey(KIND);
  }

  static byte[] value(VhostAdded vhost) {
    return DefinitionBytes.record().name(vhost.name()).toArray();
  }

  static VhostAdded read(byte[] value) {
    return new VhostAdded(DefinitionBytes.of(value, "a virtual host").name());
  }
}
