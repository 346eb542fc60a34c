package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.Return;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that exchanges and queues drop since they came before. On the test thread. */
class DeduplicationTest extends MessagingTest {
  private static final String ON = "x-message-deduplication";
  private static final String KEY = "x-deduplication-header";
  private static final int MANY = 4_000;

  /** Another broker would need the plugin, which those that are tested do not have. */
  @BeforeEach
  void assumeDeduplication() {
    assumeFalse(BrokerUnderTest.isForeign(), "the plugin for deduplication is not there");
  }

  /** Who knows the duplicates. */
  enum Where {
    EXCHANGE,
    QUEUE
  }

  /** An exchange, and a durable queue bound to it by "key": one of them drops duplicates. */
  private record Way(String exchange, String queue) {}

  private Way way(Where where, Map<String, Object> arguments) throws Exception {
    Map<String, Object> on = new HashMap<>(arguments);
    on.put(ON, true);
    String exchange = exchangeName();
    channel()
        .exchangeDeclare(
            removeExchangeLater(exchange),
            "direct",
            true,
            false,
            where == Where.EXCHANGE ? on : Map.of());
    String queue = durableQueue(where == Where.QUEUE ? on : Map.of());
    channel().queueBind(queue, exchange, "key");
    return new Way(exchange, queue);
  }

  private static AMQP.BasicProperties header(String name, Object value) {
    return headers(Map.of(name, value));
  }

  private static AMQP.BasicProperties headers(Map<String, Object> headers) {
    return new AMQP.BasicProperties.Builder()
        .deliveryMode(2)
        .headers(new HashMap<>(headers))
        .build();
  }

  private static AMQP.BasicProperties key(Object value) {
    return header(KEY, value);
  }

  private void publish(Way way, AMQP.BasicProperties properties, String text) throws Exception {
    Channel channel = channel();
    channel.confirmSelect();
    channel.basicPublish(way.exchange, "key", properties, bytes(text));
    channel.waitForConfirmsOrDie(10_000);
  }

  // What is a duplicate.

  @ParameterizedTest
  @EnumSource
  void aSecondMessageWithTheKeyIsDroppedAndConfirmed(Where where) throws Exception {
    Way way = way(where, Map.of());
    publish(way, key("a"), "first");
    publish(way, key("a"), "again");
    publish(way, key("b"), "other");
    publish(way, null, "none");
    publish(way, header("other", "a"), "none");
    assertThat(drain(way.queue)).containsExactly("first", "other", "none", "none");
    publish(way, key("a"), "also when the first was taken");
    assertThat(drain(way.queue)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void keysAreEqualByWhatTheyAre(Where where) throws Exception {
    Way way = way(where, Map.of());
    String longText = "x".repeat(5_000);
    publish(way, key(7), "int");
    publish(way, key(7L), "long");
    publish(way, key("7"), "text");
    publish(way, key(longText), "long text");
    publish(way, key(longText), "same long text");
    publish(way, key(longText + "y"), "another long text");
    publish(way, key(Map.of("a", 1)), "table");
    publish(way, key(Map.of("a", 1)), "same table");
    assertThat(drain(way.queue))
        .containsExactly("int", "text", "long text", "another long text", "table");
  }

  @ParameterizedTest
  @EnumSource
  void theHeaderMayHaveAnotherName(Where where) throws Exception {
    Way way = way(where, Map.of(KEY, "order"));
    publish(way, header("order", "a"), "first");
    publish(way, header("order", "a"), "again");
    publish(way, key("a"), "no key");
    publish(way, key("a"), "no key");
    assertThat(drain(way.queue)).containsExactly("first", "no key", "no key");
  }

  @Test
  void othersAreNotAffected() throws Exception {
    String queue = queue(Map.of("x-cache-size", 5, "x-cache-ttl", 1_000));
    String exchange = exchange("fanout", Map.of("x-cache-size", 5));
    channel().queueBind(queue, exchange, "");
    for (int i = 0; i < 3; i++) {
      channel().basicPublish(exchange, "", key("a"), bytes("same"));
    }
    awaitMessageCount(queue, 3);
  }

  @Test
  void aTypeThatRoutesToAllDropsDuplicatesAlone() throws Exception {
    String exchange = exchange("x-message-deduplication", Map.of("x-cache-size", "10"));
    List<String> queues = List.of(boundQueue(exchange, "a"), boundQueue(exchange, "b"));
    Way way = new Way(exchange, queues.getFirst());
    publish(way, key(1), "first");
    publish(way, key(1), "again");
    for (String queue : queues) {
      assertThat(drain(queue)).containsExactly("first");
    }
  }

  // The window.

  @ParameterizedTest
  @EnumSource
  void theOldestKeyIsForgottenForTheNewest(Where where) throws Exception {
    Way way = way(where, Map.of("x-cache-size", 3));
    for (String name : List.of("a", "b", "c", "a", "d", "b", "a", "d")) {
      publish(way, key(name), name);
    }
    assertThat(drain(way.queue)).containsExactly("a", "b", "c", "d", "a");
  }

  @ParameterizedTest
  @EnumSource
  void itHasRoomForAHundredAndTwentyEightIfNothingIsSaid(Where where) throws Exception {
    Way way = way(where, Map.of());
    for (int i = 0; i < 129; i++) {
      publish(way, key(i), "" + i);
    }
    publish(way, key(1), "known");
    publish(way, key(0), "forgotten");
    List<String> texts = drain(way.queue);
    assertThat(texts).hasSize(130).doesNotContain("known").endsWith("forgotten");
  }

  @ParameterizedTest
  @EnumSource
  void aKeyIsForgottenInTime(Where where) throws Exception {
    Way way = way(where, Map.of("x-cache-ttl", 2_000));
    publish(way, key("a"), "a");
    publish(way, headers(Map.of(KEY, "b", "x-cache-ttl", 600_000)), "b");
    letPass(2_100);
    publish(way, key("a"), "a later");
    publish(way, key("b"), "b later");
    publish(way, key("a"), "a at once");
    assertThat(drain(way.queue)).containsExactly("a", "b", "a later");
  }

  // What must not be lost.

  @Test
  void whatNobodyGotIsNotRemembered() throws Exception {
    Way way = way(Where.EXCHANGE, Map.of());
    channel().queueUnbind(way.queue, way.exchange, "key");
    publish(way, key("a"), "to nobody");
    channel().queueBind(way.queue, way.exchange, "key");
    publish(way, key("a"), "again");
    assertThat(drain(way.queue)).containsExactly("again");
  }

  @ParameterizedTest
  @EnumSource
  void whatIsRefusedIsNotRemembered(Where where) throws Exception {
    Map<String, Object> full = Map.of("x-max-length", 1, "x-overflow", "reject-publish");
    String exchange = exchangeName();
    Map<String, Object> on = new HashMap<>(Map.of(ON, true));
    channel()
        .exchangeDeclare(
            removeExchangeLater(exchange),
            "direct",
            true,
            false,
            where == Where.EXCHANGE ? on : Map.of());
    on.putAll(full);
    String queue = durableQueue(where == Where.QUEUE ? on : full);
    channel().queueBind(queue, exchange, "key");
    Way way = new Way(exchange, queue);
    publish(way, key("a"), "a");
    Channel channel = newChannel();
    channel.confirmSelect();
    channel.basicPublish(exchange, "key", key("b"), bytes("b"));
    assertThat(channel.waitForConfirms(10_000)).isFalse();
    assertThat(drain(queue)).containsExactly("a");
    publish(way, key("b"), "b once more");
    assertThat(drain(queue)).containsExactly("b once more");
  }

  /** What comes back from where it died is the message itself. */
  @ParameterizedTest
  @EnumSource
  void aDeadLetterIsNoDuplicate(Where where) throws Exception {
    Way way = way(where, Map.of());
    String waiting =
        durableQueue(
            Map.of(
                "x-dead-letter-exchange",
                way.exchange,
                "x-dead-letter-routing-key",
                "key",
                "x-message-ttl",
                50));
    publish(way, key("a"), "first");
    assertThat(drain(way.queue)).containsExactly("first");
    Channel channel = channel();
    channel.basicPublish("", waiting, key("a"), bytes("a retry"));
    assertThat(getText(way.queue)).isEqualTo("a retry");
  }

  /** As anywhere else: what goes round without any client is dropped. */
  @Test
  void aCycleOfDeadLettersEnds() throws Exception {
    String exchange = exchange("fanout", Map.of(ON, true));
    String queue = queue(Map.of("x-dead-letter-exchange", exchange, "x-message-ttl", 50));
    channel().queueBind(queue, exchange, "");
    publish(new Way(exchange, queue), key("a"), "a");
    letPass(500);
    assertThat(messageCount(queue)).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void mandatoryDuplicatesComeBackOnlyWhereNothingIsBound(Where where) throws Exception {
    Way way = way(where, Map.of());
    LinkedBlockingQueue<String> returned = new LinkedBlockingQueue<>();
    Channel channel = channel();
    channel.confirmSelect();
    channel.addReturnListener((Return back) -> returned.add(text(back.getBody())));
    for (String name : List.of("key", "key", "other")) {
      channel.basicPublish(way.exchange, name, true, key("a"), bytes(name));
      channel.waitForConfirmsOrDie(10_000);
    }
    assertThat(returned).containsExactly("other");
    assertThat(drain(way.queue)).containsExactly("key");
  }

  @ParameterizedTest
  @EnumSource
  void aCommitBringsEachOnce(Where where) throws Exception {
    Way way = way(where, Map.of());
    Channel channel = channel();
    channel.txSelect();
    channel.basicPublish(way.exchange, "key", key("a"), bytes("a"));
    channel.basicPublish(way.exchange, "key", key("b"), bytes("b"));
    channel.basicPublish(way.exchange, "key", key("a"), bytes("a again"));
    channel.txCommit();
    channel.basicPublish(way.exchange, "key", key("b"), bytes("b again"));
    channel.basicPublish(way.exchange, "key", key("c"), bytes("c"));
    channel.txRollback();
    channel.basicPublish(way.exchange, "key", key("c"), bytes("c again"));
    channel.txCommit();
    assertThat(drain(way.queue)).containsExactly("a", "b", "c again");
  }

  @ParameterizedTest
  @EnumSource
  void largeBodiesAreDroppedAsWell(Where where) throws Exception {
    Way way = way(where, Map.of());
    String large = "x".repeat(3 << 20);
    publish(way, key("a"), large);
    publish(way, key("a"), large + "again");
    GetResponse response = getEventually(way.queue);
    assertThat(response.getBody()).hasSize(3 << 20);
    assertThat(drain(way.queue)).isEmpty();
  }

  /** Many publish the same at the same time, some of them without waiting for anything. */
  @ParameterizedTest
  @EnumSource
  void eachOfManyComesOnceHoweverManyPublishIt(Where where) throws Exception {
    Way way = way(where, Map.of("x-cache-size", 2 * MANY));
    int publishers = 4;
    try (var threads = Executors.newFixedThreadPool(publishers)) {
      List<Future<Void>> all = new ArrayList<>();
      for (int i = 0; i < publishers; i++) {
        Channel channel = newConnection().createChannel();
        // Each id is published by two of them.
        int half = i % 2;
        all.add(threads.submit(publishesAll(channel, way, half)));
      }
      for (Future<Void> one : all) {
        one.get();
      }
    }
    Set<String> seen = new HashSet<>();
    List<String> texts = drain(way.queue);
    assertThat(texts).allMatch(seen::add).hasSize(MANY);
  }

  private static Callable<Void> publishesAll(Channel channel, Way way, int half) {
    return () -> {
      channel.confirmSelect();
      for (int id = half; id < MANY; id += 2) {
        channel.basicPublish(way.exchange, "key", key("id" + id), bytes("" + id));
      }
      channel.waitForConfirmsOrDie(60_000);
      return null;
    };
  }

  @Test
  void theOrderOfAChannelHolds() throws Exception {
    Way way = way(Where.EXCHANGE, Map.of());
    Channel channel = channel();
    List<String> sent = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      channel.basicPublish(way.exchange, "key", i % 3 == 0 ? null : key(i), bytes("" + i));
      sent.add("" + i);
    }
    awaitMessageCount(way.queue, 500);
    assertThat(drain(way.queue)).isEqualTo(sent);
  }

  @Test
  void exchangesThatAreBoundToEachOtherPassEachOnce() throws Exception {
    String one = exchange("fanout", Map.of(ON, true));
    String other = exchange("fanout", Map.of(ON, true));
    channel().exchangeBind(one, other, "");
    channel().exchangeBind(other, one, "");
    List<String> queues = List.of(boundQueue(one, ""), boundQueue(other, ""));
    Way way = new Way(one, queues.getFirst());
    publish(way, key("a"), "a");
    publish(way, null, "none");
    publish(new Way(other, queues.getLast()), key("a"), "a again");
    publish(new Way(other, queues.getLast()), key("b"), "b");
    for (String queue : queues) {
      assertThat(drain(queue)).containsExactly("a", "none", "b");
    }
  }

  @Test
  void publishersOfOneKeyAtTwoExchangesInACircleAreAnswered() throws Exception {
    String one = exchange("fanout", Map.of(ON, true));
    String other = exchange("fanout", Map.of(ON, true));
    channel().exchangeBind(one, other, "");
    channel().exchangeBind(other, one, "");
    String queue = queue();
    channel().queueBind(queue, one, "");
    Channel channel = channel();
    channel.confirmSelect();
    for (int i = 0; i < 200; i++) {
      channel.basicPublish(one, "", key(i), bytes("m" + i));
      channel.basicPublish(other, "", key(i), bytes("m" + i));
    }
    // With an ack or a nack; this would fail by time.
    boolean unused = channel.waitForConfirms(10_000);
    assertThat(new HashSet<>(drain(queue))).hasSize(200);
  }

  @ParameterizedTest
  @EnumSource
  void aPersistentMessageIsNoDuplicateOfATransientOne(Where where) throws Exception {
    Way way = way(where, Map.of());
    AMQP.BasicProperties lasting = key("a");
    publish(way, lasting.builder().deliveryMode(1).build(), "transient");
    publish(way, lasting, "persistent");
    publish(way, lasting, "again");
    publish(way, lasting.builder().deliveryMode(1).build(), "again");
    assertThat(drain(way.queue)).containsExactly("transient", "persistent");
  }

  @ParameterizedTest
  @EnumSource
  void voidIsNoKey(Where where) throws Exception {
    Way way = way(where, Map.of());
    Map<String, Object> nothing = new HashMap<>();
    nothing.put(KEY, null);
    publish(way, headers(nothing), "one");
    publish(way, headers(nothing), "two");
    assertThat(drain(way.queue)).containsExactly("one", "two");
  }

  @Test
  void anExchangeMayDropDuplicatesAndDelay() throws Exception {
    String exchange = exchange("direct", Map.of(ON, true, "x-delayed-exchange", true));
    String queue = boundQueue(exchange, "key");
    Way way = new Way(exchange, queue);
    publish(way, headers(Map.of(KEY, "a", "x-delay", 200)), "late");
    publish(way, headers(Map.of(KEY, "a", "x-delay", 0)), "again");
    assertThat(getText(queue)).isEqualTo("late");
    assertThat(drain(queue)).isEmpty();
  }

  @Test
  void aWindowGoesWithWhatHasIt() throws Exception {
    Way way = way(Where.EXCHANGE, Map.of());
    publish(way, key("a"), "first");
    channel().exchangeDelete(way.exchange);
    channel().exchangeDeclare(way.exchange, "direct", true, false, Map.of(ON, true));
    channel().queueBind(way.queue, way.exchange, "key");
    publish(way, key("a"), "of another exchange");
    assertThat(drain(way.queue)).containsExactly("first", "of another exchange");
  }

  // Declarations.

  @ParameterizedTest
  @ValueSource(strings = {"x-cache-size", "x-cache-ttl", "x-cache-persistence"})
  void whatAnExchangeCannotBeIsRefused(String argument) throws Exception {
    String words =
        switch (argument) {
          case "x-cache-size" ->
              "Missing or invalid argument, 'x-cache-size' must be an integer greater than 0";
          case "x-cache-ttl" -> "Invalid argument, 'x-cache-ttl' must be an integer greater than 0";
          default -> "Invalid argument, 'x-cache-persistence' must be either 'disk' or 'memory'";
        };
    for (Object wrong : List.of(0, -1, true, "all")) {
      String name = exchangeName();
      expectChannelClose(
          406,
          "PRECONDITION_FAILED - " + words,
          () -> declareExchange(name, Map.of(ON, true, argument, wrong)));
    }
  }

  private void declareExchange(String name, Map<String, Object> arguments) throws Exception {
    channel().exchangeDeclare(removeExchangeLater(name), "topic", true, false, arguments);
  }

  @Test
  void whatQueuesCannotBeIsRefused() throws Exception {
    refusedQueue(ON, "yes", "{unacceptable_type,longstr}");
    refusedQueue("x-cache-size", 0, "{value_zero,0}");
    refusedQueue("x-cache-size", 1_000_001, "{value_too_large,1000001}");
    refusedQueue("x-cache-ttl", -1, "{value_negative,-1}");
    refusedQueue("x-cache-persistence", "tape", "invalid_cache_persistence");
    refusedQueue(KEY, "", "empty_deduplication_header");
    refusedQueue(KEY, 5, "{unacceptable_type,signedint}");
  }

  private void refusedQueue(String argument, Object value, String fault) throws Exception {
    String name = queueName();
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - invalid arg '%s' for queue '%s' in vhost '/': %s"
            .formatted(argument, name, fault),
        () -> declareQueue(name, Map.of(argument, value)));
  }

  private void declareQueue(String name, Map<String, Object> arguments) throws IOException {
    try {
      channel().queueDeclare(removeQueueLater(name), true, false, false, arguments);
    } catch (java.util.concurrent.TimeoutException e) {
      throw new IOException(e);
    }
  }

  @Test
  void aRedeclarationHasToSayTheSame() throws Exception {
    Map<String, Object> arguments =
        Map.of(
            ON,
            true,
            "x-cache-size",
            5,
            "x-cache-ttl",
            50,
            "x-cache-persistence",
            "memory",
            KEY,
            "id");
    String exchange = exchangeName();
    declareExchange(exchange, arguments);
    declareExchange(exchange, arguments);
    String queue = queueName();
    declareQueue(queue, arguments);
    declareQueue(queue, arguments);
    for (String name : arguments.keySet()) {
      Map<String, Object> others = new HashMap<>(arguments);
      others.remove(name);
      for (AMQP.Channel.Close close :
          Stream.of(
                  channelClose(channel(), () -> declareExchange(exchange, others)),
                  channelClose(channel(), () -> declareQueue(queue, others)))
              .toList()) {
        assertThat(close.getReplyCode()).isEqualTo(406);
        assertThat(close.getReplyText()).contains("inequivalent arg '" + name + "'");
      }
    }
  }
}
