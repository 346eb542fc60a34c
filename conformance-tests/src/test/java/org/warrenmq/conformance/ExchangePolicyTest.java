package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What policies do to exchanges. On the test thread. */
class ExchangePolicyTest extends PolicyTest {
  private void awaitRoute(String exchange, String queue) {
    await(
        "a route to " + queue,
        () -> {
          send(exchange, "unknown", "m");
          return !drain(queue).isEmpty();
        });
  }

  @Test
  @Behaviour(72)
  void anAlternateExchangeComesAndGoes() throws Exception {
    String alternate = exchange("fanout", Map.of());
    String other = exchange("fanout", Map.of());
    String main = exchange("direct", Map.of());
    String rest = boundQueue(alternate, "");
    String otherRest = boundQueue(other, "");
    send(main, "unknown", "before");
    assertThat(drain(rest)).isEmpty();
    String policy = policy(main, "{\"alternate-exchange\": \"%s\"}".formatted(alternate));
    awaitRoute(main, rest);
    set(policy, main, "{\"alternate-exchange\": \"%s\"}".formatted(other));
    awaitRoute(main, otherRest);
    assertThat(drain(rest)).isEmpty();
    clear(policy);
    await(
        "no alternate",
        () -> {
          send(main, "unknown", "m");
          return drain(otherRest).isEmpty();
        });
  }

  @Test
  @Behaviour(72)
  void theArgumentWins() throws Exception {
    String alternate = exchange("fanout", Map.of());
    String byPolicy = exchange("fanout", Map.of());
    String main = exchange("direct", Map.of("alternate-exchange", alternate));
    String plain = exchange("direct", Map.of());
    String rest = boundQueue(alternate, "");
    String policyRest = boundQueue(byPolicy, "");
    for (String exchange : List.of(main, plain)) {
      policy(exchange, "{\"alternate-exchange\": \"%s\"}".formatted(byPolicy));
    }
    awaitRoute(plain, policyRest);
    send(main, "unknown", "m");
    assertThat(drain(rest)).containsExactly("m");
    assertThat(drain(policyRest)).isEmpty();
  }

  @Test
  @Behaviour(72)
  void whatIsDeclaredLaterHasIt() throws Exception {
    String alternate = exchange("fanout", Map.of());
    String rest = boundQueue(alternate, "");
    String main = exchangeName();
    policy(
        main, "{\"alternate-exchange\": \"%s\"}".formatted(alternate), "--apply-to", "exchanges");
    channel().exchangeDeclare(main, "direct", false, false, Map.of());
    send(main, "unknown", "m");
    assertThat(drain(rest)).containsExactly("m");
  }

  @Test
  void whatIsForQueuesDoesNothing() throws Exception {
    String alternate = exchange("fanout", Map.of());
    String main = exchange("direct", Map.of());
    String rest = boundQueue(alternate, "");
    String said = "{\"alternate-exchange\": \"%s\"}".formatted(alternate);
    String policy = policy(main, said, "--apply-to", "queues");
    send(main, "unknown", "m");
    assertThat(drain(rest)).isEmpty();
    set(policy, main, said, "--apply-to", "all");
    awaitRoute(main, rest);
  }
}
