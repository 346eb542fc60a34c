package org.warrenmq.broker.topology;

import static org.warrenmq.broker.topology.QueueArgument.CACHE_PERSISTENCE;
import static org.warrenmq.broker.topology.QueueArgument.CACHE_SIZE;
import static org.warrenmq.broker.topology.QueueArgument.CACHE_TTL;
import static org.warrenmq.broker.topology.QueueArgument.DEAD_LETTER_EXCHANGE;
import static org.warrenmq.broker.topology.QueueArgument.DEAD_LETTER_ROUTING_KEY;
import static org.warrenmq.broker.topology.QueueArgument.DEAD_LETTER_STRATEGY;
import static org.warrenmq.broker.topology.QueueArgument.DEDUPLICATION;
import static org.warrenmq.broker.topology.QueueArgument.DEDUPLICATION_HEADER;
import static org.warrenmq.broker.topology.QueueArgument.DELIVERY_LIMIT;
import static org.warrenmq.broker.topology.QueueArgument.EXPIRES;
import static org.warrenmq.broker.topology.QueueArgument.GROUP_HEADER;
import static org.warrenmq.broker.topology.QueueArgument.MAX_LENGTH;
import static org.warrenmq.broker.topology.QueueArgument.MAX_LENGTH_BYTES;
import static org.warrenmq.broker.topology.QueueArgument.MAX_PRIORITY;
import static org.warrenmq.broker.topology.QueueArgument.MESSAGE_TTL;
import static org.warrenmq.broker.topology.QueueArgument.OVERFLOW;
import static org.warrenmq.broker.topology.QueueArgument.RETRY_JITTER;
import static org.warrenmq.broker.topology.QueueArgument.RETRY_MAX;
import static org.warrenmq.broker.topology.QueueArgument.RETRY_MIN;
import static org.warrenmq.broker.topology.QueueArgument.RETRY_MULTIPLIER;
import static org.warrenmq.broker.topology.QueueArgument.RETRY_TYPE;
import static org.warrenmq.broker.topology.QueueArgument.SINGLE_ACTIVE_CONSUMER;

import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.engine.queue.DeadLetterTarget;
import org.warrenmq.engine.queue.DuplicateRule;
import org.warrenmq.engine.queue.QueueSettings;
import org.warrenmq.engine.queue.QueueSettings.Overflow;
import org.warrenmq.engine.queue.QueueTraits;
import org.warrenmq.engine.queue.RetryDelay;

/**
 * What valid arguments, alone or with what policies say, mean to a queue: the engine's terms for
 * them. Stateless, any thread.
 */
final class QueueMeaning {
  private static final String OVERFLOW_REJECT = "reject-publish";

  /** How often a message of a quorum queue may come back if nothing else is said. */
  private static final long QUORUM_DELIVERY_LIMIT = 20;

  /** The priorities of a quorum queue, as RabbitMQ has them from 4.3 on. */
  private static final int QUORUM_MAX_PRIORITY = 31;

  private static final int QUORUM_USUAL_PRIORITY = 4;

  /** Milliseconds that a message waits that came back once if nothing else is said. */
  private static final long RETRY_AFTER = 1000;

  /** Milliseconds that any message waits at most, however often it comes back: ten years. */
  private static final long LONGEST_RETRY = 315_360_000_000L;

  private QueueMeaning() {}

  /** What a declaration means to the queue for good. */
  static QueueTraits traits(QueueSpec spec) {
    FieldTable arguments = spec.arguments();
    if (arguments.isEmpty()) {
      return new QueueTraits(spec.durable(), spec.autoDelete(), false);
    }
    String groupHeader = arguments.getString(GROUP_HEADER.wireName());
    return new QueueTraits(
        spec.durable(),
        spec.autoDelete(),
        arguments.isTrue(SINGLE_ACTIVE_CONSUMER.wireName()),
        maxPriority(arguments, groupHeader),
        QueueArgument.isQuorum(arguments) && groupHeader == null ? QUORUM_USUAL_PRIORITY : 0,
        QueueArgument.isQuorum(arguments) || DELIVERY_LIMIT.in(arguments) != null,
        false,
        groupHeader,
        duplicates(arguments));
  }

  /** A quorum queue knows priorities without being asked to, unless it has groups. */
  private static int maxPriority(FieldTable arguments, @Nullable String groupHeader) {
    FieldValue declared = MAX_PRIORITY.in(arguments);
    if (declared != null) {
      return (int) declared.asLong();
    }
    return QueueArgument.isQuorum(arguments) && groupHeader == null ? QUORUM_MAX_PRIORITY : 0;
  }

  /** Null when duplicates are as welcome as others. */
  private static @Nullable DuplicateRule duplicates(FieldTable arguments) {
    if (!arguments.isTrue(DEDUPLICATION.wireName())) {
      return null;
    }
    FieldValue size = CACHE_SIZE.in(arguments);
    FieldValue ttl = CACHE_TTL.in(arguments);
    String header = arguments.getString(DEDUPLICATION_HEADER.wireName());
    return new DuplicateRule(
        header == null ? ExchangeStateRules.DEDUPLICATION_HEADER : header,
        size == null ? ExchangeStateRules.DEFAULT_CACHE_SIZE : (int) size.asLong(),
        ttl == null ? DuplicateRule.FOR_EVER : ttl.asLong(),
        !"memory".equals(arguments.getString(CACHE_PERSISTENCE.wireName())));
  }

  /**
   * What the arguments mean to the queue as long as policies say nothing else.
   *
   * @param definition what these say
   */
  static QueueSettings settings(QueueSpec spec, FieldTable definition) {
    FieldTable arguments = PolicyMerge.arguments(spec.arguments(), definition);
    return arguments.isEmpty()
        ? QueueSettings.NONE
        : new QueueSettings(
            number(MAX_LENGTH.in(arguments)),
            number(MAX_LENGTH_BYTES.in(arguments)),
            overflow(arguments.getString(OVERFLOW.wireName())),
            number(MESSAGE_TTL.in(arguments)),
            number(EXPIRES.in(arguments)),
            deadLetters(arguments),
            deliveryLimit(arguments),
            retry(arguments));
  }

  /** Null when messages that come back need not wait. */
  private static @Nullable RetryDelay retry(FieldTable arguments) {
    RetryDelay.Cause cause =
        switch (arguments.getString(RETRY_TYPE.wireName())) {
          case "all" -> RetryDelay.Cause.ALL;
          case "failed" -> RetryDelay.Cause.FAILED;
          case "returned" -> RetryDelay.Cause.RETURNED;
          case null, default -> null;
        };
    if (cause == null) {
      return null;
    }
    FieldValue min = RETRY_MIN.in(arguments);
    FieldValue multiplier = RETRY_MULTIPLIER.in(arguments);
    FieldValue jitter = RETRY_JITTER.in(arguments);
    return new RetryDelay(
        cause,
        min == null ? RETRY_AFTER : min.asLong(),
        Math.min(number(RETRY_MAX.in(arguments)), LONGEST_RETRY),
        multiplier == null ? RetryDelay.LINEAR : ArgumentRule.number(multiplier),
        jitter == null ? 0 : ArgumentRule.number(jitter));
  }

  private static @Nullable DeadLetterTarget deadLetters(FieldTable arguments) {
    String exchange = arguments.getString(DEAD_LETTER_EXCHANGE.wireName());
    return exchange == null
        ? null
        : new DeadLetterTarget(
            exchange,
            arguments.getString(DEAD_LETTER_ROUTING_KEY.wireName()),
            "at-least-once".equals(arguments.getString(DEAD_LETTER_STRATEGY.wireName()))
                && OVERFLOW_REJECT.equals(arguments.getString(OVERFLOW.wireName())));
  }

  /** That of a quorum queue if it has none; below zero is none. */
  private static long deliveryLimit(FieldTable arguments) {
    FieldValue limit = DELIVERY_LIMIT.in(arguments);
    if (limit == null) {
      return QueueArgument.isQuorum(arguments) ? QUORUM_DELIVERY_LIMIT : QueueSettings.UNLIMITED;
    }
    return limit.asLong() < 0 ? QueueSettings.UNLIMITED : limit.asLong();
  }

  private static long number(@Nullable FieldValue value) {
    return value == null ? QueueSettings.UNLIMITED : value.asLong();
  }

  private static Overflow overflow(@Nullable String name) {
    return switch (name) {
      case OVERFLOW_REJECT -> Overflow.REJECT_PUBLISH;
      case "reject-publish-dlx" -> Overflow.REJECT_PUBLISH_DLX;
      case null, default -> Overflow.DROP_HEAD;
    };
  }
}
