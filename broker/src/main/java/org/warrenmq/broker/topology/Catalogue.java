package org.warrenmq.broker.topology;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.auth.Limits;
import org.warrenmq.broker.topology.TopologyChange.AccountAddition;
import org.warrenmq.broker.topology.TopologyChange.AccountDeletion;
import org.warrenmq.broker.topology.TopologyChange.BindingAdded;
import org.warrenmq.broker.topology.TopologyChange.BindingRemoved;
import org.warrenmq.broker.topology.TopologyChange.Deletion;
import org.warrenmq.broker.topology.TopologyChange.ExchangeAdded;
import org.warrenmq.broker.topology.TopologyChange.ExchangeRemoved;
import org.warrenmq.broker.topology.TopologyChange.GlobalParameterRemoved;
import org.warrenmq.broker.topology.TopologyChange.GlobalParameterSet;
import org.warrenmq.broker.topology.TopologyChange.ParameterRemoved;
import org.warrenmq.broker.topology.TopologyChange.ParameterSet;
import org.warrenmq.broker.topology.TopologyChange.PolicyRemoved;
import org.warrenmq.broker.topology.TopologyChange.PolicySet;
import org.warrenmq.broker.topology.TopologyChange.QueueAdded;
import org.warrenmq.broker.topology.TopologyChange.QueueRemoved;
import org.warrenmq.broker.topology.TopologyChange.VhostAdded;
import org.warrenmq.broker.topology.TopologyChange.VhostAddition;
import org.warrenmq.broker.topology.TopologyChange.VhostDescribed;
import org.warrenmq.broker.topology.TopologyChange.VhostLimitsRemoved;
import org.warrenmq.broker.topology.TopologyChange.VhostLimitsSet;
import org.warrenmq.broker.topology.TopologyChange.VhostRemoved;
import org.warrenmq.broker.topology.TopologyChange.VhostUndescribed;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.ConnectionError;
import org.warrenmq.engine.exchange.ExchangeRoom;
import org.warrenmq.engine.queue.QueueAddress;
import org.warrenmq.engine.queue.QueueSettings;
import org.warrenmq.router.Binding;
import org.warrenmq.router.Destination;
import org.warrenmq.router.Exchange;
import org.warrenmq.router.ExchangeRooms;
import org.warrenmq.router.ExchangeSpec;
import org.warrenmq.router.ExchangeTable;
import org.warrenmq.router.ExchangeTypes;
import org.warrenmq.router.Removal;

/**
 * What there is: virtual hosts, exchanges, bindings, queues, users by {@link UserCatalogue}, and
 * policies by {@link PolicyCatalogue}. {@link #apply} alone changes it, in the topology's room, or
 * on the node's main thread before that is open; virtual hosts are looked up from any thread.
 */
final class Catalogue {
  private final ExchangeTypes types;
  private final TopologyAccount account;
  private final UserCatalogue accounts;
  private final PolicyCatalogue policies;
  private final BiFunction<QueueAdded, QueueSettings, QueueAddress> opener;
  private final BiFunction<VirtualHost, ExchangeAdded, ExchangeRooms> roomOpener;
  private final Map<String, VirtualHost> vhosts = new ConcurrentHashMap<>();
  private final Map<QueueAddress, QueueEntry> entries = new HashMap<>();

  /** Exclusive queues by the connection that owns them. */
  private final Map<ConnectionId, Set<QueueEntry>> exclusive = new HashMap<>();

  /** Of exchanges that went: they have not been told. */
  private final List<ExchangeRoom> ended = new ArrayList<>();

  private long lastQueueId;

  /**
   * @param account charged with what there is
   * @param opener opens a queue on its loop
   * @param roomOpener the same for what an exchange keeps
   */
  Catalogue(
      ExchangeTypes types,
      TopologyAccount account,
      BiFunction<QueueAdded, QueueSettings, QueueAddress> opener,
      BiFunction<VirtualHost, ExchangeAdded, ExchangeRooms> roomOpener) {
    this.types = types;
    this.account = account;
    accounts = new UserCatalogue(account);
    policies = new PolicyCatalogue(account);
    this.opener = opener;
    this.roomOpener = roomOpener;
  }

  // What is looked up.

  /** The virtual host of that name, or null. Any thread. */
  @Nullable VirtualHost vhost(String name) {
    return vhosts.get(name);
  }

  /**
   * The virtual host that somebody works in.
   *
   * @throws ConnectionError CONNECTION_FORCED when it is gone, or going
   */
  VirtualHost required(String name) {
    VirtualHost vhost = vhosts.get(name);
    if (vhost == null || vhost.isDeleted()) {
      throw Refusal.vhostGone(name);
    }
    return vhost;
  }

  /**
   * The virtual host that somebody wants to set something of.
   *
   * @throws ChannelError NOT_FOUND when there is none
   */
  VirtualHost existing(String name) {
    VirtualHost vhost = vhosts.get(name);
    if (vhost == null || vhost.isDeleted()) {
      throw Refusal.noVhost(name);
    }
    return vhost;
  }

  /** The users, and what they may do. */
  UserCatalogue accounts() {
    return accounts;
  }

  /** The parameters; policies are with the virtual hosts. */
  PolicyCatalogue policies() {
    return policies;
  }

  /** All there are at about this time. Any thread. */
  Collection<VirtualHost> vhosts() {
    return Collections.unmodifiableCollection(vhosts.values());
  }

  /** The queue that lives at an address, or null when it is none any more. */
  @Nullable QueueEntry at(QueueAddress address) {
    return entries.get(address);
  }

  /** The exclusive queues of a connection, as of now. */
  List<QueueEntry> ownedBy(ConnectionId connection) {
    return List.copyOf(exclusive.getOrDefault(connection, Set.of()));
  }

  /** What exchanges kept that went since this was asked. */
  List<ExchangeRoom> takeEnded() {
    if (ended.isEmpty()) {
      return List.of();
    }
    List<ExchangeRoom> taken = List.copyOf(ended);
    ended.clear();
    return taken;
  }

  /** Above that of every queue there ever was. */
  long nextQueueId() {
    return lastQueueId + 1;
  }

  /** No queue gets such a number any more. */
  void usedQueueId(long id) {
    lastQueueId = Math.max(lastQueueId, id);
  }

  // What changes.

  /**
   * Makes a change.
   *
   * @return what went by it, what it names included; nothing if that was not there
   * @throws IllegalStateException when what it builds on is not there
   */
  List<Deletion> apply(TopologyChange change) {
    return switch (change) {
      case VhostAddition addition -> {
        add(addition);
        yield List.of();
      }
      case AccountAddition addition -> {
        accounts.add(addition);
        yield List.of();
      }
      case GlobalParameterSet set -> {
        policies.add(set);
        yield List.of();
      }
      case AccountDeletion deletion -> accounts.remove(deletion);
      case VhostRemoved removed -> remove(removed);
      case ExchangeRemoved removed -> remove(removed);
      case QueueRemoved removed -> remove(removed);
      case BindingRemoved removed -> remove(removed);
      case VhostLimitsRemoved removed -> remove(removed);
      case VhostUndescribed removed -> remove(removed);
      case PolicyRemoved removed -> {
        VirtualHost vhost = vhosts.get(removed.vhost());
        yield vhost == null ? List.of() : policies.remove(vhost, removed);
      }
      case ParameterRemoved removed -> {
        VirtualHost vhost = vhosts.get(removed.vhost());
        yield vhost == null ? List.of() : policies.remove(vhost, removed);
      }
      case GlobalParameterRemoved removed -> policies.remove(removed);
    };
  }

  private void add(VhostAddition addition) {
    switch (addition) {
      case VhostAdded(String name) -> addVhost(name);
      case ExchangeAdded added -> add(built(added.vhost()), added);
      case QueueAdded added -> add(built(added.vhost()), added);
      case BindingAdded added -> add(built(added.vhost()), added);
      case VhostLimitsSet(String name, Limits limits) -> built(name).limits(limits);
      case VhostDescribed(String name, VhostTraits traits) -> describe(built(name), traits);
      case PolicySet(PolicySpec spec) -> policies.add(built(spec.vhost()), spec);
      case ParameterSet(Parameter parameter) -> policies.add(built(parameter.vhost()), parameter);
    }
  }

  private VirtualHost built(String vhost) {
    VirtualHost found = vhosts.get(vhost);
    if (found == null) {
      throw new IllegalStateException("there is no virtual host '" + vhost + "'");
    }
    return found;
  }

  private void addVhost(String name) {
    if (!vhosts.containsKey(name)) {
      VirtualHost vhost = new VirtualHost(name, types);
      account.addedVhost(name);
      ExchangeRules.predeclared(name).forEach(spec -> add(vhost, new ExchangeAdded(spec)));
      vhosts.put(name, vhost);
    }
  }

  private List<Deletion> remove(VhostRemoved removed) {
    VirtualHost vhost = vhosts.remove(removed.name());
    if (vhost == null) {
      return List.of();
    }
    vhost.markDeleted();
    List<Deletion> gone = new ArrayList<>();
    for (QueueEntry queue : vhost.queues()) {
      gone.addAll(remove(vhost, queue));
    }
    ExchangeTable exchanges = vhost.exchanges();
    for (Exchange exchange : List.copyOf(exchanges.exchanges())) {
      if (!exchange.isDefault()) {
        gone.addAll(went(vhost, exchanges.delete(exchange)));
      }
    }
    gone.addAll(accounts.vhostGoes(removed.name()));
    gone.addAll(policies.vhostGoes(vhost));
    if (!vhost.traits().equals(VhostTraits.NONE)) {
      describe(vhost, VhostTraits.NONE);
      gone.add(new VhostUndescribed(removed.name()));
    }
    if (!vhost.limits().equals(Limits.NONE)) {
      gone.add(new VhostLimitsRemoved(removed.name()));
    }
    gone.add(removed);
    account.removedVhost(removed.name());
    return gone;
  }

  private List<Deletion> remove(VhostLimitsRemoved removed) {
    VirtualHost vhost = vhosts.get(removed.vhost());
    if (vhost == null || vhost.limits().equals(Limits.NONE)) {
      return List.of();
    }
    vhost.limits(Limits.NONE);
    return List.of(removed);
  }

  private List<Deletion> remove(VhostUndescribed removed) {
    VirtualHost vhost = vhosts.get(removed.vhost());
    if (vhost == null || vhost.traits().equals(VhostTraits.NONE)) {
      return List.of();
    }
    describe(vhost, VhostTraits.NONE);
    return List.of(removed);
  }

  private void describe(VirtualHost vhost, VhostTraits traits) {
    account.parametersTake(traits.cost() - vhost.traits().cost());
    vhost.traits(traits);
  }

  private void add(VirtualHost vhost, ExchangeAdded added) {
    ExchangeSpec spec = added.spec();
    if (vhost.exchanges().find(spec.name()) == null) {
      added.rooms().all().forEach(this::usedQueueId);
      Exchange exchange =
          vhost
              .exchanges()
              .declare(spec, added.rooms().isNone() ? null : roomOpener.apply(vhost, added));
      applyPolicies(vhost, exchange);
      account.added(spec);
    }
  }

  /** What policies say of an exchange holds from now on. */
  static void applyPolicies(VirtualHost vhost, Exchange exchange) {
    if (!exchange.isDefault()) {
      vhost
          .exchanges()
          .alternateByPolicy(
              exchange,
              vhost
                  .policies()
                  .of(exchange.spec())
                  .definition()
                  .getString(PolicyKey.ALTERNATE_EXCHANGE.wireName()));
    }
  }

  private List<Deletion> remove(ExchangeRemoved removed) {
    VirtualHost vhost = vhosts.get(removed.vhost());
    if (vhost == null) {
      return List.of();
    }
    Exchange exchange = vhost.exchanges().find(removed.name());
    return exchange == null ? List.of() : went(vhost, vhost.exchanges().delete(exchange));
  }

  private void add(VirtualHost vhost, QueueAdded added) {
    if (vhost.queue(added.spec().name()) != null) {
      throw new IllegalStateException("there are two of " + added);
    }
    usedQueueId(added.id());
    ConnectionId owner = added.owner();
    AppliedPolicies applied = vhost.policies().of(added.spec());
    QueueSettings settings = QueueMeaning.settings(added.spec(), applied.definition());
    QueueEntry queue =
        new QueueEntry(added.vhost(), added.spec(), owner, opener.apply(added, settings), applied);
    entries.put(queue.room(), queue);
    vhost.add(queue);
    account.added(queue.spec());
    if (owner != null) {
      exclusive.computeIfAbsent(owner, _ -> new HashSet<>()).add(queue);
    }
  }

  /** What takes a queue away. */
  static QueueRemoved removal(QueueEntry queue) {
    QueueSpec spec = queue.spec();
    return new QueueRemoved(
        queue.room().id(),
        queue.vhost(),
        queue.name(),
        spec.durable(),
        QueueMeaning.traits(spec).maxPriority());
  }

  private List<Deletion> remove(QueueRemoved removed) {
    VirtualHost vhost = vhosts.get(removed.vhost());
    if (vhost == null) {
      return List.of();
    }
    QueueEntry queue = vhost.queue(removed.name());
    return queue == null || queue.room().id() != removed.id() ? List.of() : remove(vhost, queue);
  }

  private List<Deletion> remove(VirtualHost vhost, QueueEntry queue) {
    vhost.remove(queue);
    entries.remove(queue.room());
    ConnectionId owner = queue.owner();
    if (owner != null) {
      exclusive.computeIfPresent(
          owner, (_, owned) -> owned.remove(queue) && owned.isEmpty() ? null : owned);
    }
    account.removed(queue.spec());
    List<Deletion> gone = went(vhost, vhost.exchanges().removeQueue(queue));
    gone.add(removal(queue));
    return gone;
  }

  private void add(VirtualHost vhost, BindingAdded added) {
    Binding binding = binding(vhost, added.binding());
    if (binding == null) {
      throw new IllegalStateException("a binding leads nowhere: " + added);
    }
    if (vhost.exchanges().bind(binding)) {
      account.added(added.binding());
    }
  }

  private List<Deletion> remove(BindingRemoved removed) {
    VirtualHost vhost = vhosts.get(removed.vhost());
    if (vhost == null) {
      return List.of();
    }
    Binding binding = binding(vhost, removed.binding());
    return binding == null ? List.of() : went(vhost, vhost.exchanges().unbindAndReap(binding));
  }

  /** The binding of those names, there or not; null when one of its ends is not there. */
  private static @Nullable Binding binding(VirtualHost vhost, BindingSpec spec) {
    Exchange source = vhost.exchanges().find(spec.source());
    Destination destination = vhost.destination(spec);
    return source == null || destination == null
        ? null
        : new Binding(source, destination, spec.routingKey(), spec.arguments());
  }

  /** What went from a table of exchanges, as changes, and what it took in memory is given back. */
  private List<Deletion> went(VirtualHost vhost, Removal removal) {
    List<Deletion> gone = new ArrayList<>();
    for (Binding binding : removal.bindings()) {
      BindingSpec spec = BindingSpec.of(binding);
      account.removed(spec);
      gone.add(new BindingRemoved(vhost.name(), spec, isDurable(binding)));
    }
    for (Exchange exchange : removal.exchanges()) {
      account.removed(exchange.spec());
      entries(exchange).forEach(entry -> ended.add(entry.kept()));
      gone.add(new ExchangeRemoved(vhost.name(), exchange.name(), exchange.spec().durable()));
    }
    return gone;
  }

  /** The rooms of an exchange. */
  static List<RoomEntry> entries(Exchange exchange) {
    ExchangeRooms rooms = exchange.rooms();
    return rooms == null
        ? List.of()
        : Stream.of(rooms.duplicates(), rooms.delay(), rooms.history())
            .filter(RoomEntry.class::isInstance)
            .map(RoomEntry.class::cast)
            .toList();
  }

  /** Whether a binding lasts: both its ends do. */
  static boolean isDurable(Binding binding) {
    return binding.source().spec().durable()
        && switch (binding.destination()) {
          case Exchange exchange -> exchange.spec().durable();
          case QueueEntry queue -> queue.spec().durable();
          default -> false;
        };
  }
}
