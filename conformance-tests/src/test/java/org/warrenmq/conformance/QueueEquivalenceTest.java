package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which redeclares of a queue are equivalent in their arguments. On the test thread. */
class QueueEquivalenceTest extends MessagingTest {

  static Stream<Arguments> comparedArguments() {
    return Stream.of(
        arguments("x-message-ttl", 60000, 70000, "signedint"),
        arguments("x-expires", 60000, 70000, "signedint"),
        arguments("x-max-length", 10, 20, "signedint"),
        arguments("x-max-length-bytes", 1000, 2000, "signedint"),
        arguments("x-max-priority", 5, 6, "signedint"),
        arguments("x-dead-letter-exchange", "amq.direct", "amq.fanout", "longstr"),
        arguments("x-overflow", "drop-head", "reject-publish", "longstr"));
  }

  @ParameterizedTest
  @MethodSource("comparedArguments")
  @Behaviour(90)
  void anotherValueIsNotEquivalent(String key, Object first, Object second, String type)
      throws Exception {
    String queue = queue(Map.of(key, first));
    expectChannelClose(
        406,
        inequivalent(key, queue) + "received '" + second + "' but current is '" + first + "'",
        () -> declare(queue, Map.of(key, second)));
  }

  @ParameterizedTest
  @MethodSource("comparedArguments")
  @Behaviour(90)
  void presentIsNotEquivalentToAbsent(String key, Object value, Object other, String type)
      throws Exception {
    String theValue = "the value '" + value + "' of type '" + type + "'";
    String without = queue();
    expectChannelClose(
        406,
        inequivalent(key, without) + "received " + theValue + " but current is none",
        () -> declare(without, Map.of(key, value)));
    String with = queue(Map.of(key, value));
    expectChannelClose(
        406,
        inequivalent(key, with) + "received none but current is " + theValue,
        () -> declare(with, Map.of()));
  }

  @ParameterizedTest
  @MethodSource("comparedArguments")
  @Behaviour(90)
  void theSameValueIsEquivalent(String key, Object value, Object other, String type)
      throws Exception {
    String queue = queue(Map.of(key, value));
    assertThatCode(() -> declare(queue, Map.of(key, value, "x-unknown", "other")))
        .doesNotThrowAnyException();
  }

  @Test
  @Behaviour(90)
  void theDeadLetterRoutingKeyIsCompared() throws Exception {
    String key = "x-dead-letter-routing-key";
    String queue = queue(Map.of("x-dead-letter-exchange", "", key, "first"));
    expectChannelClose(
        406,
        inequivalent(key, queue) + "received 'second' but current is 'first'",
        () -> declare(queue, Map.of("x-dead-letter-exchange", "", key, "second")));
    expectChannelClose(
        406,
        inequivalent(key, queue)
            + "received none but current is the value 'first' of type 'longstr'",
        () -> declare(queue, Map.of("x-dead-letter-exchange", "")));
  }

  @Test
  @Behaviour(90)
  void singleActiveConsumerIsCompared() throws Exception {
    String key = "x-single-active-consumer";
    String queue = queue(Map.of(key, true));
    expectChannelClose(
        406,
        inequivalent(key, queue) + "received none but current is the value 'true' of type 'bool'",
        () -> declare(queue, Map.of()));
    expectChannelClose(
        406,
        inequivalent(key, queue) + "received 'false' but current is 'true'",
        () -> declare(queue, Map.of(key, false)));
  }

  @Test
  @Behaviour({90, 97})
  void classicIsTheTypeOfAQueueWithoutType() throws Exception {
    String without = queue();
    String with = queue(Map.of("x-queue-type", "classic"));
    assertThatCode(
            () -> {
              declare(without, Map.of("x-queue-type", "classic"));
              declare(with, Map.of());
            })
        .doesNotThrowAnyException();
  }

  @Test
  @Behaviour({90, 97})
  void quorumOverClassicIsNotEquivalent() throws Exception {
    String queue = durableQueue(Map.of());
    Map<String, Object> quorum = Map.of("x-queue-type", "quorum");
    expectChannelClose(
        406,
        inequivalent("x-queue-type", queue) + "received 'quorum' but current is 'classic'",
        () -> channel().queueDeclare(queue, true, false, false, quorum));
  }

  @Test
  @Behaviour({90, 92})
  void unknownArgumentsAreAcceptedAndNotCompared() throws Exception {
    var odd = new HashMap<String, @Nullable Object>();
    odd.put("assorted", List.of("a", "b", 3, List.of(4L, Map.of("k", true))));
    odd.put("nothing", null);
    odd.put("octets", new byte[] {1, 2, 3});
    String queue = queue(odd);
    assertThatCode(
            () -> {
              declare(queue, Map.of());
              declare(queue, Map.of("assorted", "now a string"));
              declare(queue, odd);
            })
        .doesNotThrowAnyException();
  }

  static Stream<Number> theSameNumber() {
    return Stream.of((byte) 100, (short) 100, 100, 100L);
  }

  @ParameterizedTest
  @MethodSource("theSameNumber")
  @Behaviour({90, 91})
  void integersCompareByValue(Number declared) throws Exception {
    for (String key : List.of("x-message-ttl", "x-max-length", "x-max-length-bytes")) {
      String queue = queue(Map.of(key, declared));
      assertThatCode(
              () -> {
                for (Number again : theSameNumber().toList()) {
                  declare(queue, Map.of(key, again));
                }
              })
          .as(key)
          .doesNotThrowAnyException();
    }
  }

  @Test
  @Behaviour({90, 91})
  void expiresComparesByValueToo() throws Exception {
    String queue = queue(Map.of("x-expires", (short) 30000));
    assertThatCode(
            () -> {
              declare(queue, Map.of("x-expires", 30000));
              declare(queue, Map.of("x-expires", 30000L));
            })
        .doesNotThrowAnyException();
  }

  @Test
  @Behaviour(91)
  void aDoubleOfTheSameValueIsNotEquivalent() throws Exception {
    String queue = queue(Map.of("x-message-ttl", 100));
    expectChannelClose(
        406,
        inequivalent("x-message-ttl", queue) + "received '100.0' but current is '100'",
        () -> declare(queue, Map.of("x-message-ttl", 100.0)));
  }

  private void declare(String queue, Map<String, @Nullable Object> arguments) throws Exception {
    channel().queueDeclare(queue, false, false, false, arguments);
  }

  private static String inequivalent(String key, String queue) {
    return "PRECONDITION_FAILED - inequivalent arg '"
        + key
        + "' for queue '"
        + queue
        + "' in vhost '/': ";
  }
}
