package org.warrenmq.broker.topology;

import static org.warrenmq.codec.ReplyCode.PRECONDITION_FAILED;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.engine.QueueSettings;
import org.warrenmq.engine.QueueSettings.Overflow;

/**
 * What the optional arguments of a queue declaration may be; the rules and words are RabbitMQ's.
 * Arguments nobody knows are kept and given back, never refused.
 */
final class QueueArguments {
  /** The longest time RabbitMQ 4 takes, in milliseconds: ten years. */
  private static final long MAX_MILLIS = 315360000000L;

  private static final int MAX_PRIORITY = 255;
  private static final String TYPE = "x-queue-type";
  private static final String QUORUM = "quorum";
  private static final Set<String> OVERFLOWS =
      Set.of("drop-head", "reject-publish", "reject-publish-dlx");
  private static final Set<String> MODES = Set.of("default", "lazy");
  private static final Set<String> LOCATORS =
      Set.of("client-local", "balanced", "random", "least-leaders", "min-masters");
  private static final Set<String> DEAD_LETTER_STRATEGIES = Set.of("at-most-once", "at-least-once");

  /** Arguments that only queues of other types have. */
  private static final Set<String> NOT_FOR_CLASSIC =
      Set.of(
          "x-delivery-limit",
          "x-quorum-initial-group-size",
          "x-max-in-memory-length",
          "x-max-in-memory-bytes",
          "x-dead-letter-strategy",
          "x-max-age",
          "x-stream-max-segment-size-bytes",
          "x-initial-cluster-size");

  private static final Set<String> NOT_FOR_QUORUM =
      Set.of(
          "x-max-priority",
          "x-queue-mode",
          "x-queue-version",
          "x-queue-master-locator",
          "x-max-age",
          "x-stream-max-segment-size-bytes",
          "x-initial-cluster-size");

  /** What is checked and compared, and does nothing more so far. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "x-expires",
          "x-max-length-bytes",
          "x-max-in-memory-length",
          "x-max-in-memory-bytes",
          "x-max-priority",
          "x-dead-letter-exchange",
          "x-dead-letter-routing-key",
          "x-dead-letter-strategy",
          "x-delivery-limit",
          "x-consumer-timeout",
          "x-quorum-initial-group-size",
          "x-queue-mode",
          "x-queue-version",
          "x-queue-leader-locator",
          "x-queue-master-locator");

  /** Looks at one argument; answers what is wrong in RabbitMQ's notation, or null. */
  @FunctionalInterface
  private interface Rule {
    @Nullable String fault(FieldValue value, FieldTable all);
  }

  private static final Map<String, Rule> RULES =
      Map.ofEntries(
          Map.entry("x-message-ttl", (v, _) -> millis(v, 0)),
          Map.entry("x-expires", (v, _) -> millis(v, 1)),
          Map.entry("x-max-length", (v, _) -> notNegative(v)),
          Map.entry("x-max-length-bytes", (v, _) -> notNegative(v)),
          Map.entry("x-max-in-memory-length", (v, _) -> notNegative(v)),
          Map.entry("x-max-in-memory-bytes", (v, _) -> notNegative(v)),
          Map.entry("x-quorum-initial-group-size", (v, _) -> positive(v)),
          Map.entry("x-max-priority", (v, _) -> priority(v)),
          Map.entry("x-overflow", (v, _) -> oneOf(v, OVERFLOWS, "invalid_overflow")),
          Map.entry("x-queue-mode", (v, _) -> mode(v)),
          Map.entry(
              "x-dead-letter-strategy",
              (v, _) -> oneOf(v, DEAD_LETTER_STRATEGIES, "invalid_dlx_strategy")),
          Map.entry("x-dead-letter-routing-key", QueueArguments::deadLetterKey),
          Map.entry("x-single-active-consumer", (v, _) -> bool(v)),
          Map.entry(
              "x-queue-leader-locator", (v, _) -> oneOf(v, LOCATORS, "invalid_queue_locator_arg")),
          Map.entry("x-queue-version", (v, _) -> version(v)));

  private QueueArguments() {}

  /**
   * @throws ChannelError PRECONDITION_FAILED naming the argument and what is wrong with it
   */
  static void validate(VirtualHost vhost, QueueSpec spec) {
    FieldTable arguments = spec.arguments();
    String where = "queue '" + spec.name() + "' in vhost '" + vhost.name() + "'";
    if (arguments.isEmpty()) {
      return;
    }
    FieldValue deadLetterExchange = arguments.get("x-dead-letter-exchange");
    if (deadLetterExchange != null && !(deadLetterExchange instanceof FieldValue.LongString)) {
      throw refused(
          "invalid type '%s' for arg 'x-dead-letter-exchange' in %s"
              .formatted(deadLetterExchange.typeName(), where));
    }
    boolean quorum = isQuorum(arguments.get(TYPE), where);
    for (var argument : arguments.entries()) {
      String name = argument.getKey();
      if ((quorum ? NOT_FOR_QUORUM : NOT_FOR_CLASSIC).contains(name)) {
        throw refused(
            "invalid arg '%s' for %s of queue type rabbit_%s_queue"
                .formatted(name, where, quorum ? "quorum" : "classic"));
      }
      Rule rule = RULES.get(name);
      String fault = rule == null ? null : rule.fault(argument.getValue(), arguments);
      if (fault != null) {
        throw refused("invalid arg '%s' for %s: %s".formatted(name, where, fault));
      }
    }
    if (quorum) {
      checkQuorum(spec, where);
    }
  }

  /** The arguments, in their order, that the queue was declared with in vain. */
  static List<String> withoutEffect(QueueSpec spec) {
    return spec.arguments().names().stream()
        .filter(
            name ->
                WITHOUT_EFFECT.contains(name)
                    // The one other type there is is kept on one node, like this one.
                    || name.equals(TYPE) && QUORUM.equals(spec.arguments().getString(TYPE)))
        .toList();
  }

  /** What the arguments mean to the queue as long as nothing else is said. */
  static QueueSettings settings(QueueSpec spec) {
    FieldTable arguments = spec.arguments();
    return arguments.isEmpty()
        ? QueueSettings.NONE
        : new QueueSettings(
            number(arguments, "x-max-length"),
            overflow(arguments.getString("x-overflow")),
            number(arguments, "x-message-ttl"));
  }

  private static long number(FieldTable arguments, String name) {
    FieldValue value = arguments.get(name);
    return value == null ? QueueSettings.UNLIMITED : value.asLong();
  }

  private static Overflow overflow(@Nullable String name) {
    // Without dead letters the two ways to refuse are one.
    return name != null && name.startsWith("reject-publish")
        ? Overflow.REJECT_PUBLISH
        : Overflow.DROP_HEAD;
  }

  private static boolean isQuorum(@Nullable FieldValue type, String where) {
    return switch (type) {
      case null -> false;
      case FieldValue.LongString(String name) when name.equals("classic") -> false;
      case FieldValue.LongString(String name) when name.equals(QUORUM) -> true;
      default ->
          throw refused(
              "invalid arg 'x-queue-type' for %s: unsupported queue type '%s'"
                  .formatted(where, type.display()));
    };
  }

  private static void checkQuorum(QueueSpec spec, String where) {
    if (spec.autoDelete()) {
      throw refused("invalid property 'auto-delete' for " + where);
    }
    if (spec.exclusive()) {
      throw refused("invalid property 'exclusive-owner' for " + where);
    }
    if (!spec.durable()) {
      throw refused("invalid property 'non-durable' for " + where);
    }
  }

  private static ChannelError refused(String explanation) {
    return new ChannelError(PRECONDITION_FAILED, explanation);
  }

  private static @Nullable String integer(FieldValue value) {
    return value.isInteger() ? null : "\"expected integer, got " + value.typeName() + "\"";
  }

  private static @Nullable String notNegative(FieldValue value) {
    String fault = integer(value);
    if (fault == null && value.asLong() < 0) {
      return "{value_negative," + value.asLong() + "}";
    }
    return fault;
  }

  private static @Nullable String positive(FieldValue value) {
    String fault = notNegative(value);
    return fault == null && value.asLong() == 0 ? "{value_zero,0}" : fault;
  }

  private static @Nullable String version(FieldValue value) {
    String fault = integer(value);
    return fault == null && value.asLong() != 1 && value.asLong() != 2
        ? "\"unsupported queue version '" + value.asLong() + "'\""
        : fault;
  }

  private static @Nullable String millis(FieldValue value, long least) {
    String fault = least > 0 ? positive(value) : notNegative(value);
    if (fault != null) {
      return fault;
    }
    return value.asLong() > MAX_MILLIS ? "{value_too_large," + value.asLong() + "}" : null;
  }

  private static @Nullable String priority(FieldValue value) {
    String fault = notNegative(value);
    return fault == null && value.asLong() > MAX_PRIORITY
        ? "{max_value_exceeded," + value.asLong() + "}"
        : fault;
  }

  private static @Nullable String text(FieldValue value) {
    return value instanceof FieldValue.LongString ? null : unacceptable(value);
  }

  private static @Nullable String bool(FieldValue value) {
    return value instanceof FieldValue.Bool ? null : unacceptable(value);
  }

  private static String unacceptable(FieldValue value) {
    return "{unacceptable_type," + value.typeName() + "}";
  }

  private static @Nullable String oneOf(FieldValue value, Set<String> allowed, String fault) {
    if (value instanceof FieldValue.LongString(String text)) {
      return allowed.contains(text) ? null : fault;
    }
    return unacceptable(value);
  }

  private static @Nullable String mode(FieldValue value) {
    String fault = text(value);
    return fault == null && !MODES.contains(value.display())
        ? "\"unsupported queue mode '" + value.display() + "'\""
        : fault;
  }

  private static @Nullable String deadLetterKey(FieldValue value, FieldTable all) {
    String fault = text(value);
    return fault == null && !all.contains("x-dead-letter-exchange")
        ? "routing_key_but_no_dlx_defined"
        : fault;
  }
}
