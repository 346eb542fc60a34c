package org.warrenmq.router;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.FieldTable;

/**
 * One virtual host's exchanges and bindings: the topology room alone changes it, any thread looks
 * things up without locks.
 *
 * <p>Every change is made to the index first and then raises {@link Exchange#generation} of each
 * exchange whose own selection it touches, all before the operation returns and thus before the
 * client's bind-ok. How caches of exchanges further upstream notice is {@link RouteCache}'s part.
 *
 * <p>Binding costs O(words of the key), removing a destination O(its bindings).
 */
public final class ExchangeTable {
  private final ExchangeTypes types;
  private final Exchange defaultExchange;
  private final ConcurrentHashMap<String, Exchange> exchanges = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<QueueDestination, SlotTable<Binding>> queueBindings =
      new ConcurrentHashMap<>();

  /** Who names which alternate exchange, whether that exists or not; the writer's own. */
  private final Map<String, Set<Exchange>> alternateUsers = new HashMap<>();

  /** A table that holds the default exchange alone. */
  public ExchangeTable(String vhost, ExchangeTypes types) {
    this.types = types;
    ExchangeSpec spec = new ExchangeSpec(vhost, "", "direct", true, false, false, FieldTable.EMPTY);
    this.defaultExchange = new Exchange(spec, new DirectType().newMatcher(spec), null);
    exchanges.put("", defaultExchange);
  }

  /** The exchange of that name; any thread. */
  public @Nullable Exchange find(String name) {
    return exchanges.get(name);
  }

  /** The nameless exchange; any thread. */
  public Exchange defaultExchange() {
    return defaultExchange;
  }

  /** All exchanges, the default one included: a live, weakly consistent view for any thread. */
  public Collection<Exchange> exchanges() {
    return Collections.unmodifiableCollection(exchanges.values());
  }

  /** The bindings that lead to a destination: a live, weakly consistent view for any thread. */
  public Collection<Binding> bindingsTo(Destination destination) {
    return switch (destination) {
      case Exchange exchange -> exchange.incomingBindings();
      case QueueDestination queue -> {
        SlotTable<Binding> bindings = queueBindings.get(queue);
        yield bindings == null ? List.of() : Collections.unmodifiableCollection(bindings);
      }
    };
  }

  /**
   * Declares an exchange, or returns the one that has the name; the caller has found it equivalent.
   *
   * @throws ChannelError if its type rejects the arguments
   * @throws IllegalArgumentException if its type does not exist, which the caller has checked
   */
  public Exchange declare(ExchangeSpec spec) throws ChannelError {
    return declare(spec, null);
  }

  /**
   * The same for one that may have state.
   *
   * @param rooms where it keeps that; null when it has none
   */
  public Exchange declare(ExchangeSpec spec, @Nullable ExchangeRooms rooms) throws ChannelError {
    Exchange present = exchanges.get(spec.name());
    if (present != null) {
      return present;
    }
    ExchangeType type = typeOf(spec);
    type.validate(spec);
    Exchange exchange = new Exchange(spec, type.newMatcher(spec), rooms);
    useAlternate(exchange, exchange.alternate());
    exchanges.put(spec.name(), exchange);
    announceToAlternateUsers(spec.name());
    return exchange;
  }

  /** Sets the alternate exchange that a policy names; the exchange's own argument wins over it. */
  public void alternateByPolicy(Exchange exchange, @Nullable String name) {
    String argument = exchange.spec().alternateExchange();
    String effective = argument != null ? argument : name;
    if (exchange.isDeleted() || Objects.equals(effective, exchange.alternate())) {
      return;
    }
    dropAlternate(exchange);
    useAlternate(exchange, effective);
    exchange.alternate(effective);
    exchange.changed();
  }

  /**
   * Checks a binding by the type of its source, which changes nothing.
   *
   * @throws ChannelError if the type rejects it
   */
  public void validateBinding(Binding binding) throws ChannelError {
    typeOf(binding.source().spec()).validateBinding(binding);
  }

  /**
   * Adds a binding.
   *
   * @return false if it was there already
   * @throws ChannelError if the exchange's type rejects it
   * @throws IllegalArgumentException if source or destination are not (or no longer) in this table
   *     or one is the default exchange, which the caller has checked
   */
  public boolean bind(Binding binding) throws ChannelError {
    Exchange source = binding.source();
    requireBindable(source);
    if (binding.destination() instanceof Exchange target) {
      requireBindable(target);
    }
    validateBinding(binding);
    if (!source.addOutgoing(binding)) {
      return false;
    }
    incomingOf(binding.destination()).insert(binding);
    source.changed();
    return true;
  }

  /**
   * Removes a binding, and what auto-deletes as a consequence; for callers that need no report.
   *
   * @return false if it was not there
   */
  public boolean unbind(Binding binding) {
    return !unbindAndReap(binding).isEmpty();
  }

  /**
   * Removes a binding, and what auto-deletes as a consequence.
   *
   * @return all that went, this binding first; nothing if it was not there
   */
  public Removal unbindAndReap(Binding binding) {
    if (!unlink(binding)) {
      return Removal.NOTHING;
    }
    Collector collector = new Collector();
    collector.bindings.add(binding);
    collector.suspects.add(binding.source());
    return reap(collector);
  }

  /** Deletes an exchange, the bindings from and to it, and what auto-deletes as a consequence. */
  public Removal delete(Exchange exchange) {
    if (exchange.isDeleted()) {
      return Removal.NOTHING;
    }
    requireBindable(exchange);
    Collector collector = new Collector();
    drop(exchange, collector);
    return reap(collector);
  }

  /** Removes all bindings of a queue that goes, and what auto-deletes as a consequence. */
  public Removal removeQueue(QueueDestination queue) {
    SlotTable<Binding> bindings = queueBindings.get(queue);
    if (bindings == null) {
      return Removal.NOTHING;
    }
    Collector collector = new Collector();
    Map<Exchange, List<Binding>> bySource = new LinkedHashMap<>();
    for (Binding binding : bindings) {
      bySource.computeIfAbsent(binding.source(), s -> new ArrayList<>()).add(binding);
      collector.bindings.add(binding);
    }
    // Not through unlink: the queue's own set goes as a whole.
    bySource.forEach(
        (source, leaving) -> {
          source.removeOutgoing(queue, leaving);
          source.changed();
        });
    collector.suspects.addAll(bySource.keySet());
    queueBindings.remove(queue);
    return reap(collector);
  }

  /**
   * Deletes suspects that have lost their last binding, and what loses its last one by that. A
   * cascade may be as long as there are exchanges, so it is a loop and no recursion.
   */
  private Removal reap(Collector collector) {
    ArrayDeque<Exchange> due = new ArrayDeque<>();
    while (true) {
      for (Exchange suspect : collector.suspects) {
        if (suspect.isSpent()) {
          due.add(suspect);
        }
      }
      collector.suspects.clear();
      Exchange next = due.poll();
      if (next == null) {
        return new Removal(List.copyOf(collector.bindings), List.copyOf(collector.exchanges));
      }
      if (!next.isDeleted()) {
        drop(next, collector);
      }
    }
  }

  private void drop(Exchange exchange, Collector collector) {
    exchange.markDeleted();
    exchanges.remove(exchange.name(), exchange);
    for (Binding binding : List.copyOf(exchange.outgoing())) {
      unlink(binding);
      collector.bindings.add(binding);
    }
    for (Binding binding : List.copyOf(exchange.incoming())) {
      unlink(binding);
      collector.bindings.add(binding);
      collector.suspects.add(binding.source());
    }
    exchange.changed();
    dropAlternate(exchange);
    announceToAlternateUsers(exchange.name());
    collector.exchanges.add(exchange);
  }

  private boolean unlink(Binding binding) {
    Exchange source = binding.source();
    if (!source.removeOutgoing(binding)) {
      return false;
    }
    switch (binding.destination()) {
      case Exchange target -> target.incoming().delete(binding);
      case QueueDestination queue -> {
        SlotTable<Binding> bindings = queueBindings.get(queue);
        if (bindings != null && bindings.delete(binding) && bindings.isEmpty()) {
          queueBindings.remove(queue);
        }
      }
    }
    source.changed();
    return true;
  }

  private SlotTable<Binding> incomingOf(Destination destination) {
    return switch (destination) {
      case Exchange exchange -> exchange.incoming();
      case QueueDestination queue -> queueBindings.computeIfAbsent(queue, q -> new SlotTable<>());
    };
  }

  private ExchangeType typeOf(ExchangeSpec spec) {
    ExchangeType type = types.find(spec.type());
    if (type == null) {
      throw new IllegalArgumentException("unknown exchange type '" + spec.type() + "'");
    }
    return type;
  }

  private void requireBindable(Exchange exchange) {
    if (exchange.isDefault() || exchanges.get(exchange.name()) != exchange) {
      throw new IllegalArgumentException(exchange + " cannot be bound, unbound or deleted here");
    }
  }

  private void useAlternate(Exchange exchange, @Nullable String name) {
    if (name != null) {
      alternateUsers.computeIfAbsent(name, n -> new LinkedHashSet<>()).add(exchange);
    }
  }

  private void dropAlternate(Exchange exchange) {
    String name = exchange.alternate();
    Set<Exchange> users = name == null ? null : alternateUsers.get(name);
    if (users != null && users.remove(exchange) && users.isEmpty()) {
      alternateUsers.remove(name);
    }
  }

  /** An exchange of that name came or went: routes that were to end there are no longer valid. */
  private void announceToAlternateUsers(String name) {
    for (Exchange user : alternateUsers.getOrDefault(name, Set.of())) {
      user.changed();
    }
  }

  /** What an operation has removed so far, and which exchanges may have become due by it. */
  private static final class Collector {
    private final List<Binding> bindings = new ArrayList<>();
    private final List<Exchange> exchanges = new ArrayList<>();
    private final Set<Exchange> suspects = new LinkedHashSet<>();
  }
}
