package org.warrenmq.broker.audit;

import java.util.Map;
import org.warrenmq.broker.topology.BindingSpec;
import org.warrenmq.broker.topology.Parameter;
import org.warrenmq.broker.topology.PolicySpec;
import org.warrenmq.broker.topology.TopologyCommand;

/** What a change is called in the audit log, and what is said about it. Stateless, any thread. */
final class Changes {
  private Changes() {}

  /** The name of a change; adds what it is about, but no secret. */
  static String describe(TopologyCommand command, Map<String, Object> details) {
    return switch (command) {
      case TopologyCommand.CreateVhost(String name, var traits) -> {
        if (traits != null) {
          details.put("description", traits.description());
          details.put("protected", traits.isProtected());
        }
        yield about("vhost created", details, name);
      }
      case TopologyCommand.DeleteVhost(String name) -> about("vhost deleted", details, name);
      case TopologyCommand.SetVhostLimits(String vhost, Map<String, Integer> limits) -> {
        details.put("limits", limits);
        yield about("vhost limited", details, vhost);
      }
      case TopologyCommand.DeclareExchange(var spec) -> {
        details.put("type", spec.type());
        yield about("exchange declared", details, spec.vhost(), spec.name());
      }
      case TopologyCommand.DeleteExchange(String vhost, String name, _) ->
          about("exchange deleted", details, vhost, name);
      case TopologyCommand.DeclareQueue(String vhost, var spec, _) -> {
        details.put("durable", spec.durable());
        details.put("exclusive", spec.exclusive());
        yield about("queue declared", details, vhost, spec.name());
      }
      case TopologyCommand.DeleteQueue(String vhost, String name, _, _, _) ->
          about("queue deleted", details, vhost, name);
      case TopologyCommand.Bind(String vhost, BindingSpec binding, _) ->
          binding("binding created", details, vhost, binding);
      case TopologyCommand.Unbind(String vhost, BindingSpec binding, _) ->
          binding("binding deleted", details, vhost, binding);
      case TopologyCommand.ReleaseConnection _ -> "connection released";
      case TopologyCommand.SetPolicy(PolicySpec policy) -> {
        details.put("pattern", policy.pattern());
        details.put("apply-to", policy.applyTo());
        details.put("priority", policy.priority().display());
        details.put("definition", policy.definition().toString());
        yield about(word(policy.kind()) + " set", details, policy.vhost(), policy.name());
      }
      case TopologyCommand.ClearPolicy(var kind, String vhost, String name) ->
          about(word(kind) + " cleared", details, vhost, name);
      case TopologyCommand.ParameterCommand parameter -> parameter(parameter, details);
      case TopologyCommand.AccountCommand account -> account(account, details);
    };
  }

  private static String word(PolicySpec.Kind kind) {
    return switch (kind) {
      case POLICY -> "policy";
      case OPERATOR -> "operator policy";
    };
  }

  /** Values may have passwords in them. */
  private static String parameter(
      TopologyCommand.ParameterCommand command, Map<String, Object> details) {
    return switch (command) {
      case TopologyCommand.SetParameter(Parameter parameter) -> {
        details.put("component", parameter.component());
        yield about("parameter set", details, parameter.vhost(), parameter.name());
      }
      case TopologyCommand.ClearParameter(String vhost, String component, String name) -> {
        details.put("component", component);
        yield about("parameter cleared", details, vhost, name);
      }
      case TopologyCommand.SetGlobalParameter(String name, _) ->
          named("global parameter set", details, name);
      case TopologyCommand.ClearGlobalParameter(String name) ->
          named("global parameter cleared", details, name);
    };
  }

  private static String named(String what, Map<String, Object> details, String name) {
    details.put("name", name);
    return what;
  }

  private static String account(
      TopologyCommand.AccountCommand command, Map<String, Object> details) {
    return switch (command) {
      case TopologyCommand.AddUser(String name, _, var tags) -> {
        details.put("tags", tags);
        yield of("user added", details, name);
      }
      case TopologyCommand.PutUser(String name, _, var tags, var limits) -> {
        details.put("tags", tags);
        if (!limits.isEmpty()) {
          details.put("limits", limits);
        }
        yield of("user put", details, name);
      }
      case TopologyCommand.DeleteUser(String name) -> of("user deleted", details, name);
      case TopologyCommand.ChangePassword(String user, _) -> of("password changed", details, user);
      case TopologyCommand.SetUserTags(String user, var tags) -> {
        details.put("tags", tags);
        yield of("user tagged", details, user);
      }
      case TopologyCommand.SetUserLimits(String user, var limits) -> {
        details.put("limits", limits);
        yield of("user limited", details, user);
      }
      case TopologyCommand.SetPermissions(
              String user,
              String vhost,
              String configure,
              String write,
              String read) -> {
        details.put("vhost", vhost);
        details.put("configure", configure);
        details.put("write", write);
        details.put("read", read);
        yield of("permissions set", details, user);
      }
      case TopologyCommand.ClearPermissions(String user, String vhost) -> {
        details.put("vhost", vhost);
        yield of("permissions cleared", details, user);
      }
      case TopologyCommand.SetTopicPermissions(
              String user,
              String vhost,
              String exchange,
              String write,
              String read) -> {
        details.put("vhost", vhost);
        details.put("exchange", exchange);
        details.put("write", write);
        details.put("read", read);
        yield of("topic permissions set", details, user);
      }
      case TopologyCommand.ClearTopicPermissions(String user, String vhost, var exchange) -> {
        details.put("vhost", vhost);
        details.put("exchange", exchange == null ? "all" : exchange);
        yield of("topic permissions cleared", details, user);
      }
    };
  }

  private static String about(String what, Map<String, Object> details, String vhost) {
    details.put("vhost", vhost);
    return what;
  }

  private static String about(String what, Map<String, Object> details, String vhost, String name) {
    details.put("vhost", vhost);
    details.put("name", name);
    return what;
  }

  private static String of(String what, Map<String, Object> details, String user) {
    details.put("subject", user);
    return what;
  }

  private static String binding(
      String what, Map<String, Object> details, String vhost, BindingSpec binding) {
    details.put("vhost", vhost);
    details.put("source", binding.source());
    details.put(binding.toQueue() ? "queue" : "exchange", binding.destination());
    details.put("key", binding.routingKey());
    return what;
  }
}
