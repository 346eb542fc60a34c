package org.warrenmq.broker.topology;

import org.warrenmq.broker.topology.TopologyChange.BindingAdded;
import org.warrenmq.store.DefinitionKey;

/** A binding between things that last, as a record of the store. Stateless, any thread. */
final class BindingDefinition {
  static final int KIND = 3;

  private static final int TO_QUEUE = 1;

  private BindingDefinition() {}

  /** Bindings that are equal have one key. */
  static DefinitionKey key(String vhost, BindingSpec binding) {
    return identity(DefinitionBytes.key(), vhost, binding)
        .sortedArguments(binding.arguments())
        .toKey(KIND);
  }

  private static DefinitionBytes identity(
      DefinitionBytes bytes, String vhost, BindingSpec binding) {
    return bytes
        .name(vhost)
        .name(binding.source())
        .name(binding.destination())
        .flags(binding.toQueue() ? TO_QUEUE : 0)
        .name(binding.routingKey());
  }

  static byte[] value(BindingAdded binding) {
    return identity(DefinitionBytes.record(), binding.vhost(), binding.binding())
        .arguments(binding.binding().arguments())
        .toArray();
  }

  static BindingAdded read(byte[] value) {
    DefinitionBytes bytes = DefinitionBytes.of(value, "a binding");
    String vhost = bytes.name();
    String source = bytes.name();
    String destination = bytes.name();
    boolean toQueue = bytes.flags() == TO_QUEUE;
    String routingKey = bytes.name();
    return new BindingAdded(
        vhost, new BindingSpec(source, destination, toQueue, routingKey, bytes.arguments()), true);
  }
}
