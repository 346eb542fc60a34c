package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.Return;
import java.time.Duration;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Messages that exchanges keep until their time, as with RabbitMQ's plugin and beyond it. On the
 * test thread.
 */
class DelayedMessagesTest extends MessagingTest {
  private static final Map<String, Object> DELAYED = Map.of("x-delayed-exchange", true);

  /** Another broker would need the plugin, which those that are tested do not have. */
  @BeforeEach
  void assumeDelays() {
    assumeFalse(BrokerUnderTest.isForeign(), "the plugin for delayed messages is not there");
  }

  private String delayed(String type) throws Exception {
    return exchange("x-delayed-message", Map.of("x-delayed-type", type));
  }

  private static AMQP.BasicProperties header(String name, Object value) {
    return new AMQP.BasicProperties.Builder()
        .deliveryMode(2)
        .headers(new HashMap<>(Map.of(name, value)))
        .build();
  }

  private static AMQP.BasicProperties delay(Object millis) {
    return header("x-delay", millis);
  }

  /** Everything that comes within the limit, up to so many, in order. */
  private List<String> awaitTexts(String queue, int count) {
    var texts = new java.util.ArrayList<String>();
    await(
        count + " messages in " + queue,
        () -> {
          texts.addAll(drain(queue));
          return texts.size() >= count;
        });
    return texts;
  }

  // Declarations.

  @Test
  void theTypeItRoutesLikeHasToBeNamed() throws Exception {
    String name = exchangeName();
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - Invalid argument, 'x-delayed-type' must be an existing exchange"
            + " type",
        () -> channel().exchangeDeclare(name, "x-delayed-message", false, false, Map.of()));
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - Invalid argument, 'x-delayed-message' can't be used for"
            + " 'x-delayed-type'",
        () -> declare(name, "x-delayed-message"));
    expectChannelClose(
        406, "PRECONDITION_FAILED - unknown exchange type 'other'", () -> declare(name, "other"));
    declare(name, "direct");
    declare(name, "direct");
  }

  private void declare(String name, String type) throws Exception {
    channel()
        .exchangeDeclare(name, "x-delayed-message", false, false, Map.of("x-delayed-type", type));
  }

  @Test
  void theArgumentOfAnyExchangeIsABooleanAndCompared() throws Exception {
    String name = exchangeName();
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - invalid type 'longstr' for arg 'x-delayed-exchange' in exchange '"
            + name
            + "' in vhost '/'",
        () ->
            channel()
                .exchangeDeclare(name, "topic", false, false, Map.of("x-delayed-exchange", "yes")));
    channel().exchangeDeclare(name, "topic", false, false, DELAYED);
    channel().exchangeDeclare(name, "topic", false, false, DELAYED);
    assertThat(
            channelClose(
                    channel(), () -> channel().exchangeDeclare(name, "topic", false, false, null))
                .getReplyCode())
        .isEqualTo(406);
  }

  @Test
  void bindingsFollowTheRulesOfTheTypeItRoutesLike() throws Exception {
    String name = delayed("headers");
    String queue = queue();
    assertThat(
            channelClose(
                    channel(), () -> channel().queueBind(queue, name, "", Map.of("x-match", "no")))
                .getReplyCode())
        .isEqualTo(406);
  }

  // Times.

  @Test
  void aMessageComesWhenItsDelayIsOverAndNotBefore() throws Exception {
    String exchange = delayed("direct");
    String queue = boundQueue(exchange, "key");
    long begin = System.nanoTime();
    send(exchange, "key", delay(700), "late");
    assertThat(take(queue)).isNull();
    GetResponse response = getEventually(queue);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(millis(700));
    assertThat(text(response)).isEqualTo("late");
    assertThat(response.getEnvelope().getExchange()).isEqualTo(exchange);
    assertThat(response.getEnvelope().getRoutingKey()).isEqualTo("key");
    assertThat(response.getProps().getHeaders()).containsEntry("x-delay", -700);
  }

  private static Duration millis(long millis) {
    return Duration.ofMillis(millis);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void withoutADelayItComesAtOnce(long delay) throws Exception {
    String exchange = delayed("fanout");
    String queue = boundQueue(exchange, "");
    send(exchange, "", "none");
    send(exchange, "", delay(delay), "no delay");
    send(exchange, "", delay("soon"), "no number");
    assertThat(drain(queue)).containsExactly("none", "no delay", "no number");
  }

  @Test
  void theyComeInTheOrderOfTheirTimes() throws Exception {
    String exchange = delayed("topic");
    String queue = boundQueue(exchange, "a.#");
    send(exchange, "a.b", delay(900), "3");
    send(exchange, "a", delay((short) 300), "1");
    send(exchange, "a.c", delay("600"), "2");
    send(exchange, "b", delay(100), "elsewhere");
    assertThat(awaitTexts(queue, 3)).containsExactly("1", "2", "3");
  }

  @Test
  void yearsAreFine() throws Exception {
    String exchange = delayed("fanout");
    String queue = boundQueue(exchange, "");
    send(exchange, "", delay(Long.MAX_VALUE), "never");
    send(exchange, "", delay(100L * 365 * 24 * 3600 * 1000), "in a hundred years");
    send(exchange, "", delay(200), "soon");
    assertThat(awaitTexts(queue, 1)).containsExactly("soon");
    assertThat(take(queue)).isNull();
  }

  @Test
  void anyExchangeDelaysThatIsAskedToAlsoUpToATime() throws Exception {
    String exchange = exchange("headers", DELAYED);
    String queue = boundQueue(exchange, "", Map.of("x-match", "all", "kind", "a"));
    long at = System.currentTimeMillis() + 800;
    long second = (System.currentTimeMillis() / 1000 + 2) * 1000;
    for (Object time : List.of(at, new Date(second), at - 100_000)) {
      Map<String, Object> headers = new HashMap<>(Map.of("kind", "a", "x-deliver-at", time));
      send(
          exchange,
          "",
          new AMQP.BasicProperties.Builder().headers(headers).build(),
          String.valueOf(time instanceof Date ? second : time));
    }
    assertThat(take(queue)).as("long past").isEqualTo("" + (at - 100_000));
    assertThat(text(getEventually(queue))).isEqualTo("" + at);
    assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(at);
    assertThat(text(getEventually(queue))).isEqualTo("" + second);
    assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(second);
  }

  @Test
  void withoutTheArgumentTheHeaderMeansNothing() throws Exception {
    String exchange = exchange("fanout", Map.of());
    String queue = boundQueue(exchange, "");
    send(exchange, "", delay(60_000), "now");
    assertThat(drain(queue)).containsExactly("now");
  }

  @Test
  void itsTimeToLiveBeginsWhenItLeaves() throws Exception {
    String exchange = delayed("fanout");
    String queue = boundQueue(exchange, "");
    Map<String, Object> headers = new HashMap<>(Map.of("x-delay", 900));
    send(
        exchange,
        "",
        new AMQP.BasicProperties.Builder().headers(headers).expiration("800").build(),
        "a");
    assertThat(text(getEventually(queue))).isEqualTo("a");
  }

  @Test
  void priorityCountsWhenItLeaves() throws Exception {
    String exchange = delayed("fanout");
    String queue = boundQueue(exchange, "");
    String ordered = queue(Map.of("x-max-priority", 5));
    observer().queueBind(ordered, exchange, "");
    long at = System.currentTimeMillis() + 500;
    for (int priority = 0; priority < 3; priority++) {
      Map<String, Object> headers = new HashMap<>(Map.of("x-deliver-at", at));
      send(
          exchange,
          "",
          new AMQP.BasicProperties.Builder().headers(headers).priority(priority).build(),
          "" + priority);
    }
    assertThat(awaitTexts(queue, 3)).containsExactly("0", "1", "2");
    awaitMessageCount(ordered, 3);
    assertThat(drain(ordered)).containsExactly("2", "1", "0");
  }

  // Routes.

  @Test
  void bindingsCountAsTheyAreWhenItLeaves() throws Exception {
    String exchange = delayed("direct");
    String before = boundQueue(exchange, "key");
    send(exchange, "key", delay(500), "a");
    observer().queueUnbind(before, exchange, "key");
    String after = boundQueue(exchange, "key");
    assertThat(awaitTexts(after, 1)).containsExactly("a");
    assertThat(take(before)).isNull();
  }

  @Test
  void furtherKeysAreRememberedAndBlindOnesNotShown() throws Exception {
    String exchange = delayed("direct");
    String first = boundQueue(exchange, "key");
    String second = boundQueue(exchange, "copy");
    String third = boundQueue(exchange, "blind");
    Map<String, Object> headers =
        new HashMap<>(Map.of("x-delay", 200, "CC", List.of("copy"), "BCC", List.of("blind")));
    send(exchange, "key", new AMQP.BasicProperties.Builder().headers(headers).build(), "a");
    for (String queue : List.of(first, second, third)) {
      assertThat(getEventually(queue).getProps().getHeaders()).containsOnlyKeys("x-delay", "CC");
    }
  }

  @Test
  void itDelaysAlsoWhatComesFromAnotherExchange() throws Exception {
    String outer = exchange("fanout", Map.of());
    String inner = delayed("fanout");
    channel().exchangeBind(inner, outer, "");
    String queue = boundQueue(inner, "");
    String direct = boundQueue(outer, "");
    send(outer, "", delay(400), "a");
    assertThat(take(direct)).isEqualTo("a");
    assertThat(take(queue)).isNull();
    assertThat(getEventually(queue).getEnvelope().getExchange()).isEqualTo(outer);
  }

  @Test
  void whatHasNoRouteThenGoesToTheAlternate() throws Exception {
    String alternate = exchange("fanout", Map.of());
    String rest = boundQueue(alternate, "");
    String exchange =
        exchange("direct", Map.of("x-delayed-exchange", true, "alternate-exchange", alternate));
    send(exchange, "unknown", delay(300), "a");
    assertThat(take(rest)).isNull();
    assertThat(awaitTexts(rest, 1)).containsExactly("a");
  }

  // Publishers.

  @Test
  void aMandatoryOneThatNobodyWouldGetIsReturnedAtOnce() throws Exception {
    String exchange = delayed("direct");
    String queue = boundQueue(exchange, "known");
    var returned = new LinkedBlockingQueue<Return>();
    Channel channel = newChannel();
    channel.addReturnListener(returned::add);
    channel.confirmSelect();
    channel.basicPublish(exchange, "unknown", true, delay(60_000), bytes("back"));
    channel.basicPublish(exchange, "known", true, delay(300), bytes("kept"));
    channel.waitForConfirmsOrDie(LIMIT.toMillis());
    Return back = returned.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
    assertThat(back).isNotNull();
    assertThat(back.getReplyCode()).isEqualTo(312);
    assertThat(text(back.getBody())).isEqualTo("back");
    assertThat(back.getProperties().getHeaders()).containsEntry("x-delay", 60_000);
    assertThat(awaitTexts(queue, 1)).containsExactly("kept");
    assertThat(returned).isEmpty();
  }

  @Test
  void aTransactionDelaysFromItsCommitOn() throws Exception {
    String exchange = delayed("fanout");
    String queue = boundQueue(exchange, "");
    Channel channel = newChannel();
    channel.txSelect();
    channel.basicPublish(exchange, "", delay(100), bytes("never"));
    channel.txRollback();
    channel.basicPublish(exchange, "", delay(400), bytes("a"));
    long begin = System.nanoTime();
    channel.txCommit();
    assertThat(awaitTexts(queue, 1)).containsExactly("a");
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(millis(390));
  }

  @Test
  void aLargeBodyWaitsAsWell() throws Exception {
    String exchange = delayed("fanout");
    String first = boundQueue(exchange, "");
    String second = boundQueue(exchange, "");
    byte[] body = new byte[3 << 20];
    new java.util.Random(1).nextBytes(body);
    Channel channel = newChannel();
    channel.confirmSelect();
    channel.basicPublish(exchange, "", delay(300), body);
    channel.waitForConfirmsOrDie(LIMIT.toMillis());
    assertThat(getEventually(first).getBody()).isEqualTo(body);
    assertThat(getEventually(second).getBody()).isEqualTo(body);
  }

  @Test
  void aDeletedExchangeTakesWhatWaitsAlong() throws Exception {
    String exchange = delayed("fanout");
    boundQueue(exchange, "");
    send(exchange, "", delay(300), "gone");
    observer().exchangeDelete(exchange);
    declare(exchange, "fanout");
    String queue = boundQueue(exchange, "");
    send(exchange, "", delay(600), "kept");
    assertThat(awaitTexts(queue, 1)).containsExactly("kept");
  }

  @Test
  void manyLeaveInTheirOrder() throws Exception {
    String exchange = delayed("fanout");
    String queue = boundQueue(exchange, "");
    Channel channel = newChannel();
    channel.confirmSelect();
    int count = 3000;
    long at = System.currentTimeMillis() + 1500;
    for (int i = count; i > 0; i--) {
      channel.basicPublish(
          exchange, "", header("x-deliver-at", at + i / 10), bytes(String.valueOf(i / 10)));
    }
    channel.waitForConfirmsOrDie(LIMIT.toMillis());
    List<String> texts = awaitTexts(queue, count);
    assertThat(texts).hasSize(count);
    assertThat(texts.stream().map(Integer::valueOf).toList()).isSorted();
  }
}
