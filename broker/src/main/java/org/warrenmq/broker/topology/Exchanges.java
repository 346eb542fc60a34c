package org.warrenmq.broker.topology;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.topology.TopologyCommand.BindingSpec;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.router.Binding;
import org.warrenmq.router.Destination;
import org.warrenmq.router.Exchange;
import org.warrenmq.router.ExchangeSpec;
import org.warrenmq.router.ExchangeType;
import org.warrenmq.router.ExchangeTypes;
import org.warrenmq.router.Removal;

/**
 * The topology's part for exchanges and bindings: checks in RabbitMQ's order, then the change. Runs
 * in the topology's room; what is refused is thrown as a channel error before anything changed.
 */
final class Exchanges {
  private static final List<String[]> PREDECLARED =
      List.of(
          new String[] {"amq.direct", "direct"},
          new String[] {"amq.fanout", "fanout"},
          new String[] {"amq.topic", "topic"},
          new String[] {"amq.headers", "headers"},
          new String[] {"amq.match", "headers"});

  private final ExchangeTypes types;
  private final DefinitionJournal journal;
  private final TopologyAccount account;

  /**
   * @param journal told of every change
   * @param account charged with what there is
   */
  Exchanges(ExchangeTypes types, DefinitionJournal journal, TopologyAccount account) {
    this.types = types;
    this.journal = journal;
    this.account = account;
  }

  /** Makes the exchanges that every virtual host has. */
  void predeclare(VirtualHost vhost) {
    for (String[] exchange : PREDECLARED) {
      vhost
          .exchanges()
          .declare(
              new ExchangeSpec(
                  vhost.name(), exchange[0], exchange[1], true, false, false, FieldTable.EMPTY));
    }
    vhost
        .exchanges()
        .declare(
            new ExchangeSpec(
                vhost.name(), "amq.rabbitmq.trace", "topic", true, false, true, FieldTable.EMPTY));
  }

  void declare(VirtualHost vhost, ExchangeSpec spec) {
    ExchangeType type = types.find(spec.type());
    if (type == null) {
      throw Refusal.unknownExchangeType(spec.type());
    }
    if (spec.name().isEmpty()) {
      throw Refusal.defaultExchange();
    }
    Exchange existing = vhost.exchanges().find(spec.name());
    if (existing != null) {
      spec.alternateExchange();
      Equivalence.check(existing.spec(), spec, vhost);
      return;
    }
    if (spec.name().startsWith("amq.")) {
      throw Refusal.reservedPrefix("exchange", spec.name());
    }
    spec.alternateExchange();
    type.validate(spec);
    account.checkRoom(spec);
    Exchange exchange = vhost.exchanges().declare(spec);
    account.added(exchange);
    journal.added(exchange);
  }

  void delete(VirtualHost vhost, String name, boolean ifUnused) {
    if (name.isEmpty()) {
      throw Refusal.defaultExchange();
    }
    if (name.startsWith("amq.")) {
      throw Refusal.systemExchange(name, vhost);
    }
    Exchange exchange = vhost.exchanges().find(name);
    if (exchange == null) {
      return;
    }
    if (ifUnused && exchange.hasBindings()) {
      throw Refusal.inUse("exchange", name, vhost);
    }
    removed(vhost.exchanges().delete(exchange));
  }

  private void removed(Removal removal) {
    account.removed(removal);
    journal.removed(removal);
  }

  void bind(TopologyCommand.Bind bind) {
    VirtualHost vhost = bind.vhost();
    BindingSpec spec = bind.binding();
    checkNotDefault(spec);
    Exchange source = vhost.exchanges().find(spec.source());
    if (source == null) {
      throw Refusal.noExchange(spec.source(), vhost);
    }
    Destination destination = destination(vhost, spec);
    if (destination == null) {
      throw spec.toQueue()
          ? Refusal.noQueue(spec.destination(), vhost)
          : Refusal.noExchange(spec.destination(), vhost);
    }
    vhost.exchanges().validateBinding(source, spec.routingKey(), spec.arguments());
    checkOpen(destination, bind.connection());
    Binding binding = new Binding(source, destination, spec.routingKey(), spec.arguments());
    if (!vhost.exchanges().bindingsTo(destination).contains(binding)) {
      account.checkRoom(binding);
      vhost.exchanges().bind(binding);
      account.added(binding);
      journal.added(binding);
    }
  }

  void unbind(TopologyCommand.Unbind unbind) {
    VirtualHost vhost = unbind.vhost();
    BindingSpec spec = unbind.binding();
    checkNotDefault(spec);
    Exchange source = vhost.exchanges().find(spec.source());
    Destination destination = destination(vhost, spec);
    if (source == null || destination == null) {
      return;
    }
    Binding binding = new Binding(source, destination, spec.routingKey(), spec.arguments());
    if (vhost.exchanges().bindingsTo(destination).contains(binding)) {
      checkOpen(destination, unbind.connection());
      removed(vhost.exchanges().unbindAndReap(binding));
    }
  }

  private static void checkNotDefault(BindingSpec spec) {
    if (spec.source().isEmpty() || (!spec.toQueue() && spec.destination().isEmpty())) {
      throw Refusal.defaultExchange();
    }
  }

  private static @Nullable Destination destination(VirtualHost vhost, BindingSpec spec) {
    return spec.toQueue()
        ? vhost.queue(spec.destination())
        : vhost.exchanges().find(spec.destination());
  }

  private static void checkOpen(Destination destination, Owner connection) {
    if (destination instanceof QueueEntry queue && !queue.isOpenTo(connection)) {
      throw Refusal.locked(queue);
    }
  }

  /** An exchange of an earlier run; nobody is to be told. */
  void restore(VirtualHost vhost, ExchangeSpec spec) {
    account.added(vhost.exchanges().declare(spec));
  }

  /** A binding of an earlier run. False when one of its ends is not there. */
  boolean restore(VirtualHost vhost, BindingSpec spec) {
    Exchange source = vhost.exchanges().find(spec.source());
    Destination destination = destination(vhost, spec);
    if (source == null || destination == null) {
      return false;
    }
    Binding binding = new Binding(source, destination, spec.routingKey(), spec.arguments());
    if (vhost.exchanges().bind(binding)) {
      account.added(binding);
    }
    return true;
  }

  /** A queue ended: its bindings go, and the auto-delete exchanges that only had those. */
  void queueGone(QueueEntry queue) {
    removed(queue.vhost().exchanges().removeQueue(queue));
  }
}
