package org.warrenmq.admin.node;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;

/**
 * Something that a document of definitions asks for, or that one is made of: names and values only,
 * right or wrong. Immutable.
 */
public sealed interface Definition {
  /**
   * A user.
   *
   * @param limits those that are to be set, by RabbitMQ's names; others stay
   */
  record User(
      String name, NodeCommands.Password password, List<String> tags, Map<String, Integer> limits)
      implements Definition {}

  /** A virtual host; of what is null, it keeps what it has. */
  record Vhost(
      String name,
      @Nullable String description,
      @Nullable List<String> tags,
      @Nullable String defaultQueueType,
      @Nullable Boolean isProtected)
      implements Definition {
    /** The usual type of queues, which need not be noted. */
    private static final String CLASSIC = "classic";

    /** Without a type of queues. */
    public Vhost withoutType() {
      return new Vhost(name, description, tags, null, isProtected);
    }

    /** What is to be noted of it where this is noted by now. */
    public Facts.VhostTraits over(Facts.VhostTraits there) {
      String type = defaultQueueType;
      return new Facts.VhostTraits(
          description == null ? there.description() : description,
          tags == null ? there.tags() : tags,
          type == null || type.equals(CLASSIC) && there.defaultQueueType() == null
              ? there.defaultQueueType()
              : type,
          isProtected == null ? there.isProtected() : isProtected);
    }
  }

  /** What a user may do in a virtual host. */
  record Permission(String user, String vhost, Facts.Resources resources) implements Definition {}

  /** What a user may do with an exchange's routing keys. */
  record TopicPermission(String user, String vhost, String exchange, Facts.Topics topics)
      implements Definition {}

  /** Something that is kept for others. */
  record Parameter(Facts.Parameter parameter) implements Definition {}

  /** A policy of one of both kinds. */
  record Policy(Facts.Policy policy) implements Definition {}

  /** A queue that is nobody's own. */
  record Queue(String vhost, String name, boolean durable, boolean autoDelete, FieldTable arguments)
      implements Definition {}

  /** An exchange; what policies say of it is not asked. */
  record Exchange(Facts.Exchange exchange) implements Definition {}

  /** A binding. */
  record Binding(Facts.Binding binding) implements Definition {}

  /** What it is, for people: {@code queue 'q' in vhost '/'}. */
  default String label() {
    return switch (this) {
      case User user -> "user '%s'".formatted(user.name());
      case Vhost vhost -> "vhost '%s'".formatted(vhost.name());
      case Permission may ->
          "permissions of user '%s' in vhost '%s'".formatted(may.user, may.vhost);
      case TopicPermission may ->
          "topic permissions of user '%s' at exchange '%s' in vhost '%s'"
              .formatted(may.user, may.exchange, may.vhost);
      case Parameter(Facts.Parameter of) ->
          of.vhost() == null
              ? "global parameter '%s'".formatted(of.name())
              : "%s parameter '%s' in vhost '%s'".formatted(of.component(), of.name(), of.vhost());
      case Policy(Facts.Policy policy) ->
          "%s '%s' in vhost '%s'"
              .formatted(
                  switch (policy.kind()) {
                    case POLICY -> "policy";
                    case OPERATOR -> "operator policy";
                  },
                  policy.name(),
                  policy.vhost());
      case Queue queue -> "queue '%s' in vhost '%s'".formatted(queue.name, queue.vhost);
      case Exchange(Facts.Exchange exchange) ->
          "exchange '%s' in vhost '%s'".formatted(exchange.name(), exchange.vhost());
      case Binding(Facts.Binding binding) ->
          "binding of %s '%s' to exchange '%s' with '%s' in vhost '%s'"
              .formatted(
                  binding.toQueue() ? "queue" : "exchange",
                  binding.destination(),
                  binding.source(),
                  binding.routingKey(),
                  binding.vhost());
    };
  }
}
