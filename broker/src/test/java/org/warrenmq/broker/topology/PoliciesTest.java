package org.warrenmq.broker.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.warrenmq.broker.topology.PolicySpec.Kind;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.engine.queue.QueueSettings;
import org.warrenmq.router.ExchangeSpec;

/** Which policies hold for what, and what they come to beside each other and beside arguments. */
class PoliciesTest {
  private static final long NONE = QueueSettings.UNLIMITED;

  private static Policy policy(
      Kind kind, String name, String pattern, String applyTo, long priority, FieldTable says) {
    return PolicyRules.policy(
        new PolicySpec(kind, "/", name, pattern, applyTo, FieldValue.of(priority), says));
  }

  private static Policy policy(String name, String pattern, String applyTo, long priority) {
    return policy(
        Kind.POLICY,
        name,
        pattern,
        applyTo,
        priority,
        FieldTable.builder().put("expires", 1L).build());
  }

  private static QueueSpec queue(String name, FieldTable arguments) {
    return new QueueSpec(name, true, false, false, arguments);
  }

  private static final FieldTable QUORUM = FieldTable.of("x-queue-type", FieldValue.of("quorum"));

  private static ExchangeSpec exchange(String name) {
    return new ExchangeSpec("/", name, "direct", true, false, false, FieldTable.EMPTY);
  }

  private static @Nullable String holds(Policies policies, QueueSpec queue) {
    Policy policy = policies.of(queue).policy();
    return policy == null ? null : policy.name();
  }

  private static @Nullable String holds(Policies policies, ExchangeSpec exchange) {
    Policy policy = policies.of(exchange).policy();
    return policy == null ? null : policy.name();
  }

  @Test
  @DisplayName("the highest priority that matches holds, and among equals the first name")
  void precedence() {
    List<Policy> all =
        List.of(
            policy("low", "", "all", -1),
            policy("b", "^a", "all", 5),
            policy("a", "^a", "all", 5),
            policy("exact", "^ab$", "queues", 7),
            policy("elsewhere", "^z", "all", 100));
    Random random = new Random(1);
    for (int i = 0; i < 20; i++) {
      Policies policies = Policies.NONE;
      List<Policy> shuffled = new java.util.ArrayList<>(all);
      Collections.shuffle(shuffled, random);
      for (Policy policy : shuffled) {
        policies = policies.with(policy);
      }
      assertThat(holds(policies, queue("ab", FieldTable.EMPTY))).isEqualTo("exact");
      assertThat(holds(policies, exchange("ab"))).isEqualTo("a");
      assertThat(holds(policies, queue("abc", FieldTable.EMPTY))).isEqualTo("a");
      assertThat(holds(policies, queue("b", FieldTable.EMPTY))).isEqualTo("low");
      assertThat(holds(policies, exchange(""))).as("the default exchange").isNull();
      policies = policies.without(Kind.POLICY, "a").without(Kind.OPERATOR, "b");
      assertThat(holds(policies, exchange("ab"))).isEqualTo("b");
    }
  }

  @Test
  @DisplayName("a policy is for some types, and for those that know all it says")
  void types() {
    QueueSpec classic = queue("q", FieldTable.EMPTY);
    QueueSpec quorum = queue("q", QUORUM);
    Policies policies = Policies.NONE.with(policy("p", "q", "classic_queues", 0));
    assertThat(holds(policies, classic)).isEqualTo("p");
    assertThat(holds(policies, quorum)).isNull();
    policies = Policies.NONE.with(policy("p", "q", "quorum_queues", 0));
    assertThat(holds(policies, classic)).isNull();
    assertThat(holds(policies, quorum)).isEqualTo("p");
    for (String applyTo : List.of("streams", "exchanges")) {
      policies = Policies.NONE.with(policy("p", "q", applyTo, 0));
      assertThat(holds(policies, classic)).isNull();
      assertThat(holds(policies, exchange("q"))).isEqualTo(applyTo.equals("streams") ? null : "p");
    }
    FieldTable mirrored = FieldTable.builder().put("ha-mode", "all").put("expires", 1L).build();
    policies = Policies.NONE.with(policy(Kind.POLICY, "p", "q", "all", 0, mirrored));
    assertThat(holds(policies, classic)).isEqualTo("p");
    assertThat(holds(policies, quorum)).isNull();
    FieldTable safe = FieldTable.builder().put("dead-letter-strategy", "at-least-once").build();
    policies = Policies.NONE.with(policy(Kind.POLICY, "p", "q", "all", 0, safe));
    assertThat(holds(policies, classic)).isNull();
    assertThat(holds(policies, quorum)).isEqualTo("p");
  }

  @Test
  @DisplayName("all for which the same policies hold share one object")
  void shared() {
    Policies policies = Policies.NONE.with(policy("p", "", "all", 0));
    assertThat(policies.of(queue("a", FieldTable.EMPTY)))
        .isSameAs(policies.of(queue("b", FieldTable.EMPTY)))
        .isSameAs(policies.of(exchange("c")));
  }

  /** Null for what is not said; the last one is what it comes to. */
  static Stream<Arguments> numbers() {
    return Stream.of(
        Arguments.of(5L, null, null, 5L),
        Arguments.of(null, 5L, null, 5L),
        Arguments.of(null, null, 5L, 5L),
        Arguments.of(5L, 6L, null, 5L),
        Arguments.of(6L, 5L, null, 5L),
        Arguments.of(6L, null, 5L, 5L),
        Arguments.of(5L, null, 6L, 5L),
        Arguments.of(null, 6L, 5L, 5L),
        Arguments.of(null, 5L, 6L, 5L),
        Arguments.of(7L, 6L, 5L, 5L),
        Arguments.of(5L, 7L, 6L, 5L),
        Arguments.of(null, null, null, NONE));
  }

  private static QueueSettings settings(
      FieldTable arguments, FieldTable policy, FieldTable operator) {
    Policies policies = Policies.NONE;
    if (!policy.isEmpty()) {
      policies = policies.with(policy(Kind.POLICY, "p", "", "all", 0, policy));
    }
    if (!operator.isEmpty()) {
      policies = policies.with(policy(Kind.OPERATOR, "o", "", "all", 0, operator));
    }
    QueueSpec spec = queue("q", arguments);
    return QueueMeaning.settings(spec, policies.of(spec).definition());
  }

  private static FieldTable says(String key, @Nullable Object value) {
    return switch (value) {
      case null -> FieldTable.EMPTY;
      case Long number -> FieldTable.of(key, FieldValue.of(number));
      default -> FieldTable.of(key, FieldValue.of(value.toString()));
    };
  }

  @ParameterizedTest
  @MethodSource("numbers")
  @DisplayName("of numbers the smallest counts, whoever says it")
  void smallest(
      @Nullable Long argument, @Nullable Long policy, @Nullable Long operator, long expected) {
    for (String key :
        List.of("max-length", "max-length-bytes", "message-ttl", "expires", "delivery-limit")) {
      QueueSettings settings =
          settings(says("x-" + key, argument), says(key, policy), says(key, operator));
      long found =
          switch (key) {
            case "max-length" -> settings.maxLength();
            case "max-length-bytes" -> settings.maxBytes();
            case "message-ttl" -> settings.messageTtl();
            case "expires" -> settings.idleTime();
            default -> settings.deliveryLimit();
          };
      assertThat(found).as(key).isEqualTo(expected);
    }
  }

  @Test
  @DisplayName("a delivery limit below zero is none, and wins")
  void noDeliveryLimit() {
    String key = "delivery-limit";
    String argument = "x-" + key;
    FieldTable none = says(key, -1L);
    assertThat(settings(QUORUM, FieldTable.EMPTY, FieldTable.EMPTY).deliveryLimit()).isEqualTo(20);
    assertThat(settings(QUORUM, none, FieldTable.EMPTY).deliveryLimit()).isEqualTo(NONE);
    assertThat(settings(QUORUM, says(key, 30L), FieldTable.EMPTY).deliveryLimit()).isEqualTo(30);
    FieldTable three = QUORUM.with(argument, FieldValue.of(3));
    assertThat(settings(three, none, FieldTable.EMPTY).deliveryLimit()).isEqualTo(3);
    assertThat(settings(QUORUM, none, says(key, 4L)).deliveryLimit()).isEqualTo(4);
  }

  @Test
  @DisplayName(
      "overflow: the argument, but the policy on quorum queues; the operator over policies")
  void overflow() {
    FieldTable limit = FieldTable.builder().put("max-length", 1L).build();
    FieldTable policy = limit.with("overflow", FieldValue.of("reject-publish"));
    FieldTable operator = limit.with("overflow", FieldValue.of("reject-publish-dlx"));
    FieldTable own = FieldTable.of("x-overflow", FieldValue.of("drop-head"));
    assertThat(settings(FieldTable.EMPTY, policy, FieldTable.EMPTY).overflow())
        .isEqualTo(QueueSettings.Overflow.REJECT_PUBLISH);
    assertThat(settings(FieldTable.EMPTY, policy, operator).overflow())
        .isEqualTo(QueueSettings.Overflow.REJECT_PUBLISH_DLX);
    assertThat(settings(own, policy, operator).overflow())
        .isEqualTo(QueueSettings.Overflow.DROP_HEAD);
    assertThat(
            settings(QUORUM.with("x-overflow", FieldValue.of("drop-head")), policy, limit)
                .overflow())
        .isEqualTo(QueueSettings.Overflow.REJECT_PUBLISH);
  }

  @Test
  @DisplayName("dead letters: each key by itself, the argument first")
  void deadLetters() {
    FieldTable policy =
        FieldTable.builder()
            .put("dead-letter-exchange", "px")
            .put("dead-letter-routing-key", "pk")
            .build();
    assertThat(settings(FieldTable.EMPTY, policy, FieldTable.EMPTY).deadLetters())
        .hasToString("DeadLetterTarget[exchange=px, routingKey=pk, insistent=false]");
    FieldTable own = FieldTable.of("x-dead-letter-exchange", FieldValue.of("ax"));
    assertThat(settings(own, policy, FieldTable.EMPTY).deadLetters())
        .hasToString("DeadLetterTarget[exchange=ax, routingKey=pk, insistent=false]");
    FieldTable insistent =
        policy
            .with("dead-letter-strategy", FieldValue.of("at-least-once"))
            .with("overflow", FieldValue.of("reject-publish"));
    assertThat(settings(QUORUM, insistent, FieldTable.EMPTY).deadLetters())
        .hasToString("DeadLetterTarget[exchange=px, routingKey=pk, insistent=true]");
    FieldTable keyAlone = FieldTable.of("dead-letter-routing-key", FieldValue.of("pk"));
    assertThat(settings(FieldTable.EMPTY, keyAlone, FieldTable.EMPTY).deadLetters()).isNull();
  }

  @Test
  @DisplayName("retries by policy, with what an operator says of their times")
  void retry() {
    FieldTable policy =
        FieldTable.builder()
            .put("delayed-retry-type", "all")
            .put("delayed-retry-min", 100L)
            .put("delayed-retry-max", 1000L)
            .build();
    FieldTable operator = FieldTable.builder().put("delayed-retry-max", 500L).build();
    assertThat(settings(FieldTable.EMPTY, policy, operator).retry())
        .hasToString("RetryDelay[cause=ALL, min=100, max=500, multiplier=0.0, jitter=0.0]");
  }

  @Test
  @DisplayName("keys without effect change nothing, and no time is too long")
  void harmless() {
    FieldTable idle =
        FieldTable.builder()
            .put("queue-mode", "lazy")
            .put("queue-version", 2L)
            .put("max-in-memory-length", 5L)
            .put("federation-upstream-set", "all")
            .build();
    assertThat(settings(FieldTable.EMPTY, idle, FieldTable.EMPTY)).isEqualTo(QueueSettings.NONE);
    FieldTable endless =
        FieldTable.builder()
            .put("message-ttl", Long.MAX_VALUE)
            .put("expires", Long.MAX_VALUE)
            .build();
    QueueSettings settings = settings(FieldTable.EMPTY, endless, FieldTable.EMPTY);
    assertThat(settings.messageTtl()).isEqualTo(315_360_000_000L);
    assertThat(settings.idleTime()).isEqualTo(315_360_000_000L);
  }

  @ParameterizedTest
  @MethodSource("numbers")
  @DisplayName("of ack timeouts the smallest counts, and none where no number sets a bound")
  void ackTimeouts(
      @Nullable Long argument, @Nullable Long policy, @Nullable Long operator, long expected) {
    if (operator == null) {
      FieldTable own = says("x-consumer-timeout", argument);
      FieldTable definition = says("consumer-timeout", policy);
      assertThat(PolicyMerge.ackTimeout(own, definition, NONE)).isEqualTo(expected);
    }
    FieldTable zero = says("consumer-timeout", 0L);
    assertThat(PolicyMerge.ackTimeout(FieldTable.EMPTY, zero, 9)).isZero();
    assertThat(PolicyMerge.ackTimeout(says("x-consumer-timeout", 7L), zero, 9)).isEqualTo(7);
    FieldTable word = says("x-consumer-timeout", "never");
    assertThat(PolicyMerge.ackTimeout(word, FieldTable.EMPTY, 9)).isZero();
    assertThat(PolicyMerge.ackTimeout(word, says("consumer-timeout", 7L), 9)).isEqualTo(7);
  }

  @Test
  @DisplayName("what the documentation says to have an effect has one")
  void effects() {
    assertThat(Stream.of(PolicyKey.values()).filter(PolicyKey::hasEffect).map(PolicyKey::wireName))
        .containsExactlyInAnyOrder(
            "message-ttl",
            "expires",
            "max-length",
            "max-length-bytes",
            "overflow",
            "delivery-limit",
            "dead-letter-exchange",
            "dead-letter-routing-key",
            "dead-letter-strategy",
            "consumer-timeout",
            "delayed-retry-type",
            "delayed-retry-min",
            "delayed-retry-max",
            "delayed-retry-multiplier",
            "delayed-retry-jitter",
            "alternate-exchange");
  }
}
