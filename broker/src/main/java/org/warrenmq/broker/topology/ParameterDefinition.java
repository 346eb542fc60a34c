package org.warrenmq.broker.topology;

import org.warrenmq.broker.topology.TopologyChange.ParameterSet;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.store.DefinitionKey;

/** A parameter of a virtual host as a record of the store. Stateless, any thread. */
final class ParameterDefinition {
  static final int KIND = 10;

  private static final String VALUE = "value";

  private ParameterDefinition() {}

  static DefinitionKey key(String vhost, String component, String name) {
    return DefinitionBytes.key().name(vhost).text(component).text(name).toKey(KIND);
  }

  static byte[] value(ParameterSet set) {
    Parameter parameter = set.parameter();
    return DefinitionBytes.record()
        .name(parameter.vhost())
        .text(parameter.component())
        .text(parameter.name())
        .arguments(FieldTable.of(VALUE, parameter.value()))
        .toArray();
  }

  static ParameterSet read(byte[] value) {
    DefinitionBytes bytes = DefinitionBytes.of(value, "a parameter");
    String vhost = bytes.name();
    String component = bytes.text();
    String name = bytes.text();
    FieldValue parameter = bytes.arguments().get(VALUE);
    return new ParameterSet(
        new Parameter(
            vhost, component, name, parameter == null ? FieldValue.VoidValue.INSTANCE : parameter));
  }
}
