package org.warrenmq.broker.topology;

import org.warrenmq.broker.topology.TopologyChange.ParameterSet;
import org.warrenmq.store.DefinitionKey;

/** A parameter as a record of the store. Stateless, any thread. */
final class ParameterDefinition {
  static final int KIND = 13;

  private ParameterDefinition() {}

  static DefinitionKey key(Parameter.Key key) {
    return DefinitionBytes.key()
        .name(key.vhost())
        .flags(key.isGlobal() ? 1 : 0)
        .name(key.component())
        .name(key.name())
        .toKey(KIND);
  }

  static byte[] value(ParameterSet set) {
    Parameter.Key key = set.key();
    return DefinitionBytes.record()
        .name(key.vhost())
        .flags(key.isGlobal() ? 1 : 0)
        .name(key.component())
        .name(key.name())
        .text(set.json())
        .toArray();
  }

  static ParameterSet read(byte[] value) {
    DefinitionBytes bytes = DefinitionBytes.of(value, "a parameter");
    String vhost = bytes.name();
    boolean isGlobal = bytes.flags() != 0;
    return new ParameterSet(
        new Parameter.Key(vhost, isGlobal, bytes.name(), bytes.name()), bytes.text());
  }
}
