package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.MessageProperties;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Queues with a limit in octets of bodies, alone and beside one in messages. On the test thread.
 */
class MaxLengthBytesTest extends MessagingTest {
  private static final int MIB = 1 << 20;

  static Stream<Map<String, Object>> limitsOfTen() {
    return Stream.of(
        Map.of("x-max-length-bytes", (byte) 10),
        Map.of("x-max-length-bytes", (short) 10),
        Map.of("x-max-length-bytes", 10),
        Map.of("x-max-length-bytes", 10L),
        Map.of("x-max-length-bytes", 10, "x-overflow", "drop-head"));
  }

  @ParameterizedTest
  @MethodSource("limitsOfTen")
  @Behaviour(118)
  void theOldestGo(Map<String, Object> arguments) throws Exception {
    String queue = queue(arguments);
    send("", queue, "1111", "2222", "33");
    assertThat(ready(queue)).isEqualTo(3);
    send("", queue, "4");
    assertThat(drain(queue)).containsExactly("2222", "33", "4");
  }

  @Test
  @Behaviour(118)
  void aLimitMayBeBeyondAllNumbersOf32Bits() throws Exception {
    String queue = queue(limit(1L << 32));
    fill(queue, 3);
    assertThat(drain(queue)).containsExactly("1", "2", "3");
  }

  @Test
  @Behaviour(118)
  void oneLargeMessagePushesOutSeveral() throws Exception {
    String queue = queue(limit(10));
    send("", queue, "1", "2", "3", "4", "55555", "66666666");
    assertThat(drain(queue)).containsExactly("66666666");
    send("", queue, "11", "22", "33", "44", "55", "6666666");
    assertThat(drain(queue)).containsExactly("55", "6666666");
  }

  @Test
  @Behaviour(118)
  void oneThatIsLargerThanTheLimitEmptiesTheQueue() throws Exception {
    String queue = queue(limit(10));
    send("", queue, "1111", "x".repeat(11));
    assertThat(ready(queue)).isZero();
    assertThat(take(queue)).isNull();
    send("", queue, "2222", "x".repeat(10));
    assertThat(drain(queue)).containsExactly("x".repeat(10));
  }

  @Test
  @Behaviour(118)
  void onlyBodiesCount() throws Exception {
    String queue = queue(limit(10));
    var properties =
        NO_PROPERTIES.builder().correlationId("c").headers(Map.of("k", "v".repeat(500))).build();
    send("", queue, properties, "11111");
    send("", queue, properties, "22222");
    for (int i = 0; i < 20; i++) {
      send("", queue, properties, "");
    }
    assertThat(ready(queue)).isEqualTo(22);
    send("", queue, "3");
    assertThat(drain(queue)).hasSize(22).startsWith("22222").endsWith("3");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Behaviour({115, 118})
  void whatIsDroppedIsConfirmedAllTheSame(boolean durable) throws Exception {
    String queue = durable ? durableQueue(limit(40)) : queue(limit(40));
    var verdicts = Verdicts.of(newChannel());
    verdicts.fill(
        queue, durable ? MessageProperties.MINIMAL_PERSISTENT_BASIC : NO_PROPERTIES, 2000);
    assertThat(verdicts.acked()).hasSize(2000);
    assertThat(verdicts.nacked()).isEmpty();
    List<String> newest = IntStream.rangeClosed(1991, 2000).mapToObj(Integer::toString).toList();
    assertThat(drain(queue)).isEqualTo(newest);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Behaviour({35, 118})
  void bodiesOfMegabytesCountWhole(boolean durable) throws Exception {
    Map<String, Object> limit = limit(5 * MIB);
    String queue = durable ? durableQueue(limit) : queue(limit);
    AMQP.BasicProperties properties =
        durable ? MessageProperties.MINIMAL_PERSISTENT_BASIC : NO_PROPERTIES;
    for (String letter : List.of("a", "b", "c")) {
      send("", queue, properties, letter.repeat(2 * MIB));
    }
    assertThat(ready(queue)).isEqualTo(2);
    send("", queue, properties, "d".repeat(MIB));
    send("", queue, properties, "e");
    assertThat(ready(queue)).isEqualTo(3);
    assertThat(take(queue)).isEqualTo("c".repeat(2 * MIB));
    send("", queue, properties, "f".repeat(5 * MIB + 1));
    assertThat(ready(queue)).isZero();
    assertThat(take(queue)).isNull();
  }

  @Test
  @Behaviour({103, 118})
  void everyQueueOfAnExchangeHasItsOwnLimit() throws Exception {
    String fanout = exchange("fanout", Map.of());
    List<String> queues = List.of(queue(limit(1)), queue(), queue(limit(3)));
    for (String queue : queues) {
      channel().queueBind(queue, fanout, "");
    }
    send(fanout, "", "1", "2", "3", "4");
    assertThat(drain(queues.get(0))).containsExactly("4");
    assertThat(drain(queues.get(1))).containsExactly("1", "2", "3", "4");
    assertThat(drain(queues.get(2))).containsExactly("2", "3", "4");
  }

  // ---------------------------------------------------------------- what is unacknowledged

  @Test
  @Behaviour({99, 118})
  void whatIsUnacknowledgedDoesNotCount() throws Exception {
    String queue = queue(limit(4));
    send("", queue, "11", "22");
    hold(channel(), queue);
    send("", queue, "33");
    assertThat(ready(queue)).isEqualTo(2);
    hold(channel(), queue);
    send("", queue, "4444");
    assertThat(drain(queue)).containsExactly("4444");
  }

  @Test
  @Behaviour({118, 131})
  void whatComesBackIsAtTheHeadAndGoesFirst() throws Exception {
    String queue = queue(limit(6));
    send("", queue, "11", "22", "33");
    Channel channel = newChannel();
    hold(channel, queue);
    long second = tag(hold(channel, queue));
    send("", queue, "44");
    channel.basicNack(second, true, true);
    assertThat(contents(channel, queue)).containsExactly("22*", "33", "44");
  }

  @Test
  @Behaviour({118, 131})
  void whatAChannelHeldAtItsEndCountsAgain() throws Exception {
    String queue = queue(limit(6));
    send("", queue, "11", "22", "33");
    Channel channel = newChannel();
    hold(channel, queue);
    hold(channel, queue);
    send("", queue, "4444");
    channel.close();
    awaitReady(queue, 2);
    assertThat(contents(observer(), queue)).containsExactly("33", "4444");
  }

  @Test
  @Behaviour({118, 145})
  void whatAConsumerHoldsDoesNotCountEither() throws Exception {
    String queue = queue(limit(2));
    Channel channel = newChannel();
    channel.basicQos(3);
    Inbox inbox = Inbox.consume(channel, queue, false);
    fill(queue, 7);
    assertThat(inbox.texts(2)).containsExactly("1", "2");
    channel.basicAck(inbox.nextTag(), true);
    assertThat(inbox.texts(2)).containsExactly("6", "7");
    inbox.assertNoMore();
  }

  // ---------------------------------------------------------------- a limit of zero

  @Test
  @Behaviour(118)
  void aLimitOfZeroKeepsWhatHasNoBody() throws Exception {
    String queue = queue(limit(0));
    send("", queue, "", "");
    assertThat(ready(queue)).isEqualTo(2);
    send("", queue, "1");
    assertThat(ready(queue)).isZero();
    send("", queue, "");
    assertThat(drain(queue)).containsExactly("");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Behaviour({118, 126})
  void aLimitOfZeroPassesOnToWhoWaits(boolean autoAck) throws Exception {
    String queue = queue(limit(0));
    Inbox inbox = Inbox.consume(newChannel(), queue, autoAck);
    fill(queue, 3);
    assertThat(inbox.texts(3)).containsExactly("1", "2", "3");
  }

  // ---------------------------------------------------------------- beside a number of messages

  @Test
  @Behaviour({117, 118})
  void whicheverLimitIsReachedFirstCounts() throws Exception {
    String queue = queue(Map.of("x-max-length", 3, "x-max-length-bytes", 10));
    send("", queue, "1", "2", "3", "4");
    assertThat(ready(queue)).isEqualTo(3);
    send("", queue, "55555", "6666");
    assertThat(drain(queue)).containsExactly("4", "55555", "6666");
    send("", queue, "1", "2", "x".repeat(10));
    assertThat(drain(queue)).containsExactly("x".repeat(10));
  }

  @ParameterizedTest
  @CsvSource({"2,10", "100,6"})
  @Behaviour({116, 117, 118})
  void whicheverLimitIsReachedFirstRefuses(int messages, int octets) throws Exception {
    String queue =
        queue(
            Map.of(
                "x-max-length",
                messages,
                "x-max-length-bytes",
                octets,
                "x-overflow",
                "reject-publish"));
    var verdicts = Verdicts.of(newChannel());
    assertThat(verdicts.takes("", queue, "111")).isTrue();
    assertThat(verdicts.takes("", queue, "222")).isTrue();
    assertThat(verdicts.takes("", queue, "3")).isFalse();
    assertThat(take(queue)).isEqualTo("111");
    assertThat(verdicts.takes("", queue, "333")).isTrue();
    assertThat(drain(queue)).containsExactly("222", "333");
  }

  // ---------------------------------------------------------------- what refuses

  @ParameterizedTest
  @ValueSource(strings = {"reject-publish", "reject-publish-dlx"})
  @Behaviour({116, 118})
  void whatDoesNotFitIsRefusedAndWhatFitsIsTaken(String overflow) throws Exception {
    String queue = queue(rejecting(10, overflow));
    var verdicts = Verdicts.of(newChannel());
    assertThat(verdicts.takes("", queue, "1111")).isTrue();
    assertThat(verdicts.takes("", queue, "2222")).isTrue();
    assertThat(verdicts.takes("", queue, "333")).isFalse();
    assertThat(verdicts.takes("", queue, "44")).isTrue();
    assertThat(verdicts.takes("", queue, "5")).isFalse();
    assertThat(verdicts.takes("", queue, "")).isTrue();
    assertThat(verdicts.nacked()).containsExactly(3L, 5L);
    assertThat(drain(queue)).containsExactly("1111", "2222", "44", "");
  }

  /** Without a dead letter exchange both strategies are one. */
  @Test
  @Behaviour(116)
  void whatIsRefusedForDeadLettersIsNackedWithoutAnExchangeToo() throws Exception {
    String queue = queue(Map.of("x-max-length", 1, "x-overflow", "reject-publish-dlx"));
    var verdicts = Verdicts.of(newChannel());
    assertThat(verdicts.takes("", queue, "1")).isTrue();
    assertThat(verdicts.takes("", queue, "2")).isFalse();
    assertThat(drain(queue)).containsExactly("1");
  }

  @Test
  @Behaviour({116, 118})
  void whatIsLargerThanTheLimitIsNeverTaken() throws Exception {
    String queue = queue(rejecting(10, "reject-publish"));
    var verdicts = Verdicts.of(newChannel());
    assertThat(verdicts.takes("", queue, "x".repeat(11))).isFalse();
    assertThat(verdicts.takes("", queue, "y".repeat(2 * MIB))).isFalse();
    assertThat(verdicts.takes("", queue, "z".repeat(10))).isTrue();
    assertThat(drain(queue)).containsExactly("z".repeat(10));
  }

  @Test
  @Behaviour({99, 100, 116, 118})
  void whatIsTakenHeldOrPurgedMakesRoom() throws Exception {
    String queue = queue(rejecting(4, "reject-publish"));
    var verdicts = Verdicts.of(newChannel());
    send("", queue, "11", "22");
    assertThat(verdicts.takes("", queue, "refused")).isFalse();
    long held = tag(hold(channel(), queue));
    assertThat(verdicts.takes("", queue, "33")).isTrue();
    assertThat(verdicts.takes("", queue, "4")).isFalse();
    channel().basicReject(held, true);
    awaitReady(queue, 3);
    // What comes back is kept beyond the limit.
    assertThat(verdicts.takes("", queue, "4")).isFalse();
    assertThat(take(queue)).isEqualTo("11");
    assertThat(verdicts.takes("", queue, "4")).isFalse();
    assertThat(channel().queuePurge(queue).getMessageCount()).isEqualTo(2);
    assertThat(verdicts.takes("", queue, "4444")).isTrue();
    assertThat(drain(queue)).containsExactly("4444");
  }

  @Test
  @Behaviour({116, 118})
  void aLimitOfZeroTakesOnlyWhatHasNoBody() throws Exception {
    String queue = queue(rejecting(0, "reject-publish"));
    var verdicts = Verdicts.of(newChannel());
    assertThat(verdicts.takes("", queue, "")).isTrue();
    assertThat(verdicts.takes("", queue, "1")).isFalse();
    assertThat(ready(queue)).isEqualTo(1);
  }

  private static Map<String, Object> limit(long octets) {
    return Map.of("x-max-length-bytes", octets);
  }

  private static Map<String, Object> rejecting(int octets, String overflow) {
    return Map.of("x-max-length-bytes", octets, "x-overflow", overflow);
  }
}
