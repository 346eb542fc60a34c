package org.warrenmq.broker.http;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.node.Caller;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.NodeCommands;
import org.warrenmq.broker.amqp.Census;
import org.warrenmq.broker.auth.AuthBackend;
import org.warrenmq.broker.auth.PasswordHash;
import org.warrenmq.broker.topology.BindingSpec;
import org.warrenmq.broker.topology.ConnectionId;
import org.warrenmq.broker.topology.Parameter;
import org.warrenmq.broker.topology.QueueEntry;
import org.warrenmq.broker.topology.QueueRules;
import org.warrenmq.broker.topology.QueueSpec;
import org.warrenmq.broker.topology.Refusal;
import org.warrenmq.broker.topology.Topology;
import org.warrenmq.broker.topology.TopologyCommand;
import org.warrenmq.broker.topology.VhostTraits;
import org.warrenmq.broker.topology.VirtualHost;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.engine.loop.Mail;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.queue.QueueCommand;
import org.warrenmq.router.ExchangeSpec;
import org.warrenmq.store.Store;
import org.warrenmq.store.StoreException;

/**
 * Makes commands for the topology of what callers want: the same as by AMQP. Immutable; asked on
 * threads that may wait.
 */
public final class NodeChanges implements NodeCommands {
  private final Topology topology;
  private final AuthBackend auth;
  private final Census census;
  private final Store store;

  public NodeChanges(Topology topology, AuthBackend auth, Census census, Store store) {
    this.topology = topology;
    this.auth = auth;
    this.census = census;
    this.store = store;
  }

  private void change(TopologyCommand command) {
    Answers.change(topology, command);
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
    change(
        new TopologyCommand.CreateVhost(
            name,
            new VhostTraits(
                traits.description(),
                traits.tags(),
                traits.defaultQueueType(),
                traits.isProtected())));
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

  private static PasswordHash hash(Password password) {
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

  private CallerAccess access(Caller by, VirtualHost vhost) {
    return new CallerAccess(auth, by, vhost);
  }

  @Override
  public void declareExchange(Caller by, Facts.Exchange wanted) {
    VirtualHost vhost = vhost(wanted.vhost());
    ExchangeSpec spec =
        new ExchangeSpec(
            vhost.name(),
            wanted.name(),
            wanted.type(),
            wanted.durable(),
            wanted.autoDelete(),
            wanted.internal(),
            wanted.arguments());
    CallerAccess access = access(by, vhost);
    access.checkConfigureExchange(spec.name());
    if (vhost.exchanges().find(spec.name()) == null) {
      String alternate = spec.arguments().getString(ExchangeSpec.ALTERNATE_EXCHANGE);
      access.checkLeads("exchange", spec.name(), alternate);
    }
    change(new TopologyCommand.DeclareExchange(spec));
  }

  @Override
  public void deleteExchange(Caller by, String vhost, String name, boolean ifUnused) {
    access(by, vhost(vhost)).checkConfigureExchange(name);
    change(new TopologyCommand.DeleteExchange(vhost, name, ifUnused));
  }

  @Override
  public void declareQueue(
      Caller by,
      String vhostName,
      String name,
      boolean durable,
      boolean autoDelete,
      FieldTable arguments) {
    QueueRules.checkName(name);
    VirtualHost vhost = vhost(vhostName);
    QueueSpec spec = new QueueSpec(name, durable, false, autoDelete, arguments);
    CallerAccess access = access(by, vhost);
    access.checkConfigureQueue(name);
    if (vhost.queue(name) == null) {
      access.checkLeads("queue", name, spec.deadLetterExchange());
    }
    change(new TopologyCommand.DeclareQueue(vhostName, spec, ConnectionId.NONE));
  }

  @Override
  public void deleteQueue(Caller by, String vhost, String name, boolean ifUnused, boolean ifEmpty) {
    access(by, vhost(vhost)).checkConfigureQueue(name);
    change(new TopologyCommand.DeleteQueue(vhost, name, ifUnused, ifEmpty, ConnectionId.NONE));
  }

  @Override
  public void purge(Caller by, String vhostName, String name) {
    VirtualHost vhost = vhost(vhostName);
    access(by, vhost).checkReadQueue(name);
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
      throw Refusal.locked(queue);
    }
    return queue;
  }

  @Override
  public void bind(Caller by, Facts.Binding binding) {
    checkBinding(by, binding);
    change(new TopologyCommand.Bind(binding.vhost(), spec(binding), ConnectionId.NONE));
  }

  @Override
  public void unbind(Caller by, Facts.Binding binding) {
    checkBinding(by, binding);
    change(new TopologyCommand.Unbind(binding.vhost(), spec(binding), ConnectionId.NONE));
  }

  private void checkBinding(Caller by, Facts.Binding binding) {
    if (binding.source().isEmpty()) {
      throw Refusal.defaultExchange();
    }
    access(by, vhost(binding.vhost()))
        .checkBind(
            binding.source(), binding.destination(), binding.toQueue(), binding.routingKey());
  }

  private static BindingSpec spec(Facts.Binding binding) {
    return new BindingSpec(
        binding.source(),
        binding.destination(),
        binding.toQueue(),
        binding.routingKey(),
        binding.arguments());
  }

  // What is kept for others.

  private static Parameter.Key key(@Nullable String vhost, String component, String name) {
    return vhost == null ? Parameter.Key.global(name) : Parameter.Key.in(vhost, component, name);
  }

  @Override
  public void setParameter(Facts.Parameter parameter) {
    change(
        new TopologyCommand.SetParameter(
            key(parameter.vhost(), parameter.component(), parameter.name()), parameter.json()));
  }

  @Override
  public void clearParameter(@Nullable String vhost, String component, String name) {
    change(new TopologyCommand.ClearParameter(key(vhost, component, name)));
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
