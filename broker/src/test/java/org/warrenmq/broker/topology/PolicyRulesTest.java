package org.warrenmq.broker.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.warrenmq.broker.topology.PolicySpec.Kind;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

/** What policies are refused for, in RabbitMQ 4.0.5's words. */
class PolicyRulesTest {
  private static final FieldValue ZERO = PolicySpec.USUAL_PRIORITY;

  private static FieldTable says(String key, FieldValue value) {
    return FieldTable.of(key, value);
  }

  private static PolicySpec spec(Kind kind, FieldTable definition) {
    return new PolicySpec(kind, "/", "p", "^a", "all", ZERO, definition);
  }

  private static void expectRefusal(PolicySpec spec, String... faults) {
    assertThatThrownBy(() -> PolicyRules.policy(spec))
        .isInstanceOfSatisfying(
            ChannelError.class,
            error ->
                assertThat(error.explanation())
                    .isEqualTo("Validation failed\n\n" + String.join("\n", faults) + "\n"));
  }

  private static FieldValue text(String text) {
    return FieldValue.of(text);
  }

  private static FieldValue number(long number) {
    return FieldValue.of(number);
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        Arguments.of("message-ttl", text("x"), "<<\"x\">> is not a valid message TTL"),
        Arguments.of("message-ttl", number(-1), "-1 is not a valid message TTL"),
        Arguments.of("message-ttl", new FieldValue.Float64(1.5), "1.5 is not a valid message TTL"),
        Arguments.of("expires", number(0), "0 is not a valid queue expiry"),
        Arguments.of("max-length", number(-1), "-1 is not a valid maximum length"),
        Arguments.of("max-length-bytes", number(-1), "-1 is not a valid maximum length in bytes"),
        Arguments.of(
            "max-in-memory-length", number(-1), "-1 is not a valid maximum memory in bytes"),
        Arguments.of(
            "max-in-memory-bytes", number(-1), "-1 is not a valid maximum memory in bytes"),
        Arguments.of("queue-mode", text("x"), "<<\"x\">> is not a valid queue-mode value"),
        Arguments.of("overflow", number(5), "5 is not a valid overflow value"),
        Arguments.of("delivery-limit", text("x"), "<<\"x\">> is not a valid delivery limit"),
        Arguments.of("max-age", number(5), "5 is not a valid max age"),
        Arguments.of("stream-max-segment-size-bytes", number(-1), "-1 is not a valid segment size"),
        Arguments.of(
            "stream-filter-size-bytes",
            number(15),
            "15 is not a valid filter size. Valid range is 16-255"),
        Arguments.of(
            "queue-leader-locator",
            text("x"),
            "<<\"x\">> is not a valid queue leader locator value"),
        Arguments.of("initial-cluster-size", number(-1), "-1 is not a valid cluster size"),
        Arguments.of(
            "dead-letter-exchange", number(1), "1 is not a valid dead letter exchange name"),
        Arguments.of(
            "dead-letter-routing-key", number(1), "1 is not a valid dead letter routing key"),
        Arguments.of(
            "dead-letter-strategy", text("x"), "<<\"x\">> is not a valid dead letter strategy"),
        Arguments.of("alternate-exchange", number(1), "1 is not a valid alternate exchange name"),
        Arguments.of("queue-version", text("1"), "<<\"1\">> is not a valid queue-version value"),
        Arguments.of("consumer-timeout", number(-1), "-1 is not a valid consumer timeout"),
        Arguments.of("target-group-size", number(0), "0 is not a valid qq target count value"),
        Arguments.of("queue-master-locator", text("x"), "<<\"x\">> is not a valid master locator"),
        Arguments.of("ha-mode", text("x"), "<<\"x\">> is not a valid ha-mode value"),
        Arguments.of(
            "ha-mode", text("exactly"), "ha-mode=\"exactly\" takes an integer, none given"),
        Arguments.of(
            "ha-sync-mode",
            text("manual"),
            "ha-mode must be specified to specify ha-params, ha-sync-mode or"
                + " ha-promote-on-shutdown"),
        Arguments.of(
            "max-priority",
            number(5),
            "[{<<\"max-priority\">>,5}] are not recognised policy settings"));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("wrong")
  void wrongValues(String key, FieldValue value, String fault) {
    expectRefusal(spec(Kind.POLICY, says(key, value)), fault);
  }

  @Test
  @DisplayName("keys that nobody knows are named with their values, in order")
  void unknownKeys() {
    FieldTable unknown =
        FieldTable.builder()
            .put("d", false)
            .put("b", FieldValue.of(FieldTable.of("k", FieldValue.VoidValue.INSTANCE)))
            .put("max-length", 1L)
            .put("a", FieldValue.ArrayValue.of(number(1), text("x\"")))
            .build();
    expectRefusal(
        spec(Kind.POLICY, unknown),
        "[{<<\"a\">>,[1,<<\"x\\\"\">>]},{<<\"b\">>,#{<<\"k\">> => null}},{<<\"d\">>,false}]"
            + " are not recognised policy settings");
  }

  @Test
  @DisplayName("all faults are told together, what is said first")
  void allFaults() {
    expectRefusal(
        new PolicySpec(Kind.POLICY, "/", "p", "(", "x", text("a"), says("max-length", number(-1))),
        "-1 is not a valid maximum length",
        "apply-to 'x' unrecognised; should be one of: 'queues', 'classic_queues', "
            + " 'quorum_queues', 'streams', 'exchanges', or 'all'",
        "pattern should be regular expression but is invalid: {\"Unclosed group\",1}",
        "priority should be a number, actually was <<\"a\">>");
    expectRefusal(spec(Kind.POLICY, FieldTable.EMPTY), "no policy provided");
  }

  @ParameterizedTest
  @EnumSource(PolicyKey.class)
  @DisplayName("an operator may set limits, and nothing that leads messages elsewhere")
  void operators(PolicyKey key) {
    boolean allowed =
        List.of(
                "expires",
                "message-ttl",
                "max-length",
                "max-length-bytes",
                "max-in-memory-length",
                "max-in-memory-bytes",
                "delivery-limit",
                "overflow",
                "queue-version",
                "queue-master-locator",
                "target-group-size",
                "member-placement-tag",
                "delayed-retry-type",
                "delayed-retry-min",
                "delayed-retry-max",
                "ha-mode",
                "ha-params",
                "ha-sync-mode")
            .contains(key.wireName());
    assertThat(key.isForOperators()).isEqualTo(allowed);
    if (!allowed) {
      FieldTable definition = says(key.wireName(), FieldValue.Bool.TRUE);
      expectRefusal(
          spec(Kind.OPERATOR, definition),
          "[{<<\"%s\">>,true}] are not recognised policy settings".formatted(key.wireName()));
    }
  }

  @Test
  @DisplayName("what 3.x exports of mirrored queues is taken")
  void mirrors() {
    FieldTable sync =
        FieldTable.builder()
            .put("ha-mode", "nodes")
            .put("ha-params", FieldValue.ArrayValue.of(text("rabbit@a"), text("rabbit@b")))
            .put("ha-sync-mode", "automatic")
            .put("ha-sync-batch-size", 100L)
            .put("ha-promote-on-shutdown", "always")
            .put("ha-promote-on-failure", "when-synced")
            .build();
    assertThat(PolicyRules.policy(spec(Kind.POLICY, sync)).definition()).isEqualTo(sync);
    assertThat(PolicyRules.withoutEffect(sync)).containsExactlyElementsOf(sync.names());
    expectRefusal(
        spec(Kind.POLICY, sync.with("ha-params", number(2))),
        "ha-mode=\"nodes\" takes a list, 2 given");
    expectRefusal(
        spec(Kind.POLICY, sync.with("ha-sync-mode", text("x"))),
        "ha-sync-mode must be \"manual\" or \"automatic\", got <<\"x\">>");
    FieldTable all = FieldTable.builder().put("ha-mode", "all").build();
    PolicyRules.policy(spec(Kind.OPERATOR, all));
    expectRefusal(
        spec(Kind.POLICY, all.with("ha-params", number(2))),
        "ha-mode=\"all\" does not take parameters");
  }

  @Test
  @DisplayName("a refusal stays short, whatever was said")
  void shortTexts() {
    FieldValue[] many = new FieldValue[10_000];
    Arrays.fill(many, text("x".repeat(50)));
    FieldValue deep = FieldValue.ArrayValue.of(many);
    for (int i = 0; i < 500; i++) {
      deep = FieldValue.ArrayValue.of(deep);
    }
    PolicySpec spec = spec(Kind.POLICY, says("max-length", deep));
    assertThatThrownBy(() -> PolicyRules.policy(spec))
        .isInstanceOfSatisfying(
            ChannelError.class, error -> assertThat(error.text()).hasSizeLessThan(3000));
  }
}
