package org.warrenmq.broker.topology;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.auth.PasswordHash;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.router.ExchangeSpec;

/**
 * A change of the topology that somebody wants: names and values only, so that it means the same on
 * another node. What of it is to be done, the {@link Topology} decides.
 */
public sealed interface TopologyCommand {
  /**
   * @param traits what is noted of it, be it there or not; null to leave that as it is
   */
  record CreateVhost(String name, @Nullable VhostTraits traits) implements TopologyCommand {
    public CreateVhost(String name) {
      this(name, null);
    }
  }

  /** A virtual host goes with everything in it. */
  record DeleteVhost(String name) implements TopologyCommand {}

  record DeclareExchange(ExchangeSpec spec) implements TopologyCommand {}

  record DeleteExchange(String vhost, String name, boolean ifUnused) implements TopologyCommand {}

  /**
   * @param connection who asks, for exclusive queues
   */
  record Bind(String vhost, BindingSpec binding, ConnectionId connection)
      implements TopologyCommand {}

  record Unbind(String vhost, BindingSpec binding, ConnectionId connection)
      implements TopologyCommand {}

  /**
   * @param connection who asks; the owner if the queue is exclusive
   */
  record DeclareQueue(String vhost, QueueSpec spec, ConnectionId connection)
      implements TopologyCommand {}

  record DeleteQueue(
      String vhost, String name, boolean ifUnused, boolean ifEmpty, ConnectionId connection)
      implements TopologyCommand {}

  /** A connection ends: its exclusive queues go. */
  record ReleaseConnection(ConnectionId connection) implements TopologyCommand {}

  /**
   * What a virtual host may hold from now on: these limits and no others.
   *
   * @param limits by RabbitMQ's names
   */
  record SetVhostLimits(String vhost, Map<String, Integer> limits) implements TopologyCommand {}

  /** A policy, or another one of its name; what it matches is changed when that is answered. */
  record SetPolicy(PolicySpec spec) implements TopologyCommand {}

  record ClearPolicy(PolicySpec.Kind kind, String vhost, String name) implements TopologyCommand {}

  /** About parameters: what is kept for others, by name. */
  sealed interface ParameterCommand extends TopologyCommand {}

  record SetParameter(Parameter parameter) implements ParameterCommand {}

  record ClearParameter(String vhost, String component, String name) implements ParameterCommand {}

  record SetGlobalParameter(String name, FieldValue value) implements ParameterCommand {}

  record ClearGlobalParameter(String name) implements ParameterCommand {}

  /** About users and what they may do. */
  sealed interface AccountCommand extends TopologyCommand {}

  record AddUser(String name, PasswordHash password, List<String> tags) implements AccountCommand {}

  /**
   * A user is there from now on, or is changed.
   *
   * @param limits those that change, too, by RabbitMQ's names
   */
  record PutUser(String name, PasswordHash password, List<String> tags, Map<String, Integer> limits)
      implements AccountCommand {
    /** With the limits it has. */
    public PutUser(String name, PasswordHash password, List<String> tags) {
      this(name, password, tags, Map.of());
    }
  }

  /** A user goes with all permissions, and connections are closed. */
  record DeleteUser(String name) implements AccountCommand {}

  record ChangePassword(String user, PasswordHash password) implements AccountCommand {}

  record SetUserTags(String user, List<String> tags) implements AccountCommand {}

  /**
   * Some of the limits change.
   *
   * @param limits by RabbitMQ's names
   */
  record SetUserLimits(String user, Map<String, Integer> limits) implements AccountCommand {}

  /** Three regular expressions, each for the names of queues and exchanges. */
  record SetPermissions(String user, String vhost, String configure, String write, String read)
      implements AccountCommand {}

  record ClearPermissions(String user, String vhost) implements AccountCommand {}

  /** Two regular expressions, each for the routing keys of a topic exchange. */
  record SetTopicPermissions(String user, String vhost, String exchange, String write, String read)
      implements AccountCommand {}

  /**
   * @param exchange null for all in the virtual host
   */
  record ClearTopicPermissions(String user, String vhost, @Nullable String exchange)
      implements AccountCommand {}
}
