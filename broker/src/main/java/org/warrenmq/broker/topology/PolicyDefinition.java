package org.warrenmq.broker.topology;

import org.warrenmq.broker.topology.PolicySpec.Kind;
import org.warrenmq.broker.topology.TopologyChange.PolicySet;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.store.DefinitionKey;

/**
 * A policy as a record of the store. Stateless, any thread. A start reads them before the queues,
 * though their number is higher.
 */
final class PolicyDefinition {
  static final int KIND = 9;

  private static final String VALUE = "value";

  private PolicyDefinition() {}

  static DefinitionKey key(Kind kind, String vhost, String name) {
    return DefinitionBytes.key().flags(flag(kind)).name(vhost).text(name).toKey(KIND);
  }

  private static int flag(Kind kind) {
    return switch (kind) {
      case POLICY -> 0;
      case OPERATOR -> 1;
    };
  }

  static byte[] value(PolicySet set) {
    PolicySpec policy = set.spec();
    return DefinitionBytes.record()
        .flags(flag(policy.kind()))
        .name(policy.vhost())
        .text(policy.name())
        .text(policy.pattern())
        .text(policy.applyTo())
        .arguments(FieldTable.of(VALUE, policy.priority()))
        .arguments(policy.definition())
        .toArray();
  }

  static PolicySet read(byte[] value) {
    DefinitionBytes bytes = DefinitionBytes.of(value, "a policy");
    Kind kind = bytes.flags() == 0 ? Kind.POLICY : Kind.OPERATOR;
    String vhost = bytes.name();
    String name = bytes.text();
    String pattern = bytes.text();
    String applyTo = bytes.text();
    FieldValue priority = bytes.arguments().get(VALUE);
    return new PolicySet(
        new PolicySpec(
            kind,
            vhost,
            name,
            pattern,
            applyTo,
            priority == null ? PolicySpec.USUAL_PRIORITY : priority,
            bytes.arguments()));
  }
}
