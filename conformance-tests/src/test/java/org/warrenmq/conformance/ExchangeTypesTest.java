package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Exchanges that choose one of their bindings: by a hash or by chance. On the test thread. Where a
 * broker lacks the plug-in for a type, its tests are skipped.
 */
class ExchangeTypesTest extends MessagingTest {
  private static final String CONSISTENT = "x-consistent-hash";
  private static final String MODULUS = "x-modulus-hash";
  private static final String RANDOM = "x-random";
  private static final String LOCAL = "x-local-random";

  private static final int MESSAGES = 200;

  private final List<String> targets = new ArrayList<>();

  private String choosing(String type) throws Exception {
    return choosing(type, Map.of());
  }

  /** Declares an exchange, or skips the test where there is no such type. */
  private String choosing(String type, Map<String, Object> arguments) throws Exception {
    assumeHas(type);
    return exchange(type, arguments);
  }

  private void assumeHas(String type) throws Exception {
    if (BrokerUnderTest.isForeign()) {
      Channel channel = newChannel();
      String name = exchangeName();
      boolean there = true;
      try {
        channel.exchangeDeclare(name, type);
        channel.close();
      } catch (IOException refused) {
        assertThat(channel.getCloseReason().getMessage()).contains("unknown exchange type");
        there = false;
      }
      assumeTrue(there, "the broker has no exchange type " + type);
    }
  }

  private static String bindingKey(String type) {
    return type.equals(LOCAL) ? "" : "1";
  }

  private String target(String exchange, String key) throws Exception {
    String queue = boundQueue(exchange, key);
    targets.add(queue);
    return queue;
  }

  private void threeTargets(String exchange, String key) throws Exception {
    for (int i = 0; i < 3; i++) {
      target(exchange, key);
    }
  }

  /** Publishes "0" to "199", confirmed. */
  private void sendMany(
      String exchange, IntFunction<String> key, IntFunction<AMQP.BasicProperties> properties)
      throws Exception {
    Channel channel = newChannel();
    channel.confirmSelect();
    for (int i = 0; i < MESSAGES; i++) {
      channel.basicPublish(exchange, key.apply(i), properties.apply(i), bytes(Integer.toString(i)));
    }
    channel.waitForConfirmsOrDie(LIMIT.toMillis());
    channel.close();
  }

  private void sendMany(String exchange, IntFunction<String> key) throws Exception {
    sendMany(exchange, key, i -> NO_PROPERTIES);
  }

  /** The messages that each target got. */
  private List<List<String>> received() throws Exception {
    List<List<String>> received = new ArrayList<>();
    for (String queue : targets) {
      received.add(drain(queue));
    }
    return received;
  }

  private void assertAllShare() throws Exception {
    List<List<String>> received = received();
    assertThat(received).noneMatch(List::isEmpty);
    assertThat(received.stream().mapToInt(List::size).sum()).isEqualTo(MESSAGES);
  }

  private void assertOneGetsAll() throws Exception {
    List<List<String>> received = received();
    assertThat(received.stream().map(List::size)).containsOnlyOnce(MESSAGES);
    assertThat(received.stream().mapToInt(List::size).sum()).isEqualTo(MESSAGES);
  }

  @ParameterizedTest
  @ValueSource(strings = {CONSISTENT, MODULUS, RANDOM, LOCAL})
  void everyMessageGoesOneWay(String type) throws Exception {
    String exchange = choosing(type);
    threeTargets(exchange, bindingKey(type));
    sendMany(exchange, i -> "key" + i);
    assertAllShare();
  }

  @ParameterizedTest
  @ValueSource(strings = {CONSISTENT, MODULUS, RANDOM, LOCAL})
  void furtherKeysLeadNowhereElse(String type) throws Exception {
    String exchange = choosing(type);
    threeTargets(exchange, bindingKey(type));
    AMQP.BasicProperties properties = headers("CC", List.of("a", "b", "c", "d", "e"));
    sendMany(exchange, i -> "key" + i, i -> properties);
    assertAllShare();
  }

  @ParameterizedTest
  @ValueSource(strings = {CONSISTENT, MODULUS})
  void aKeyAlwaysGoesTheSameWay(String type) throws Exception {
    String exchange = choosing(type);
    threeTargets(exchange, "1");
    sendMany(exchange, i -> "key");
    assertOneGetsAll();
  }

  @ParameterizedTest
  @ValueSource(strings = {RANDOM, LOCAL})
  void chanceDoesNotLookAtTheKey(String type) throws Exception {
    String exchange = choosing(type);
    threeTargets(exchange, bindingKey(type));
    sendMany(exchange, i -> "key");
    assertAllShare();
  }

  @ParameterizedTest
  @ValueSource(strings = {MODULUS, RANDOM})
  void aQueueThatIsBoundOftenGetsMore(String type) throws Exception {
    String exchange = choosing(type);
    String often = target(exchange, "0");
    for (int i = 1; i < 12; i++) {
      observer().queueBind(often, exchange, Integer.toString(i));
    }
    target(exchange, "0");
    sendMany(exchange, i -> "key" + i);
    List<List<String>> received = received();
    assertThat(received.getFirst()).hasSizeGreaterThan(3 * received.getLast().size());
  }

  @ParameterizedTest
  @ValueSource(strings = {CONSISTENT, MODULUS, RANDOM, LOCAL})
  void withoutBindingsTheAlternateExchangeHasIt(String type) throws Exception {
    assumeHas(type);
    String alternate = exchange("fanout", Map.of());
    targets.add(boundQueue(alternate, ""));
    String exchange = exchange(type, Map.of("alternate-exchange", alternate));
    String queue = boundQueue(exchange, bindingKey(type));
    channel().queueDelete(queue);
    sendMany(exchange, i -> "key" + i);
    assertOneGetsAll();
  }

  @ParameterizedTest
  @ValueSource(strings = {CONSISTENT, MODULUS, RANDOM})
  void exchangesAreChosenToo(String type) throws Exception {
    String exchange = choosing(type);
    target(exchange, "1");
    String fanout = exchange("fanout", Map.of());
    channel().exchangeBind(fanout, exchange, "1");
    target(fanout, "");
    sendMany(exchange, i -> "key" + i);
    assertAllShare();
  }

  @ParameterizedTest
  @ValueSource(strings = {CONSISTENT, MODULUS, RANDOM, LOCAL})
  void aRedeclarationMayHaveOtherArguments(String type) throws Exception {
    String exchange = choosing(type);
    channel().exchangeDeclare(exchange, type, false, false, Map.of("hash-header", "h"));
    channel().exchangeDeclare(exchange, type, false, false, Map.of("hash-property", "none"));
  }

  // ---------------------------------------------------------------- consistent hash

  @Test
  void sharesFollowTheWeights() throws Exception {
    String exchange = choosing(CONSISTENT);
    target(exchange, "19");
    target(exchange, "1");
    sendMany(exchange, i -> "key" + i);
    List<List<String>> received = received();
    assertThat(received.getFirst()).hasSizeGreaterThan(5 * received.getLast().size());
    assertThat(received.getFirst().size() + received.getLast().size()).isEqualTo(MESSAGES);
  }

  @Test
  void aQueueThatComesTakesItsShareAlone() throws Exception {
    String exchange = choosing(CONSISTENT);
    threeTargets(exchange, "1");
    sendMany(exchange, i -> "key" + i);
    List<List<String>> before = received();
    target(exchange, "1");
    sendMany(exchange, i -> "key" + i);
    List<List<String>> after = received();
    for (int i = 0; i < 3; i++) {
      assertThat(before.get(i)).containsAll(after.get(i));
    }
    assertThat(after.get(3)).isNotEmpty().hasSizeLessThan(MESSAGES / 2);
  }

  @Test
  void aHeaderCanBeHashed() throws Exception {
    String exchange = choosing(CONSISTENT, Map.of("hash-header", "h"));
    threeTargets(exchange, "1");
    sendMany(exchange, i -> "same", i -> headers("h", "v" + i));
    assertAllShare();
    sendMany(exchange, i -> "same", i -> headers("h", i));
    assertAllShare();
    sendMany(exchange, i -> "key" + i, i -> headers("h", "same"));
    assertOneGetsAll();
    sendMany(exchange, i -> "key" + i, i -> headers("other", i));
    assertOneGetsAll();
    sendMany(exchange, i -> "key" + i);
    assertOneGetsAll();
  }

  @ParameterizedTest
  @ValueSource(strings = {"message_id", "correlation_id", "timestamp"})
  void aPropertyCanBeHashed(String property) throws Exception {
    String exchange = choosing(CONSISTENT, Map.of("hash-property", property));
    threeTargets(exchange, "1");
    sendMany(exchange, i -> "same", i -> with(property, i));
    assertAllShare();
    sendMany(exchange, i -> "key" + i, i -> with(property, 7));
    assertOneGetsAll();
    sendMany(exchange, i -> "key" + i);
    assertOneGetsAll();
  }

  private static AMQP.BasicProperties with(String property, int value) {
    AMQP.BasicProperties.Builder builder = new AMQP.BasicProperties.Builder();
    return switch (property) {
      case "message_id" -> builder.messageId("m" + value).build();
      case "correlation_id" -> builder.correlationId("c" + value).build();
      default -> builder.timestamp(new Date(1000L * value)).build();
    };
  }

  private static AMQP.BasicProperties headers(String name, Object value) {
    return new AMQP.BasicProperties.Builder().headers(Map.of(name, value)).build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "+5", "007"})
  void aWeightIsAnInteger(String key) throws Exception {
    String exchange = choosing(CONSISTENT);
    target(exchange, key);
    sendMany(exchange, i -> "key" + i);
    assertOneGetsAll();
  }

  @ParameterizedTest
  @CsvSource({
    "a, must be an integer: <<\"a\">>",
    "5.0, must be an integer: <<\"5.0\">>",
    "' 5', must be an integer: <<\" 5\">>",
    "+, must be an integer: <<\"+\">>",
    "'', must be an integer: <<>>",
    "0, must be greater than 0",
    "-1, must be greater than 0"
  })
  void anotherBindingKeyIsRefused(String key, String why) throws Exception {
    String exchange = choosing(CONSISTENT);
    String queue = queue();
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - The binding key " + why,
        () -> channel().queueBind(queue, exchange, key));
    String fanout = exchange("fanout", Map.of());
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - The binding key " + why,
        () -> channel().exchangeBind(fanout, exchange, key));
  }

  @Test
  void twoThingsToHashAreRefused() throws Exception {
    assumeHas(CONSISTENT);
    String exchange = exchangeName();
    Map<String, Object> both = Map.of("hash-header", "h", "hash-property", "message_id");
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - hash-header and hash-property are mutually exclusive",
        () -> channel().exchangeDeclare(exchange, CONSISTENT, false, false, both));
    assertThat(exchangeExists(exchange)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"app_id", "message-id", ""})
  void anotherPropertyIsRefused(String property) throws Exception {
    assumeHas(CONSISTENT);
    String exchange = exchangeName();
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - Unsupported property: " + property,
        () ->
            channel()
                .exchangeDeclare(
                    exchange, CONSISTENT, false, false, Map.of("hash-property", property)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"hash-header", "hash-property"})
  void whatToHashIsNamedByAString(String argument) throws Exception {
    assumeHas(CONSISTENT);
    String exchange = exchangeName();
    switch (refusal(
        () -> channel().exchangeDeclare(exchange, CONSISTENT, false, false, Map.of(argument, 5)))) {
      case AMQP.Channel.Close close ->
          assertThat(close.getReplyText())
              .isEqualTo(
                  "PRECONDITION_FAILED - invalid type 'signedint' for arg '%s' in exchange '%s' in vhost '/'"
                      .formatted(argument, exchange));
      case AMQP.Connection.Close close -> {
        assertThat(BrokerUnderTest.isForeign()).isTrue();
        assertThat(close.getReplyCode()).isEqualTo(541);
      }
      default -> throw new AssertionError("no close");
    }
  }

  // ---------------------------------------------------------------- local random

  @Test
  void aLocalRandomExchangeTakesEmptyKeysAlone() throws Exception {
    String exchange = choosing(LOCAL);
    String queue = queue();
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - Non empty binding 'k' key not permitted",
        () -> channel().queueBind(queue, exchange, "k"));
  }

  @Test
  void aLocalRandomExchangeTakesClassicQueuesAlone() throws Exception {
    String exchange = choosing(LOCAL);
    String quorum = durableQueue(Map.of("x-queue-type", "quorum"));
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - Queue type rabbit_quorum_queue not valid for this exchange type",
        () -> channel().queueBind(quorum, exchange, ""));
    String fanout = exchange("fanout", Map.of());
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - Destination not found",
        () -> channel().exchangeBind(fanout, exchange, ""));
  }
}
