package org.warrenmq.broker.topology;

import org.warrenmq.broker.topology.TopologyChange.GlobalParameterSet;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.store.DefinitionKey;

/** A parameter of the node as a record of the store. Stateless, any thread. */
final class GlobalParameterDefinition {
  static final int KIND = 11;

  private static final String VALUE = "value";

  private GlobalParameterDefinition() {}

  static DefinitionKey key(String name) {
    return DefinitionBytes.key().text(name).toKey(KIND);
  }

  static byte[] value(GlobalParameterSet set) {
    return DefinitionBytes.record()
        .text(set.name())
        .arguments(FieldTable.of(VALUE, set.value()))
        .toArray();
  }

  static GlobalParameterSet read(byte[] value) {
    DefinitionBytes bytes = DefinitionBytes.of(value, "a global parameter");
    String name = bytes.text();
    FieldValue parameter = bytes.arguments().get(VALUE);
    return new GlobalParameterSet(
        name, parameter == null ? FieldValue.VoidValue.INSTANCE : parameter);
  }
}
