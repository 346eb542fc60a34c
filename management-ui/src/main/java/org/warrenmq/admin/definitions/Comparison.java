package org.warrenmq.admin.definitions;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.http.ArgumentsJson;
import org.warrenmq.admin.node.Definition;
import org.warrenmq.admin.node.DefinitionCommands;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.NodeCommands.Password;
import org.warrenmq.admin.node.NodeView;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

/**
 * Holds what is asked for against what there is. Immutable; asked on threads that may wait.
 *
 * @param commands knows passwords
 */
record Comparison(NodeView view, DefinitionCommands commands) {
  /** Of something that does not exist. */
  static final String NOT_THERE = "is not there";

  static final String VHOST_LIMITS = "vhost-limits";

  private static final String USUAL_HASH = "rabbit_password_hashing_sha256";
  private static final String QUEUE_TYPE = "x-queue-type";
  static final String CLASSIC = "classic";

  /** In what something that is there is not as it is asked for; null when it is. */
  @Nullable String difference(Definition wanted) {
    return switch (wanted) {
      case Definition.User user -> user(user);
      case Definition.Vhost vhost -> vhost(vhost);
      case Definition.Permission permission -> {
        Facts.Grant grant = grant(permission.user(), permission.vhost());
        yield differs("they are", permission.resources(), grant == null ? null : grant.resources());
      }
      case Definition.TopicPermission permission -> {
        Facts.Grant grant = grant(permission.user(), permission.vhost());
        yield differs(
            "they are",
            permission.topics(),
            grant == null ? null : grant.topics().get(permission.exchange()));
      }
      case Definition.Parameter(Facts.Parameter parameter) -> parameter(parameter);
      case Definition.Policy(Facts.Policy policy) -> policy(policy);
      case Definition.Queue queue -> queue(queue);
      case Definition.Exchange(Facts.Exchange exchange) -> exchange(exchange);
      case Definition.Binding(Facts.Binding binding) -> view.isBound(binding) ? null : NOT_THERE;
    };
  }

  private static @Nullable String differs(String what, Object wanted, @Nullable Object there) {
    return there == null
        ? NOT_THERE
        : there.equals(wanted) ? null : "%s %s, and %s is asked for".formatted(what, there, wanted);
  }

  private static @Nullable String first(@Nullable String... differences) {
    for (String difference : differences) {
      if (difference != null) {
        return difference;
      }
    }
    return null;
  }

  private Facts.@Nullable Grant grant(String user, String vhost) {
    Facts.User there = view.user(user);
    return there == null ? null : there.grants().get(vhost);
  }

  private @Nullable String user(Definition.User wanted) {
    Facts.User there = view.user(wanted.name());
    if (there == null) {
      return NOT_THERE;
    }
    return first(
        isPassword(there, wanted.password()) ? null : "the password is another one",
        differs("the tags are", Set.copyOf(wanted.tags()), new LinkedHashSet<>(there.tags())),
        limits(wanted.limits(), there.limits()));
  }

  private boolean isPassword(Facts.User there, Password password) {
    return switch (password) {
      case Password.Plain(String text) -> commands.isPassword(there.name(), text);
      case Password.Hashed(String algorithm, String base64) ->
          there.passwordHash().equals(base64)
              && there.hashingAlgorithm().equals(algorithm.isEmpty() ? USUAL_HASH : algorithm);
    };
  }

  private static @Nullable String limits(Map<String, Integer> wanted, Map<String, Integer> there) {
    for (Map.Entry<String, Integer> limit : wanted.entrySet()) {
      int is = there.getOrDefault(limit.getKey(), -1);
      if (is != Math.max(-1, limit.getValue())) {
        return "the limit %s is %d, and %d is asked for"
            .formatted(limit.getKey(), is, limit.getValue());
      }
    }
    return null;
  }

  private @Nullable String vhost(Definition.Vhost wanted) {
    Facts.Vhost there = view.vhost(wanted.name());
    return there == null
        ? NOT_THERE
        : differs("it is", wanted.over(there.traits()), there.traits());
  }

  private @Nullable String parameter(Facts.Parameter wanted) {
    Facts.Parameter there = view.parameter(wanted.vhost(), wanted.component(), wanted.name());
    boolean isLimits = wanted.component().equals(VHOST_LIMITS);
    FieldValue value = isLimits ? withoutNone(wanted.value()) : wanted.value();
    if (there == null && isLimits && value.equals(FieldValue.of(FieldTable.EMPTY))) {
      return null;
    }
    return there == null ? NOT_THERE : differs("the value", value, there.value());
  }

  /** A limit below 0 is none. */
  private static FieldValue withoutNone(FieldValue limits) {
    if (!(limits instanceof FieldValue.Table(FieldTable table))) {
      return limits;
    }
    FieldTable.Builder some = FieldTable.builder();
    for (Map.Entry<String, FieldValue> limit : table.entries()) {
      if (!limit.getValue().isInteger() || limit.getValue().asLong() >= 0) {
        some.put(limit.getKey(), limit.getValue());
      }
    }
    return FieldValue.of(some.build());
  }

  /** Numbers that say the same are the same, whatever they are kept as. */
  private static @Nullable String differs(String what, FieldValue wanted, FieldValue there) {
    Object is = ArgumentsJson.of(there);
    Object asked = ArgumentsJson.of(wanted);
    return Objects.equals(is, asked)
        ? null
        : "%s is %s, and %s is asked for".formatted(what, is, asked);
  }

  private @Nullable String policy(Facts.Policy wanted) {
    Facts.Policy there = view.policy(wanted.kind(), wanted.vhost(), wanted.name());
    return there == null
        ? NOT_THERE
        : first(
            differs("the pattern is", wanted.pattern(), there.pattern()),
            differs("apply-to is", wanted.applyTo(), there.applyTo()),
            differs("the priority", wanted.priority(), there.priority()),
            differs(
                "the definition",
                FieldValue.of(wanted.definition()),
                FieldValue.of(there.definition())));
  }

  private @Nullable String queue(Definition.Queue wanted) {
    Facts.Queue there = view.queue(wanted.vhost(), wanted.name());
    if (there == null) {
      return NOT_THERE;
    }
    if (there.owner() != null) {
      return "it is there, as a connection's own";
    }
    boolean takesAnyType = wanted.durable() && !wanted.autoDelete();
    String usual = takesAnyType ? usualType(wanted.vhost()) : CLASSIC;
    return first(
        differs("durable is", wanted.durable(), there.durable()),
        differs("auto_delete is", wanted.autoDelete(), there.autoDelete()),
        arguments(typed(wanted.arguments(), usual), typed(there.arguments(), CLASSIC)));
  }

  private String usualType(String vhost) {
    Facts.Vhost there = view.vhost(vhost);
    String type = there == null ? null : there.traits().defaultQueueType();
    return type == null ? CLASSIC : type;
  }

  /** Arguments of a queue that say which type it has. */
  static FieldTable typed(FieldTable arguments, String usual) {
    return arguments.get(QUEUE_TYPE) == null
        ? arguments.with(QUEUE_TYPE, FieldValue.of(usual))
        : arguments;
  }

  private @Nullable String exchange(Facts.Exchange wanted) {
    Facts.Exchange there = view.exchange(wanted.vhost(), wanted.name());
    return there == null
        ? NOT_THERE
        : first(
            differs("the type is", wanted.type(), there.type()),
            differs("durable is", wanted.durable(), there.durable()),
            differs("auto_delete is", wanted.autoDelete(), there.autoDelete()),
            differs("internal is", wanted.internal(), there.internal()),
            arguments(wanted.arguments(), there.arguments()));
  }

  private static @Nullable String arguments(FieldTable wanted, FieldTable there) {
    Map<String, FieldValue> left = new TreeMap<>(there.asMap());
    for (Map.Entry<String, FieldValue> argument : wanted.entries()) {
      String name = argument.getKey();
      FieldValue is = left.remove(name);
      if (is == null) {
        return "it has not the argument %s, and %s is asked for"
            .formatted(name, ArgumentsJson.of(argument.getValue()));
      }
      String difference = differs("the argument " + name, argument.getValue(), is);
      if (difference != null) {
        return difference;
      }
    }
    List<String> further = List.copyOf(left.keySet());
    return further.isEmpty()
        ? null
        : "it has the argument " + further.getFirst() + ", not asked for";
  }
}
