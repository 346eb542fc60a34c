package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Routing by headers, and which bindings a headers exchange refuses. On the test thread. */
class HeadersRoutingTest extends MessagingTest {
  private String exchange = "";

  @BeforeEach
  void declareExchange() throws Exception {
    exchange = exchange("headers", Map.of());
  }

  @Test
  @Behaviour(76)
  void withoutMatchRuleAllHeadersAreRequired() throws Exception {
    String queue = boundQueue(exchange, "", Map.of("a", "1", "b", "2"));
    assertThat(routes(queue, Map.of("a", "1", "b", "2"))).isTrue();
    assertThat(routes(queue, Map.of("a", "1", "b", "2", "c", "3"))).isTrue();
    assertThat(routes(queue, Map.of("a", "1"))).isFalse();
    assertThat(routes(queue, Map.of("a", "1", "b", "3"))).isFalse();
  }

  @Test
  @Behaviour(76)
  void allRequiresEveryHeader() throws Exception {
    String queue = boundQueue(exchange, "", Map.of("x-match", "all", "a", "1", "b", "2"));
    assertThat(routes(queue, Map.of("a", "1", "b", "2"))).isTrue();
    assertThat(routes(queue, Map.of("b", "2"))).isFalse();
    assertThat(routes(queue, Map.of())).isFalse();
  }

  @Test
  @Behaviour(76)
  void anyRequiresOneHeader() throws Exception {
    String queue = boundQueue(exchange, "", Map.of("x-match", "any", "a", "1", "b", "2"));
    assertThat(routes(queue, Map.of("a", "1"))).isTrue();
    assertThat(routes(queue, Map.of("a", "other", "b", "2"))).isTrue();
    assertThat(routes(queue, Map.of("a", "other"))).isFalse();
    assertThat(routes(queue, Map.of())).isFalse();
  }

  @Test
  @Behaviour(76)
  void anotherMatchRuleIsRefused() throws Exception {
    String queue = queue();
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - Invalid x-match field value <<\"zz\">>;"
            + " expected all, any, all-with-x, or any-with-x",
        () -> channel().queueBind(queue, exchange, "", Map.of("x-match", "zz")));
  }

  @Test
  @Behaviour(76)
  void aMatchRuleThatIsNoStringIsRefused() throws Exception {
    String queue = queue();
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - Invalid x-match field type signedint (value 5); expected longstr",
        () -> channel().queueBind(queue, exchange, "", Map.of("x-match", 5)));
  }

  @Test
  @Behaviour(76)
  void aRefusedBindingBetweenExchangesLeavesNoBinding() throws Exception {
    String target = exchange("fanout", Map.of());
    String queue = boundQueue(target, "");
    channelClose(
        channel(), () -> channel().exchangeBind(target, exchange, "", Map.of("x-match", "zz")));
    assertThat(routes(queue, Map.of())).isFalse();
  }

  @Test
  @Behaviour(77)
  void keysStartingWithXAreLeftOutOfAll() throws Exception {
    String queue = boundQueue(exchange, "", Map.of("x-match", "all", "a", "1", "x-b", "2"));
    assertThat(routes(queue, Map.of("a", "1"))).isTrue();
    assertThat(routes(queue, Map.of("x-b", "2"))).isFalse();
  }

  @Test
  @Behaviour(77)
  void keysStartingWithXAreLeftOutOfAny() throws Exception {
    String queue = boundQueue(exchange, "", Map.of("x-match", "any", "a", "1", "x-b", "2"));
    assertThat(routes(queue, Map.of("a", "1"))).isTrue();
    assertThat(routes(queue, Map.of("x-b", "2"))).isFalse();
  }

  @Test
  @Behaviour(77)
  void allWithXRequiresThemToo() throws Exception {
    String queue = boundQueue(exchange, "", Map.of("x-match", "all-with-x", "a", "1", "x-b", "2"));
    assertThat(routes(queue, Map.of("a", "1", "x-b", "2"))).isTrue();
    assertThat(routes(queue, Map.of("a", "1"))).isFalse();
    assertThat(routes(queue, Map.of("a", "1", "x-b", "3"))).isFalse();
  }

  @Test
  @Behaviour(77)
  void anyWithXIsSatisfiedByThemToo() throws Exception {
    String queue = boundQueue(exchange, "", Map.of("x-match", "any-with-x", "a", "1", "x-b", "2"));
    assertThat(routes(queue, Map.of("x-b", "2"))).isTrue();
    assertThat(routes(queue, Map.of("a", "1"))).isTrue();
    assertThat(routes(queue, Map.of("x-b", "3"))).isFalse();
  }

  @Test
  @Behaviour(78)
  void aVoidValueAsksForPresenceOnly() throws Exception {
    String queue = boundQueue(exchange, "", voidHeader("a"));
    assertThat(routes(queue, Map.of("a", "1"))).isTrue();
    assertThat(routes(queue, Map.of("a", 12345L))).isTrue();
    assertThat(routes(queue, voidHeader("a"))).isTrue();
    assertThat(routes(queue, Map.of("b", "1"))).isFalse();
  }

  @Test
  @Behaviour(78)
  void aVoidValueAsksForPresenceOnlyWithAnyToo() throws Exception {
    Map<String, @Nullable Object> arguments = voidHeader("a");
    arguments.put("x-match", "any");
    arguments.put("b", "2");
    String queue = boundQueue(exchange, "", arguments);
    assertThat(routes(queue, Map.of("a", List.of(1, 2)))).isTrue();
    assertThat(routes(queue, Map.of("b", "2"))).isTrue();
    assertThat(routes(queue, Map.of("b", "3"))).isFalse();
  }

  @Test
  @Behaviour(78)
  void messagesWithoutHeadersMatchAllOnlyWhenNothingIsRequired() throws Exception {
    String nothing = boundQueue(exchange, "", Map.of());
    String nothingOfAll = boundQueue(exchange, "", Map.of("x-match", "all"));
    String nothingOfAny = boundQueue(exchange, "", Map.of("x-match", "any"));
    String something = boundQueue(exchange, "", Map.of("a", "1"));
    String onlyX = boundQueue(exchange, "", Map.of("x-a", "1"));
    send(exchange, "", "no table");
    assertThat(drain(nothing)).containsExactly("no table");
    assertThat(drain(nothingOfAll)).containsExactly("no table");
    assertThat(drain(nothingOfAny)).isEmpty();
    assertThat(drain(something)).isEmpty();
    assertThat(drain(onlyX)).containsExactly("no table");
  }

  @Test
  @Behaviour({77, 78})
  void theRoutingKeyPlaysNoPart() throws Exception {
    String queue = boundQueue(exchange, "bound by this key", Map.of("a", "1"));
    var properties = NO_PROPERTIES.builder().headers(Map.of("a", "1")).build();
    send(exchange, "published by another", properties, "m");
    assertThat(drain(queue)).containsExactly("m");
  }

  @Test
  @Behaviour(78)
  void valuesOfOtherKindsAreCompared() throws Exception {
    String number = boundQueue(exchange, "", Map.of("n", 5));
    String flag = boundQueue(exchange, "", Map.of("f", true));
    assertThat(routes(number, Map.of("n", 5))).isTrue();
    assertThat(routes(number, Map.of("n", 6))).isFalse();
    assertThat(routes(number, Map.of("n", "5"))).isFalse();
    assertThat(routes(flag, Map.of("f", true))).isTrue();
    assertThat(routes(flag, Map.of("f", false))).isFalse();
  }

  @Test
  @Behaviour(77)
  void aTimestampIsANumberOfSecondsInABindingAndOfMillisecondsInAMessage() throws Exception {
    var fiveSeconds = new Date(5000);
    String number = bound(Map.of("a", 5000L));
    String timestamp = bound(Map.of("a", fiveSeconds));
    String later = bound(Map.of("a", new Date(5_000_000)));

    assertThat(routes(number, Map.of("a", fiveSeconds))).isTrue();
    assertThat(routes(timestamp, Map.of("a", fiveSeconds))).isFalse();
    assertThat(routes(timestamp, Map.of("a", 5))).isTrue();
    assertThat(routes(later, Map.of("a", fiveSeconds))).isTrue();
    assertThat(routes(bound(Map.of("a", List.of(fiveSeconds))), Map.of("a", List.of(fiveSeconds))))
        .isTrue();
  }

  @Test
  @Behaviour(77)
  void anEmptyArrayIsAnEmptyTable() throws Exception {
    String array = bound(Map.of("a", List.of()));
    String table = bound(Map.of("a", Map.of()));

    assertThat(routes(array, Map.of("a", Map.of()))).isTrue();
    assertThat(routes(array, Map.of("a", List.of()))).isTrue();
    assertThat(routes(table, Map.of("a", List.of()))).isTrue();
    assertThat(routes(array, Map.of("a", ""))).isFalse();
    assertThat(routes(array, Map.of("a", List.of(1)))).isFalse();
  }

  private static Map<String, @Nullable Object> voidHeader(String name) {
    var headers = new HashMap<String, @Nullable Object>();
    headers.put(name, null);
    return headers;
  }

  private String bound(Map<String, Object> arguments) throws Exception {
    return boundQueue(exchange, "", arguments);
  }

  private boolean routes(String queue, Map<String, @Nullable Object> headers) throws Exception {
    drain(queue);
    send(exchange, "", NO_PROPERTIES.builder().headers(headers).build(), "m");
    return drain(queue).equals(List.of("m"));
  }
}
