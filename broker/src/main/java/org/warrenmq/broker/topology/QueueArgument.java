package org.warrenmq.broker.topology;

import static org.warrenmq.broker.topology.QueueArgument.Effect.NONE_YET;
import static org.warrenmq.broker.topology.QueueArgument.Effect.SOME;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

/**
 * The arguments of a queue that mean something, one row each: what they may be, which types of
 * queue take them, and whether a redeclaration compares them. The one table for validation,
 * equivalence, settings and the log. Arguments nobody knows are kept and given back, never refused.
 */
enum QueueArgument {
  EXPIRES("x-expires", ArgumentRule.millis(1), 1, 4, SOME),
  MESSAGE_TTL("x-message-ttl", ArgumentRule.millis(0), 2, 14, SOME),
  DEAD_LETTER_EXCHANGE("x-dead-letter-exchange", ArgumentRule.ANY, 3, 1, SOME),
  DEAD_LETTER_ROUTING_KEY("x-dead-letter-routing-key", ArgumentRule.DEAD_LETTER_KEY, 4, 2, SOME),
  MAX_LENGTH("x-max-length", ArgumentRule.NOT_NEGATIVE, 5, 5, SOME),
  MAX_LENGTH_BYTES("x-max-length-bytes", ArgumentRule.NOT_NEGATIVE, 6, 6, SOME),
  MAX_PRIORITY("x-max-priority", ArgumentRule.PRIORITY, 7, QueueArgument.REFUSED, SOME),
  OVERFLOW(
      "x-overflow",
      ArgumentRule.oneOf(
          Set.of("drop-head", "reject-publish", "reject-publish-dlx"), "invalid_overflow"),
      8,
      9,
      SOME),
  MODE("x-queue-mode", ArgumentRule.MODE, 9, QueueArgument.REFUSED, NONE_YET),
  VERSION("x-queue-version", ArgumentRule.VERSION, 10, QueueArgument.REFUSED, NONE_YET),
  SINGLE_ACTIVE_CONSUMER("x-single-active-consumer", ArgumentRule.BOOL, 11, 10, SOME),
  TYPE("x-queue-type", ArgumentRule.ANY, 12, 11, SOME),
  MASTER_LOCATOR("x-queue-master-locator", ArgumentRule.ANY, 13, QueueArgument.REFUSED, NONE_YET),
  LEADER_LOCATOR(
      "x-queue-leader-locator",
      ArgumentRule.oneOf(
          Set.of("client-local", "balanced", "random", "least-leaders", "min-masters"),
          "invalid_queue_locator_arg"),
      14,
      15,
      NONE_YET),
  DEAD_LETTER_STRATEGY(
      "x-dead-letter-strategy",
      ArgumentRule.oneOf(Set.of("at-most-once", "at-least-once"), "invalid_dlx_strategy"),
      QueueArgument.REFUSED,
      3,
      SOME),
  MAX_IN_MEMORY_LENGTH(
      "x-max-in-memory-length", ArgumentRule.NOT_NEGATIVE, QueueArgument.REFUSED, 7, NONE_YET),
  MAX_IN_MEMORY_BYTES(
      "x-max-in-memory-bytes", ArgumentRule.NOT_NEGATIVE, QueueArgument.REFUSED, 8, NONE_YET),
  INITIAL_GROUP_SIZE(
      "x-quorum-initial-group-size", ArgumentRule.POSITIVE, QueueArgument.REFUSED, 12, NONE_YET),
  DELIVERY_LIMIT("x-delivery-limit", ArgumentRule.INTEGER, 15, 13, SOME),
  RETRY_TYPE(
      "x-delayed-retry-type",
      ArgumentRule.oneOf(
          Set.of("disabled", "all", "failed", "returned"), "invalid_delayed_retry_type"),
      16,
      16,
      SOME),
  RETRY_MIN("x-delayed-retry-min", ArgumentRule.millis(0), 17, 17, SOME),
  RETRY_MAX("x-delayed-retry-max", ArgumentRule.millis(0), 18, 18, SOME),
  RETRY_MULTIPLIER("x-delayed-retry-multiplier", ArgumentRule.between(1, 1000), 19, 19, SOME),
  RETRY_JITTER("x-delayed-retry-jitter", ArgumentRule.between(0, 1), 20, 20, SOME),
  GROUP_HEADER("x-group-header", ArgumentRule.GROUP_HEADER, 21, 21, SOME),
  DEDUPLICATION("x-message-deduplication", ArgumentRule.BOOL, 22, 22, SOME),
  CACHE_SIZE(
      ExchangeStateRules.CACHE_SIZE,
      ArgumentRule.positiveUpTo(ExchangeStateRules.MOST_CACHED),
      23,
      23,
      SOME),
  CACHE_TTL(ExchangeStateRules.CACHE_TTL, ArgumentRule.millis(1), 24, 24, SOME),
  CACHE_PERSISTENCE(
      ExchangeStateRules.CACHE_PERSISTENCE,
      ArgumentRule.oneOf(Set.of("disk", "memory"), "invalid_cache_persistence"),
      25,
      25,
      SOME),
  DEDUPLICATION_HEADER(
      ExchangeStateRules.DEDUPLICATION_HEADER,
      ArgumentRule.named("empty_deduplication_header"),
      26,
      26,
      SOME),
  CONSUMER_TIMEOUT(
      "x-consumer-timeout",
      ArgumentRule.ANY,
      QueueArgument.NOT_COMPARED,
      QueueArgument.NOT_COMPARED,
      SOME),
  MAX_AGE("x-max-age", ArgumentRule.ANY, QueueArgument.REFUSED, QueueArgument.REFUSED, NONE_YET),
  MAX_SEGMENT_SIZE(
      "x-stream-max-segment-size-bytes",
      ArgumentRule.ANY,
      QueueArgument.REFUSED,
      QueueArgument.REFUSED,
      NONE_YET),
  INITIAL_CLUSTER_SIZE(
      "x-initial-cluster-size",
      ArgumentRule.ANY,
      QueueArgument.REFUSED,
      QueueArgument.REFUSED,
      NONE_YET);

  /** Whether an argument that is taken does anything so far. */
  enum Effect {
    SOME,
    NONE_YET
  }

  /** Queues of this type do not take it. */
  private static final int REFUSED = -1;

  /** They do, and a redeclaration may say what it likes. */
  private static final int NOT_COMPARED = 0;

  private static final Map<String, QueueArgument> BY_NAME =
      Arrays.stream(values()).collect(Collectors.toMap(each -> each.wireName, Function.identity()));

  private static final List<QueueArgument> COMPARED_ON_CLASSIC = compared(each -> each.onClassic);
  private static final List<QueueArgument> COMPARED_ON_QUORUM = compared(each -> each.onQuorum);

  private final String wireName;
  private final ArgumentRule rule;
  private final int onClassic;
  private final int onQuorum;
  private final Effect effect;

  /**
   * @param onClassic as the how-manieth a redeclaration of a classic queue compares it: RabbitMQ
   *     names the first that differs; or {@link #NOT_COMPARED} or {@link #REFUSED}
   * @param onQuorum the same for a quorum queue
   */
  QueueArgument(String wireName, ArgumentRule rule, int onClassic, int onQuorum, Effect effect) {
    this.wireName = wireName;
    this.rule = rule;
    this.onClassic = onClassic;
    this.onQuorum = onQuorum;
    this.effect = effect;
  }

  private static List<QueueArgument> compared(ToIntFunction<QueueArgument> rank) {
    return Arrays.stream(values())
        .filter(each -> rank.applyAsInt(each) > NOT_COMPARED)
        .sorted(Comparator.comparingInt(rank))
        .toList();
  }

  /** The argument of that name; null when nobody knows it. */
  static @Nullable QueueArgument named(String name) {
    return BY_NAME.get(name);
  }

  /** What must be equal in a redeclaration, in the order in which it is looked at. */
  static List<QueueArgument> comparedOn(boolean quorum) {
    return quorum ? COMPARED_ON_QUORUM : COMPARED_ON_CLASSIC;
  }

  /** Whether these make a quorum queue; all others are classic ones. */
  static boolean isQuorum(FieldTable arguments) {
    return "quorum".equals(arguments.getString(TYPE.wireName));
  }

  /** As it stands in a declaration. */
  String wireName() {
    return wireName;
  }

  /** Its value among others; null when it is not there. */
  @Nullable FieldValue in(FieldTable arguments) {
    return arguments.get(wireName);
  }

  ArgumentRule rule() {
    return rule;
  }

  boolean isTakenBy(boolean quorum) {
    return (quorum ? onQuorum : onClassic) != REFUSED;
  }

  boolean hasEffect() {
    return effect == SOME;
  }
}
