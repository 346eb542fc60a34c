package org.warrenmq.broker.topology;

import org.warrenmq.broker.topology.TopologyChange.BindingAdded;
import org.warrenmq.broker.topology.TopologyChange.BindingRemoved;
import org.warrenmq.broker.topology.TopologyCommand.Bind;
import org.warrenmq.broker.topology.TopologyCommand.Unbind;
import org.warrenmq.router.Binding;
import org.warrenmq.router.Destination;
import org.warrenmq.router.Exchange;

/**
 * Decides about bindings; what is refused is thrown before anything changed. Lives in the
 * topology's room.
 */
final class BindingCommands {
  private final Catalogue catalogue;
  private final Decisions decisions;
  private final TopologyAccount account;

  BindingCommands(Catalogue catalogue, Decisions decisions, TopologyAccount account) {
    this.catalogue = catalogue;
    this.decisions = decisions;
    this.account = account;
  }

  void bind(Bind command) {
    VirtualHost vhost = catalogue.required(command.vhost());
    BindingSpec spec = command.binding();
    ExchangeRules.checkBindable(spec);
    Exchange source = vhost.exchanges().find(spec.source());
    if (source == null) {
      throw Refusal.noExchange(spec.source(), vhost.name());
    }
    Destination destination = vhost.destination(spec);
    if (destination == null) {
      throw spec.toQueue()
          ? Refusal.noQueue(spec.destination(), vhost.name())
          : Refusal.noExchange(spec.destination(), vhost.name());
    }
    Binding binding = new Binding(source, destination, spec.routingKey(), spec.arguments());
    vhost.exchanges().validateBinding(binding);
    checkOpen(destination, command.connection());
    if (!vhost.exchanges().bindingsTo(destination).contains(binding)) {
      account.checkRoom(spec);
      decisions.make(new BindingAdded(vhost.name(), spec, Catalogue.isDurable(binding)));
    }
  }

  /** To take away what is not there is fine. */
  void unbind(Unbind command) {
    VirtualHost vhost = catalogue.required(command.vhost());
    BindingSpec spec = command.binding();
    ExchangeRules.checkBindable(spec);
    Exchange source = vhost.exchanges().find(spec.source());
    Destination destination = vhost.destination(spec);
    if (source == null || destination == null) {
      return;
    }
    Binding binding = new Binding(source, destination, spec.routingKey(), spec.arguments());
    if (vhost.exchanges().bindingsTo(destination).contains(binding)) {
      checkOpen(destination, command.connection());
      decisions.make(new BindingRemoved(vhost.name(), spec, Catalogue.isDurable(binding)));
    }
  }

  private static void checkOpen(Destination destination, ConnectionId connection) {
    if (destination instanceof QueueEntry queue && !queue.isOpenTo(connection)) {
      throw Refusal.locked(queue);
    }
  }
}
