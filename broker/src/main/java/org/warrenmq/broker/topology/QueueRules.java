package org.warrenmq.broker.topology;

import static org.warrenmq.broker.topology.QueueArgument.DEAD_LETTER_EXCHANGE;
import static org.warrenmq.broker.topology.QueueArgument.TYPE;
import static org.warrenmq.codec.ReplyCode.PRECONDITION_FAILED;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

/**
 * What queues may be called and declared as, by {@link QueueArgument}; checks are in RabbitMQ's
 * order and words. Stateless, any thread.
 */
public final class QueueRules {
  private static final String QUORUM = "quorum";

  private QueueRules() {}

  /**
   * @param name as a client gives it
   * @throws ChannelError ACCESS_REFUSED when names like that are the server's to give
   */
  public static void checkName(String name) {
    if (name.startsWith("amq.")) {
      throw Refusal.reservedPrefix("queue", name);
    }
  }

  /**
   * Whether a declaration of something that exists means the same thing. What the type of the queue
   * does not know is not compared, and nothing is checked but equality.
   *
   * @throws ChannelError RESOURCE_LOCKED or PRECONDITION_FAILED, naming what differs
   */
  static void checkEquivalent(QueueEntry existing, QueueSpec given, @Nullable ConnectionId owner) {
    if (!Objects.equals(existing.owner(), owner)) {
      throw Refusal.locked(existing.name(), existing.vhost());
    }
    QueueSpec current = existing.spec();
    Equivalence same = new Equivalence("queue", given.name(), existing.vhost());
    same.check("durable", given.durable(), current.durable());
    same.check("auto_delete", given.autoDelete(), current.autoDelete());
    boolean quorum = current.isQuorum();
    for (QueueArgument argument : QueueArgument.comparedOn(quorum)) {
      same.checkArgument(
          argument.wireName(),
          compared(argument, given.arguments()),
          compared(argument, current.arguments()));
    }
  }

  private static @Nullable FieldValue compared(QueueArgument argument, FieldTable arguments) {
    FieldValue value = argument.in(arguments);
    return value == null && argument == TYPE ? FieldValue.of("classic") : value;
  }

  /**
   * @throws ChannelError PRECONDITION_FAILED naming the argument and what is wrong with it
   */
  static void validate(String vhost, QueueSpec spec) {
    FieldTable arguments = spec.arguments();
    String where = "queue '" + spec.name() + "' in vhost '" + vhost + "'";
    if (arguments.isEmpty()) {
      return;
    }
    FieldValue deadLetterExchange = DEAD_LETTER_EXCHANGE.in(arguments);
    if (deadLetterExchange != null && !(deadLetterExchange instanceof FieldValue.LongString)) {
      throw refused(
          "invalid type '%s' for arg 'x-dead-letter-exchange' in %s"
              .formatted(deadLetterExchange.typeName(), where));
    }
    boolean quorum = isQuorum(TYPE.in(arguments), where);
    for (var given : arguments.entries()) {
      String name = given.getKey();
      QueueArgument argument = QueueArgument.named(name);
      if (argument == null) {
        continue;
      }
      if (!argument.isTakenBy(quorum)) {
        throw refused(
            "invalid arg '%s' for %s of queue type rabbit_%s_queue"
                .formatted(name, where, quorum ? "quorum" : "classic"));
      }
      String fault = argument.rule().fault(given.getValue(), arguments);
      if (fault != null) {
        throw refused("invalid arg '%s' for %s: %s".formatted(name, where, fault));
      }
    }
    if (quorum) {
      checkQuorum(spec, where);
    }
  }

  /** Whether there are queues of that type. */
  static boolean isType(String name) {
    return name.equals("classic") || name.equals(QUORUM);
  }

  /** The declaration with the type that its virtual host has for queues that name none. */
  static QueueSpec typed(QueueSpec spec, VhostTraits vhost) {
    String type = vhost.defaultQueueType();
    boolean takesAny = spec.durable() && !spec.exclusive() && !spec.autoDelete();
    return type == null || !takesAny || TYPE.in(spec.arguments()) != null
        ? spec
        : new QueueSpec(
            spec.name(),
            spec.durable(),
            spec.exclusive(),
            spec.autoDelete(),
            spec.arguments().with(TYPE.wireName(), FieldValue.of(type)));
  }

  /** The arguments, in their order, that the queue was declared with in vain. */
  static List<String> withoutEffect(QueueSpec spec) {
    return spec.arguments().names().stream().filter(name -> isInVain(name, spec)).toList();
  }

  private static boolean isInVain(String name, QueueSpec spec) {
    QueueArgument argument = QueueArgument.named(name);
    return argument == TYPE
        // The one other type there is is kept on one node, like this one.
        ? spec.isQuorum()
        : argument != null && !argument.hasEffect();
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
}
