package org.warrenmq.broker.http;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.NodeView;
import org.warrenmq.broker.amqp.Census;
import org.warrenmq.broker.auth.Account;
import org.warrenmq.broker.auth.PermissionPattern;
import org.warrenmq.broker.auth.ResourcePermissions;
import org.warrenmq.broker.topology.AppliedPolicies;
import org.warrenmq.broker.topology.Parameter;
import org.warrenmq.broker.topology.Policies;
import org.warrenmq.broker.topology.Policy;
import org.warrenmq.broker.topology.PolicySpec;
import org.warrenmq.broker.topology.QueueEntry;
import org.warrenmq.broker.topology.Topology;
import org.warrenmq.broker.topology.VhostTraits;
import org.warrenmq.broker.topology.VirtualHost;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.queue.QueueCommand;
import org.warrenmq.router.Binding;
import org.warrenmq.router.Destination;
import org.warrenmq.router.Exchange;
import org.warrenmq.router.ExchangeSpec;
import org.warrenmq.router.QueueDestination;

/**
 * What there is on the node, for who looks at it: most of it is read where any thread may read it.
 * Immutable; asked on threads that may wait.
 */
public final class NodeContents implements NodeView {
  private static final String CLUSTER_NAME = "cluster_name";

  private final Topology topology;
  private final NodeState state;
  private final Census census;

  public NodeContents(Topology topology, NodeState state, Census census) {
    this.topology = topology;
    this.state = state;
    this.census = census;
  }

  @Override
  public Facts.Node node() {
    FieldValue name = topology.globalParameters().get(CLUSTER_NAME);
    return state.facts(name == null ? null : name.display());
  }

  @Override
  public String nodeName() {
    return state.name();
  }

  // Virtual hosts and users.

  @Override
  public List<Facts.Vhost> vhosts() {
    return topology.vhosts().stream()
        .map(NodeContents::facts)
        .sorted(Comparator.comparing(Facts.Vhost::name))
        .toList();
  }

  @Override
  public Facts.@Nullable Vhost vhost(String name) {
    VirtualHost vhost = topology.vhost(name);
    return vhost == null ? null : facts(vhost);
  }

  private static Facts.Vhost facts(VirtualHost vhost) {
    VhostTraits traits = vhost.traits();
    return new Facts.Vhost(vhost.name(), facts(traits), vhost.limits().byName());
  }

  static Facts.VhostTraits facts(VhostTraits traits) {
    return new Facts.VhostTraits(
        traits.description(), traits.tags(), traits.defaultQueueType(), traits.isProtected());
  }

  @Override
  public List<Facts.User> users() {
    return topology.accounts().all().stream()
        .map(NodeContents::facts)
        .sorted(Comparator.comparing(Facts.User::name))
        .toList();
  }

  @Override
  public Facts.@Nullable User user(String name) {
    Account user = topology.accounts().find(name);
    return user == null ? null : facts(user);
  }

  private static Facts.User facts(Account user) {
    Map<String, Facts.Grant> grants = new TreeMap<>();
    user.permissions()
        .forEach(
            (vhost, may) -> {
              ResourcePermissions resources = may.resources();
              Map<String, Facts.Topics> topics = new TreeMap<>();
              may.topics()
                  .forEach(
                      (x, topic) -> topics.put(x, new Facts.Topics(topic.write(), topic.read())));
              grants.put(
                  vhost,
                  new Facts.Grant(
                      resources == null
                          ? null
                          : new Facts.Resources(
                              resources.configure().regex(),
                              resources.write().regex(),
                              resources.read().regex()),
                      topics));
            });
    return new Facts.User(
        user.name(),
        user.password().base64(),
        user.password().algorithm().wireName(),
        user.tags(),
        user.limits().byName(),
        grants);
  }

  // Exchanges and queues.

  private Stream<VirtualHost> named(String vhost) {
    return Stream.ofNullable(topology.vhost(vhost));
  }

  @Override
  public List<Facts.Exchange> exchanges(String vhost) {
    return named(vhost)
        .flatMap(
            there ->
                there.exchanges().exchanges().stream()
                    .map(exchange -> facts(there.policies(), exchange)))
        .sorted(Comparator.comparing(Facts.Exchange::name))
        .toList();
  }

  @Override
  public Facts.@Nullable Exchange exchange(String vhost, String name) {
    VirtualHost there = topology.vhost(vhost);
    Exchange exchange = there == null ? null : there.exchanges().find(name);
    return there == null || exchange == null ? null : facts(there.policies(), exchange);
  }

  private static Facts.Exchange facts(Policies policies, Exchange exchange) {
    ExchangeSpec spec = exchange.spec();
    return new Facts.Exchange(
        spec.vhost(),
        spec.name(),
        spec.type(),
        spec.durable(),
        spec.autoDelete(),
        spec.internal(),
        spec.arguments(),
        facts(policies.of(spec)));
  }

  @Override
  public List<Facts.Queue> queues(String vhost) {
    return named(vhost)
        .flatMap(there -> there.queues().stream())
        .map(NodeContents::facts)
        .sorted(Comparator.comparing(Facts.Queue::name))
        .toList();
  }

  private @Nullable QueueEntry entry(String vhost, String name) {
    VirtualHost there = topology.vhost(vhost);
    return there == null ? null : there.queue(name);
  }

  @Override
  public Facts.@Nullable Queue queue(String vhost, String name) {
    QueueEntry queue = entry(vhost, name);
    return queue == null ? null : facts(queue);
  }

  private static Facts.Queue facts(QueueEntry queue) {
    return new Facts.Queue(
        queue.vhost(),
        queue.name(),
        queue.type(),
        queue.spec().durable(),
        queue.spec().autoDelete(),
        queue.spec().arguments(),
        facts(queue.policies()),
        queue.owner() == null ? null : "");
  }

  /** One piece of mail for each loop. */
  @Override
  public List<Facts.@Nullable QueueCounts> counts(List<Facts.Queue> queues) {
    Facts.@Nullable QueueCounts[] counts = new Facts.QueueCounts[queues.size()];
    Map<RoomLoop, List<Runnable>> questions = new HashMap<>();
    AtomicInteger left = new AtomicInteger(1);
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    Runnable answered =
        () -> {
          if (left.decrementAndGet() == 0) {
            done.complete(true);
          }
        };
    for (int i = 0; i < counts.length; i++) {
      int place = i;
      QueueEntry queue = entry(queues.get(i).vhost(), queues.get(i).name());
      if (queue != null) {
        left.incrementAndGet();
        RoomLoop loop = queue.room().loop();
        ReplyTo<QueueCommand.@Nullable QueueLoad> reply =
            new ReplyTo<>(
                loop,
                load -> {
                  counts[place] = load == null ? null : facts(load);
                  answered.run();
                });
        questions
            .computeIfAbsent(loop, _ -> new ArrayList<>())
            .add(() -> loop.send(loop, new QueueCommand.Count(queue.room(), reply)));
      }
    }
    questions.forEach((loop, those) -> loop.post(() -> those.forEach(Runnable::run)));
    answered.run();
    Answers.await(done);
    return Arrays.asList(counts);
  }

  private static Facts.QueueCounts facts(QueueCommand.QueueLoad load) {
    return new Facts.QueueCounts(load.ready(), load.unsettled(), load.consumers());
  }

  // Bindings.

  @Override
  public List<Facts.Binding> bindings(String vhost) {
    return named(vhost)
        .flatMap(
            there ->
                Stream.concat(
                    implicit(there),
                    there.exchanges().exchanges().stream()
                        .sorted(Comparator.comparing(Exchange::name))
                        .flatMap(exchange -> facts(vhost, exchange.bindings().stream()))))
        .toList();
  }

  /** Those of the default exchange. */
  private static Stream<Facts.Binding> implicit(VirtualHost vhost) {
    return vhost.queues().stream()
        .map(QueueEntry::name)
        .sorted()
        .map(name -> implicit(vhost.name(), name));
  }

  private static Facts.Binding implicit(String vhost, String queue) {
    return new Facts.Binding(vhost, "", queue, true, queue, FieldTable.EMPTY);
  }

  private static Stream<Facts.Binding> facts(String vhost, Stream<Binding> bindings) {
    return bindings.map(
        binding ->
            new Facts.Binding(
                vhost,
                binding.source().name(),
                binding.destination().name(),
                binding.destination() instanceof QueueDestination,
                binding.routingKey(),
                binding.arguments()));
  }

  @Override
  public List<Facts.Binding> bindingsFrom(String vhost, String name) {
    if (name.isEmpty()) {
      return named(vhost).flatMap(NodeContents::implicit).toList();
    }
    return named(vhost)
        .flatMap(there -> Stream.ofNullable(there.exchanges().find(name)))
        .flatMap(exchange -> facts(vhost, exchange.bindings().stream()))
        .toList();
  }

  @Override
  public List<Facts.Binding> bindingsTo(String vhost, String name, boolean toQueue) {
    VirtualHost there = topology.vhost(vhost);
    if (there == null) {
      return List.of();
    }
    Destination destination = toQueue ? there.queue(name) : there.exchanges().find(name);
    if (destination == null) {
      return List.of();
    }
    Stream<Facts.Binding> declared =
        facts(vhost, there.exchanges().bindingsTo(destination).stream());
    return (toQueue ? Stream.concat(Stream.of(implicit(vhost, name)), declared) : declared)
        .toList();
  }

  @Override
  public boolean isBound(Facts.Binding wanted) {
    VirtualHost there = topology.vhost(wanted.vhost());
    Exchange source = there == null ? null : there.exchanges().find(wanted.source());
    if (there == null || source == null) {
      return false;
    }
    Destination destination =
        wanted.toQueue()
            ? there.queue(wanted.destination())
            : there.exchanges().find(wanted.destination());
    return destination != null
        && there
            .exchanges()
            .bindingsTo(destination)
            .contains(new Binding(source, destination, wanted.routingKey(), wanted.arguments()));
  }

  // Clients.

  @Override
  public List<Facts.Connection> connections() {
    return Answers.await(census.connections());
  }

  // Policies, and what is kept for others.

  @Override
  public List<Facts.Policy> policies(Facts.PolicyKind kind, String vhost) {
    return named(vhost)
        .flatMap(there -> there.policies().all(NodeChanges.kind(kind)).stream())
        .map(policy -> facts(kind, policy.spec()))
        .toList();
  }

  @Override
  public Facts.@Nullable Policy policy(Facts.PolicyKind kind, String vhost, String name) {
    VirtualHost there = topology.vhost(vhost);
    Policy policy = there == null ? null : there.policies().find(NodeChanges.kind(kind), name);
    return policy == null ? null : facts(kind, policy.spec());
  }

  private static Facts.Policy facts(Facts.PolicyKind kind, PolicySpec spec) {
    return new Facts.Policy(
        kind,
        spec.vhost(),
        spec.name(),
        spec.pattern(),
        spec.applyTo(),
        spec.priority(),
        spec.definition());
  }

  private static Facts.Applied facts(AppliedPolicies applied) {
    return applied == AppliedPolicies.NONE
        ? Facts.Applied.NONE
        : new Facts.Applied(name(applied.policy()), name(applied.operator()), applied.definition());
  }

  private static @Nullable String name(@Nullable Policy policy) {
    return policy == null ? null : policy.name();
  }

  @Override
  public List<Facts.Parameter> parameters() {
    return topology.vhosts().stream()
        .flatMap(NodeContents::parameters)
        .map(NodeContents::facts)
        .sorted(
            Comparator.comparing(Facts.Parameter::component).thenComparing(Facts.Parameter::name))
        .toList();
  }

  private static Stream<Parameter> parameters(VirtualHost vhost) {
    return Stream.concat(limits(vhost), vhost.parameters().stream());
  }

  private static Facts.Parameter facts(Parameter parameter) {
    return new Facts.Parameter(
        parameter.vhost(), parameter.component(), parameter.name(), parameter.value());
  }

  @Override
  public Facts.@Nullable Parameter parameter(
      @Nullable String vhost, String component, String name) {
    if (vhost == null) {
      FieldValue value = topology.globalParameters().get(name);
      return value == null ? null : new Facts.Parameter(null, "", name, value);
    }
    return named(vhost)
        .flatMap(NodeContents::parameters)
        .filter(one -> one.component().equals(component) && one.name().equals(name))
        .findFirst()
        .map(NodeContents::facts)
        .orElse(null);
  }

  /** They are one, too. */
  private static Stream<Parameter> limits(VirtualHost vhost) {
    Map<String, Integer> limits = vhost.limits().byName();
    if (limits.isEmpty()) {
      return Stream.of();
    }
    FieldTable.Builder table = FieldTable.builder();
    limits.forEach((name, limit) -> table.put(name, (long) limit));
    return Stream.of(
        new Parameter(vhost.name(), "vhost-limits", "limits", FieldValue.of(table.build())));
  }

  @Override
  public List<Facts.Parameter> globalParameters() {
    return new TreeMap<>(topology.globalParameters())
        .entrySet().stream()
            .map(one -> new Facts.Parameter(null, "", one.getKey(), one.getValue()))
            .toList();
  }

  @Override
  public Predicate<String> matching(String regex) {
    return PermissionPattern.of(regex)::covers;
  }
}
