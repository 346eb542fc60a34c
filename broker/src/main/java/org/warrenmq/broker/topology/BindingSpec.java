package org.warrenmq.broker.topology;

import org.warrenmq.codec.FieldTable;
import org.warrenmq.router.Binding;
import org.warrenmq.router.QueueDestination;

/** A binding as clients name it; immutable. */
public record BindingSpec(
    String source, String destination, boolean toQueue, String routingKey, FieldTable arguments) {

  static BindingSpec of(Binding binding) {
    return new BindingSpec(
        binding.source().name(),
        binding.destination().name(),
        binding.destination() instanceof QueueDestination,
        binding.routingKey(),
        binding.arguments());
  }
}
