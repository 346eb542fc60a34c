package org.warrenmq.broker.topology;

import static org.warrenmq.broker.topology.PolicyKey.Merge.FIRST;
import static org.warrenmq.broker.topology.PolicyKey.Merge.LEAST;
import static org.warrenmq.broker.topology.PolicyKey.Merge.LEAST_UNLESS_NONE;
import static org.warrenmq.broker.topology.PolicyKey.Merge.SECOND_ON_QUORUM;
import static org.warrenmq.broker.topology.PolicyKey.Setter.BOTH;
import static org.warrenmq.broker.topology.PolicyKey.Setter.USERS;
import static org.warrenmq.broker.topology.PolicyKey.Taker.ANY;
import static org.warrenmq.broker.topology.PolicyKey.Taker.CLASSIC;
import static org.warrenmq.broker.topology.PolicyKey.Taker.NO_QUEUE;
import static org.warrenmq.broker.topology.PolicyKey.Taker.QUORUM;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

/**
 * What a policy may say, one row each: which values, who may say it, which queues take policies
 * that do, and how it goes together with others and with an argument. Keys that nobody knows are
 * refused.
 */
enum PolicyKey {
  MESSAGE_TTL("message-ttl", PolicyValue.number("message TTL", 0), BOTH, ANY, LEAST),
  EXPIRES("expires", PolicyValue.number("queue expiry", 1), BOTH, ANY, LEAST),
  MAX_LENGTH("max-length", PolicyValue.number("maximum length", 0), BOTH, ANY, LEAST),
  MAX_LENGTH_BYTES(
      "max-length-bytes", PolicyValue.number("maximum length in bytes", 0), BOTH, ANY, LEAST),
  MAX_IN_MEMORY_LENGTH(
      "max-in-memory-length", PolicyValue.number("maximum memory in bytes", 0), BOTH, ANY, LEAST),
  MAX_IN_MEMORY_BYTES(
      "max-in-memory-bytes", PolicyValue.number("maximum memory in bytes", 0), BOTH, ANY, LEAST),
  OVERFLOW(
      "overflow",
      PolicyValue.oneOf("overflow value", "drop-head", "reject-publish", "reject-publish-dlx"),
      BOTH,
      ANY,
      SECOND_ON_QUORUM),
  DELIVERY_LIMIT(
      "delivery-limit", PolicyValue.integer("delivery limit"), BOTH, ANY, LEAST_UNLESS_NONE),
  DEAD_LETTER_EXCHANGE(
      "dead-letter-exchange", PolicyValue.text("dead letter exchange name"), USERS, ANY, FIRST),
  DEAD_LETTER_ROUTING_KEY(
      "dead-letter-routing-key", PolicyValue.text("dead letter routing key"), USERS, ANY, FIRST),
  DEAD_LETTER_STRATEGY(
      "dead-letter-strategy",
      PolicyValue.oneOf("dead letter strategy", "at-most-once", "at-least-once"),
      USERS,
      QUORUM,
      FIRST),
  CONSUMER_TIMEOUT(
      "consumer-timeout", PolicyValue.number("consumer timeout", 0), USERS, ANY, LEAST),
  RETRY_TYPE(
      "delayed-retry-type",
      PolicyValue.oneOf("delayed retry type", "disabled", "all", "failed", "returned"),
      BOTH,
      ANY,
      FIRST),
  RETRY_MIN("delayed-retry-min", PolicyValue.number("delayed retry minimum", 0), BOTH, ANY, LEAST),
  RETRY_MAX("delayed-retry-max", PolicyValue.number("delayed retry maximum", 0), BOTH, ANY, LEAST),
  RETRY_MULTIPLIER(
      "delayed-retry-multiplier",
      PolicyValue.between("delayed retry multiplier", 1, 1000),
      USERS,
      ANY,
      FIRST),
  RETRY_JITTER(
      "delayed-retry-jitter", PolicyValue.between("delayed retry jitter", 0, 1), USERS, ANY, FIRST),
  ALTERNATE_EXCHANGE(
      "alternate-exchange", PolicyValue.text("alternate exchange name"), USERS, ANY, FIRST),
  // What is taken, and does nothing here so far.
  QUEUE_MODE(
      "queue-mode",
      PolicyValue.oneOf("queue-mode value", "default", "lazy"),
      USERS,
      CLASSIC,
      FIRST),
  QUEUE_VERSION("queue-version", PolicyValue.version(), BOTH, ANY, FIRST),
  MAX_AGE("max-age", PolicyValue.age(), USERS, NO_QUEUE, FIRST),
  MAX_SEGMENT_SIZE(
      "stream-max-segment-size-bytes",
      PolicyValue.number("segment size", 0),
      USERS,
      NO_QUEUE,
      FIRST),
  FILTER_SIZE("stream-filter-size-bytes", PolicyValue.filterSize(), USERS, ANY, FIRST),
  INITIAL_CLUSTER_SIZE(
      "initial-cluster-size", PolicyValue.number("cluster size", 0), USERS, NO_QUEUE, FIRST),
  LEADER_LOCATOR(
      "queue-leader-locator",
      PolicyValue.oneOf(
          "queue leader locator value",
          "client-local",
          "balanced",
          "random",
          "least-leaders",
          "min-masters"),
      USERS,
      ANY,
      FIRST),
  MASTER_LOCATOR(
      "queue-master-locator",
      PolicyValue.oneOf("master locator", "min-masters", "client-local", "random"),
      BOTH,
      CLASSIC,
      FIRST),
  TARGET_GROUP_SIZE(
      "target-group-size", PolicyValue.number("qq target count value", 1), BOTH, ANY, LEAST),
  MEMBER_PLACEMENT_TAG(
      "member-placement-tag", PolicyValue.text("member placement tag"), BOTH, ANY, FIRST),
  CONSUMER_DISCONNECTED_TIMEOUT(
      "consumer-disconnected-timeout",
      PolicyValue.number("consumer disconnected timeout", 0),
      USERS,
      ANY,
      LEAST),
  // Those of mirrored queues are looked at together, by PolicyRules.
  HA_MODE("ha-mode", PolicyValue.ANY, BOTH, CLASSIC, FIRST),
  HA_PARAMS("ha-params", PolicyValue.ANY, BOTH, CLASSIC, FIRST),
  HA_SYNC_MODE("ha-sync-mode", PolicyValue.ANY, BOTH, CLASSIC, FIRST),
  HA_SYNC_BATCH_SIZE("ha-sync-batch-size", PolicyValue.ANY, USERS, CLASSIC, FIRST),
  HA_PROMOTE_ON_SHUTDOWN("ha-promote-on-shutdown", PolicyValue.ANY, USERS, CLASSIC, FIRST),
  HA_PROMOTE_ON_FAILURE("ha-promote-on-failure", PolicyValue.ANY, USERS, CLASSIC, FIRST),
  FEDERATION_UPSTREAM(
      "federation-upstream", PolicyValue.text("federation upstream name"), USERS, ANY, FIRST),
  FEDERATION_UPSTREAM_SET(
      "federation-upstream-set",
      PolicyValue.text("federation upstream set name"),
      USERS,
      ANY,
      FIRST),
  FEDERATION_UPSTREAM_PATTERN(
      "federation-upstream-pattern",
      PolicyValue.text("federation upstream pattern"),
      USERS,
      ANY,
      FIRST),
  SHARDS_PER_NODE("shards-per-node", PolicyValue.number("number of shards", 0), USERS, ANY, FIRST),
  ROUTING_KEY("routing-key", PolicyValue.text("routing key"), USERS, ANY, FIRST);

  /** Whose policies may say it. */
  enum Setter {
    USERS,
    BOTH
  }

  /** What takes a policy that says it. */
  enum Taker {
    ANY,
    CLASSIC,
    QUORUM,
    /** Streams do, which there are none of. */
    NO_QUEUE
  }

  /** How two values of it become one: an argument or a policy, and what is set over it. */
  enum Merge {
    /** The smaller number. */
    LEAST,
    /** The same, but less than zero means none, and the larger one counts then. */
    LEAST_UNLESS_NONE,
    /** The argument; between policies the operator's. */
    FIRST,
    /** The argument, but a quorum queue goes by the policy. */
    SECOND_ON_QUORUM
  }

  private static final Map<String, PolicyKey> BY_NAME =
      Arrays.stream(values()).collect(Collectors.toMap(each -> each.wireName, Function.identity()));

  private final String wireName;
  private final PolicyValue value;
  private final Setter setter;
  private final Taker taker;
  private final Merge merge;
  private final @Nullable QueueArgument argument;

  PolicyKey(String wireName, PolicyValue value, Setter setter, Taker taker, Merge merge) {
    this.wireName = wireName;
    this.value = value;
    this.setter = setter;
    this.taker = taker;
    this.merge = merge;
    argument = QueueArgument.named("x-" + wireName);
  }

  /** The key of that name; null when nobody knows it. */
  static @Nullable PolicyKey named(String name) {
    return BY_NAME.get(name);
  }

  /** Whether queues of a type take a policy that says all this. */
  static boolean allTakenBy(boolean quorum, FieldTable definition) {
    for (String name : definition.names()) {
      PolicyKey key = named(name);
      if (key != null && !key.isTakenBy(quorum)) {
        return false;
      }
    }
    return true;
  }

  private boolean isTakenBy(boolean quorum) {
    return switch (taker) {
      case ANY -> true;
      case CLASSIC -> !quorum;
      case QUORUM -> quorum;
      case NO_QUEUE -> false;
    };
  }

  String wireName() {
    return wireName;
  }

  /** The argument of a queue that says the same; null when there is none. */
  @Nullable QueueArgument argument() {
    return argument;
  }

  PolicyValue value() {
    return value;
  }

  boolean isForOperators() {
    return setter == BOTH;
  }

  /** Whether it does anything so far. */
  boolean hasEffect() {
    return this == ALTERNATE_EXCHANGE || argument != null && argument.hasEffect();
  }

  /** Whether it is a time in milliseconds. */
  boolean isTime() {
    return switch (this) {
      case MESSAGE_TTL, EXPIRES, RETRY_MIN, RETRY_MAX -> true;
      default -> false;
    };
  }

  /** What becomes of a policy's value where the operator's says something, too. */
  FieldValue overruled(FieldValue policy, FieldValue operator) {
    return merge == LEAST || merge == LEAST_UNLESS_NONE ? least(policy, operator) : operator;
  }

  /** What becomes of an argument where policies say something, too. */
  FieldValue beside(FieldValue declared, FieldValue policies, boolean quorum) {
    return switch (merge) {
      case LEAST, LEAST_UNLESS_NONE -> least(declared, policies);
      case FIRST -> declared;
      case SECOND_ON_QUORUM -> quorum ? policies : declared;
    };
  }

  private FieldValue least(FieldValue one, FieldValue other) {
    if (!one.isInteger() || !other.isInteger()) {
      return one;
    }
    boolean largest = merge == LEAST_UNLESS_NONE && (one.asLong() < 0 || other.asLong() < 0);
    boolean oneIsLess = one.asLong() <= other.asLong();
    return oneIsLess == largest ? other : one;
  }
}
