package org.warrenmq.broker.http;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.node.Caller;
import org.warrenmq.admin.node.DefinitionCommands;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.NodeCommands;
import org.warrenmq.broker.amqp.Census;
import org.warrenmq.broker.audit.AuditTrail;
import org.warrenmq.broker.auth.PasswordHash;
import org.warrenmq.broker.topology.BindingSpec;
import org.warrenmq.broker.topology.ConnectionId;
import org.warrenmq.broker.topology.Parameter;
import org.warrenmq.broker.topology.PolicySpec;
import org.warrenmq.broker.topology.QueueEntry;
import org.warrenmq.broker.topology.QueueRules;
import org.warrenmq.broker.topology.QueueSpec;
import org.warrenmq.broker.topology.Refusal;
import org.warrenmq.broker.topology.Topology;
import org.warrenmq.broker.topology.TopologyCommand;
import org.warrenmq.broker.topology.TopologyReply;
import org.warrenmq.broker.topology.VhostTraits;
import org.warrenmq.broker.topology.VirtualHost;
import org.warrenmq.codec.AmqpError;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.engine.loop.Mail;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.queue.QueueCommand;
import org.warrenmq.router.ExchangeSpec;
import org.warrenmq.store.Store;
import org.warrenmq.store.StoreException;

/**
 * Makes commands for the topology of what one caller wants: the same as by AMQP. Immutable; asked
 * on threads that may wait.
 */
final class NodeChanges implements NodeCommands {
  private final Topology topology;
  private final Census census;
  private final Store store;

  /** Null where nothing is taken down. */
  private final @Nullable AuditTrail trail;

  private final Caller by;

  /**
   * @param trail where changes are taken down; null for nowhere
   * @param by whose commands these are
   */
  NodeChanges(
      Topology topology, Census census, Store store, @Nullable AuditTrail trail, Caller by) {
    this.topology = topology;
    this.census = census;
    this.store = store;
    this.trail = trail;
    this.by = by;
  }

  private void change(TopologyCommand command) {
    TopologyReply answer = Answers.ask(topology, command);
    if (trail != null) {
      trail.record(command, answer);
    }
    if (answer instanceof TopologyReply.Refused(AmqpError error)) {
      throw error;
    }
  }

  // Virtual hosts.

  private VirtualHost vhost(String name) {
    VirtualHost vhost = topology.vhost(name);
    if (vhost == null) {
      throw Refusal.noVhost(name);
    }
    return vhost;
  }

  @Override
  public void putVhost(String name, Facts.VhostTraits traits) {
    change(new TopologyCommand.CreateVhost(name, traits(traits)));
  }

  static VhostTraits traits(Facts.VhostTraits traits) {
    return new VhostTraits(
        traits.description(), traits.tags(), traits.defaultQueueType(), traits.isProtected());
  }

  @Override
  public void deleteVhost(String name) {
    change(new TopologyCommand.DeleteVhost(name));
  }

  @Override
  public void protectVhost(String name, boolean isProtected) {
    VhostTraits old = vhost(name).traits();
    change(
        new TopologyCommand.CreateVhost(
            name,
            new VhostTraits(old.description(), old.tags(), old.defaultQueueType(), isProtected)));
  }

  @Override
  public void limitVhost(String name, Map<String, Integer> limits) {
    change(new TopologyCommand.SetVhostLimits(name, limits));
  }

  // Users.

  static PasswordHash hash(Password password) {
    return switch (password) {
      case Password.Plain(String text) -> PasswordHash.of(text);
      case Password.Hashed(String algorithm, String base64) ->
          new PasswordHash(
              algorithm.isEmpty()
                  ? PasswordHash.Algorithm.SHA256
                  : PasswordHash.Algorithm.named(algorithm),
              base64);
    };
  }

  @Override
  public void putUser(String name, Password password, List<String> tags) {
    change(new TopologyCommand.PutUser(name, hash(password), tags));
  }

  @Override
  public void addUser(String name, Password password, List<String> tags) {
    change(new TopologyCommand.AddUser(name, hash(password), tags));
  }

  @Override
  public void changePassword(String name, Password password) {
    change(new TopologyCommand.ChangePassword(name, hash(password)));
  }

  @Override
  public void setTags(String name, List<String> tags) {
    change(new TopologyCommand.SetUserTags(name, tags));
  }

  @Override
  public void deleteUser(String name) {
    change(new TopologyCommand.DeleteUser(name));
  }

  @Override
  public void limitUser(String name, Map<String, Integer> limits) {
    change(new TopologyCommand.SetUserLimits(name, limits));
  }

  @Override
  public void setPermissions(String user, String vhost, Facts.Resources may) {
    change(
        new TopologyCommand.SetPermissions(user, vhost, may.configure(), may.write(), may.read()));
  }

  @Override
  public void clearPermissions(String user, String vhost) {
    change(new TopologyCommand.ClearPermissions(user, vhost));
  }

  @Override
  public void setTopicPermissions(String user, String vhost, String exchange, Facts.Topics may) {
    change(new TopologyCommand.SetTopicPermissions(user, vhost, exchange, may.write(), may.read()));
  }

  @Override
  public void clearTopicPermissions(String user, String vhost, @Nullable String exchange) {
    change(new TopologyCommand.ClearTopicPermissions(user, vhost, exchange));
  }

  @Override
  public String hash(String password) {
    return PasswordHash.of(password).base64();
  }

  // Exchanges, queues, bindings.

  private CallerAccess access(VirtualHost vhost) {
    return new CallerAccess(by, vhost);
  }

  @Override
  public void declareExchange(Facts.Exchange wanted) {
    VirtualHost vhost = vhost(wanted.vhost());
    ExchangeSpec spec = spec(wanted);
    CallerAccess access = access(vhost);
    access.checkConfigureExchange(spec.name());
    if (vhost.exchanges().find(spec.name()) == null) {
      String alternate = spec.arguments().getString(ExchangeSpec.ALTERNATE_EXCHANGE);
      access.checkLeads("exchange", spec.name(), alternate);
    }
    change(new TopologyCommand.DeclareExchange(spec));
  }

  static ExchangeSpec spec(Facts.Exchange exchange) {
    return new ExchangeSpec(
        exchange.vhost(),
        exchange.name(),
        exchange.type(),
        exchange.durable(),
        exchange.autoDelete(),
        exchange.internal(),
        exchange.arguments());
  }

  @Override
  public void deleteExchange(String vhost, String name, boolean ifUnused) {
    access(vhost(vhost)).checkConfigureExchange(name);
    change(new TopologyCommand.DeleteExchange(vhost, name, ifUnused));
  }

  @Override
  public void declareQueue(
      String vhostName, String name, boolean durable, boolean autoDelete, FieldTable arguments) {
    QueueRules.checkName(name);
    VirtualHost vhost = vhost(vhostName);
    QueueSpec spec = new QueueSpec(name, durable, false, autoDelete, arguments);
    CallerAccess access = access(vhost);
    access.checkConfigureQueue(name);
    if (vhost.queue(name) == null) {
      access.checkLeads("queue", name, spec.deadLetterExchange());
    }
    change(new TopologyCommand.DeclareQueue(vhostName, spec, ConnectionId.NONE));
  }

  @Override
  public void deleteQueue(String vhost, String name, boolean ifUnused, boolean ifEmpty) {
    access(vhost(vhost)).checkConfigureQueue(name);
    change(new TopologyCommand.DeleteQueue(vhost, name, ifUnused, ifEmpty, ConnectionId.NONE));
  }

  @Override
  public void purge(String vhostName, String name) {
    VirtualHost vhost = vhost(vhostName);
    access(vhost).checkReadQueue(name);
    QueueEntry queue = open(vhost, name);
    CompletableFuture<@Nullable Long> purged = new CompletableFuture<>();
    ReplyTo<@Nullable Long> reply = new ReplyTo<>(Mail::open, purged::complete);
    queue.room().loop().post(new QueueCommand.Purge(queue.room(), reply));
    Answers.await(purged);
  }

  /** The queue of that name, unless it is a connection's own. */
  static QueueEntry open(VirtualHost vhost, String name) {
    QueueEntry queue = vhost.queue(name);
    if (queue == null) {
      throw Refusal.noQueue(name, vhost.name());
    }
    if (!queue.isOpenTo(ConnectionId.NONE)) {
      throw Refusal.locked(queue.name(), queue.vhost());
    }
    return queue;
  }

  @Override
  public void bind(Facts.Binding binding) {
    checkBinding(binding);
    change(new TopologyCommand.Bind(binding.vhost(), spec(binding), ConnectionId.NONE));
  }

  @Override
  public void unbind(Facts.Binding binding) {
    checkBinding(binding);
    change(new TopologyCommand.Unbind(binding.vhost(), spec(binding), ConnectionId.NONE));
  }

  private void checkBinding(Facts.Binding binding) {
    if (binding.source().isEmpty()) {
      throw Refusal.defaultExchange();
    }
    access(vhost(binding.vhost()))
        .checkBind(
            binding.source(), binding.destination(), binding.toQueue(), binding.routingKey());
  }

  static BindingSpec spec(Facts.Binding binding) {
    return new BindingSpec(
        binding.source(),
        binding.destination(),
        binding.toQueue(),
        binding.routingKey(),
        binding.arguments());
  }

  // Policies, and what is kept for others.

  @Override
  public void setPolicy(Facts.Policy policy) {
    change(new TopologyCommand.SetPolicy(spec(policy)));
  }

  static PolicySpec spec(Facts.Policy policy) {
    return new PolicySpec(
        kind(policy.kind()),
        policy.vhost(),
        policy.name(),
        policy.pattern(),
        policy.applyTo(),
        policy.priority(),
        policy.definition());
  }

  @Override
  public void clearPolicy(Facts.PolicyKind kind, String vhost, String name) {
    change(new TopologyCommand.ClearPolicy(kind(kind), vhost, name));
  }

  static PolicySpec.Kind kind(Facts.PolicyKind kind) {
    return switch (kind) {
      case POLICY -> PolicySpec.Kind.POLICY;
      case OPERATOR -> PolicySpec.Kind.OPERATOR;
    };
  }

  @Override
  public void setParameter(Facts.Parameter parameter) {
    change(command(parameter));
  }

  static TopologyCommand command(Facts.Parameter parameter) {
    String vhost = parameter.vhost();
    return vhost == null
        ? new TopologyCommand.SetGlobalParameter(parameter.name(), parameter.value())
        : new TopologyCommand.SetParameter(
            new Parameter(vhost, parameter.component(), parameter.name(), parameter.value()));
  }

  @Override
  public void clearParameter(@Nullable String vhost, String component, String name) {
    change(
        vhost == null
            ? new TopologyCommand.ClearGlobalParameter(name)
            : new TopologyCommand.ClearParameter(vhost, component, name));
  }

  @Override
  public DefinitionCommands definitions() {
    return new DefinitionChanges(topology, trail);
  }

  // The node.

  @Override
  public void closeConnections(List<String> names, String reason) {
    Answers.await(census.close(Set.copyOf(names), reason));
  }

  @Override
  public void backup(Path target) {
    try {
      store.checkpoint(target);
    } catch (StoreException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
