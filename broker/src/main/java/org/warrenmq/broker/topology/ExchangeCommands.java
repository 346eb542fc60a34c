package org.warrenmq.broker.topology;

import org.warrenmq.broker.topology.TopologyChange.ExchangeAdded;
import org.warrenmq.broker.topology.TopologyChange.ExchangeRemoved;
import org.warrenmq.broker.topology.TopologyCommand.DeclareExchange;
import org.warrenmq.broker.topology.TopologyCommand.DeleteExchange;
import org.warrenmq.router.Exchange;
import org.warrenmq.router.ExchangeSpec;
import org.warrenmq.router.ExchangeTypes;

/**
 * Decides about exchanges; what is refused is thrown before anything changed. Lives in the
 * topology's room.
 */
final class ExchangeCommands {
  private final ExchangeTypes types;
  private final Catalogue catalogue;
  private final Decisions decisions;
  private final TopologyAccount account;
  private final NodeRoom node;

  ExchangeCommands(
      ExchangeTypes types,
      Catalogue catalogue,
      Decisions decisions,
      TopologyAccount account,
      NodeRoom node) {
    this.types = types;
    this.catalogue = catalogue;
    this.decisions = decisions;
    this.account = account;
    this.node = node;
  }

  void declare(DeclareExchange command) {
    ExchangeSpec spec = command.spec();
    Exchange existing = catalogue.required(spec.vhost()).exchanges().find(spec.name());
    ExchangeRules.checkDeclare(spec, existing, types);
    if (existing == null) {
      node.checkExchange(spec.name());
      account.checkRoom(spec);
      decisions.make(new ExchangeAdded(spec, RoomIds.of(spec, catalogue.nextQueueId())));
    }
  }

  void delete(DeleteExchange command) {
    String name = command.name();
    ExchangeRules.checkDelete(command.vhost(), name);
    Exchange exchange = catalogue.required(command.vhost()).exchanges().find(name);
    if (exchange == null) {
      return;
    }
    if (command.ifUnused() && exchange.hasBindings()) {
      throw Refusal.inUse("exchange", name, command.vhost());
    }
    decisions.make(new ExchangeRemoved(command.vhost(), name, exchange.spec().durable()));
  }
}
