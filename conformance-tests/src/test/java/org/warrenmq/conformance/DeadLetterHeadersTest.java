package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.LongString;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a dead letter says of its deaths, and what clients say of them. On the test thread. */
class DeadLetterHeadersTest extends DyingTest {
  private static final List<String> OF_DEATHS =
      List.of(
          "x-death",
          "x-first-death-exchange",
          "x-first-death-queue",
          "x-first-death-reason",
          "x-last-death-exchange",
          "x-last-death-queue",
          "x-last-death-reason");

  @Test
  @Behaviour({161, 163})
  void tellsOfADeath() throws Exception {
    String exchange = exchange("direct", Map.of());
    String dead = queue();
    String queue = queue(toQueue(dead));
    channel().queueBind(queue, exchange, "key");
    Instant before = Instant.now();
    send(exchange, "key", "1");
    reject(queue);
    GetResponse letter = getEventually(dead);
    assertThat(headers(letter)).containsOnlyKeys(OF_DEATHS);
    assertThat(deaths(letter)).hasSize(1);
    Map<String, Object> death = deaths(letter).getFirst();
    assertThat(death)
        .containsOnlyKeys("count", "reason", "queue", "time", "exchange", "routing-keys");
    assertThat(death.get("count")).isEqualTo(1L);
    assertThat(text(death, "reason")).isEqualTo("rejected");
    assertThat(text(death, "queue")).isEqualTo(queue);
    assertThat(text(death, "exchange")).isEqualTo(exchange);
    assertThat(death.get("time")).isInstanceOf(Date.class);
    assertThat(((Date) death.get("time")).toInstant())
        .isBetween(before.minus(Duration.ofSeconds(2)), before.plus(LIMIT));
    assertThat(routingKeys(death)).containsExactly("key");
    for (String place : List.of("first", "last")) {
      assertThat(header(letter, "x-" + place + "-death-exchange")).isEqualTo(exchange);
      assertThat(header(letter, "x-" + place + "-death-queue")).isEqualTo(queue);
      assertThat(header(letter, "x-" + place + "-death-reason")).isEqualTo("rejected");
    }
    assertThat(headers(letter).get("x-first-death-queue")).isInstanceOf(LongString.class);
  }

  /** Octet by octet, but for the time. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Behaviour({161, 163})
  void theOctetsAreThese(boolean expiring) throws Exception {
    String dead = queue();
    String queue = queue(toQueue(dead));
    var properties =
        expiring ? NO_PROPERTIES.builder().expiration("3600000").build() : NO_PROPERTIES;
    send("", queue, properties, "1");
    reject(queue);
    awaitReady(dead, 1);
    RawConnection raw = openRawConnection();
    raw.openChannel(1);
    raw.send(1, new AMQP.Basic.Get.Builder().queue(dead).noAck(true).build());
    raw.expect(1, AMQP.Basic.GetOk.class);
    byte[] header = raw.read().payload();
    Octets death = new Octets();
    if (expiring) {
      death.shortString("original-expiration").u8('S').longString("3600000");
    }
    death.shortString("count").u8('l').u64(1);
    death.shortString("reason").u8('S').longString("rejected");
    death.shortString("queue").u8('S').longString(queue);
    death.shortString("time").u8('T').u64(timeIn(header));
    death.shortString("exchange").u8('S').longString("");
    Octets keys = new Octets().u8('S').longString(queue);
    death.shortString("routing-keys").u8('A').longString(keys.toBytes());
    Octets deaths = new Octets().u8('F').longString(death.toBytes());
    Octets fields = new Octets().shortString("x-death").u8('A').longString(deaths.toBytes());
    for (String place : List.of("first", "last")) {
      fields.shortString("x-" + place + "-death-exchange").u8('S').longString("");
      fields.shortString("x-" + place + "-death-queue").u8('S').longString(queue);
      fields.shortString("x-" + place + "-death-reason").u8('S').longString("rejected");
    }
    assertThat(header).isEqualTo(Octets.headerWithTable(1, fields));
  }

  /** The seconds after the field's name and tag. */
  private static long timeIn(byte[] header) {
    byte[] name = new Octets().shortString("time").u8('T').toBytes();
    for (int at = 0; at + name.length + Long.BYTES <= header.length; at++) {
      if (Arrays.equals(header, at, at + name.length, name, 0, name.length)) {
        return ByteBuffer.wrap(header).getLong(at + name.length);
      }
    }
    throw new AssertionError("no time in " + HexFormat.of().formatHex(header));
  }

  @Test
  @Behaviour({161, 164})
  void anExpirationGoesAndIsTold() throws Exception {
    String dead = queue();
    String queue = queue(toQueue(dead));
    send("", queue, NO_PROPERTIES.builder().expiration("100").build(), "expired");
    GetResponse expired = getEventually(dead);
    send("", queue, NO_PROPERTIES.builder().expiration("+0060000").build(), "rejected");
    reject(queue);
    GetResponse rejected = getEventually(dead);
    assertThat(expired.getProps().getExpiration()).isNull();
    assertThat(rejected.getProps().getExpiration()).isNull();
    assertThat(text(deaths(expired).getFirst(), "original-expiration")).isEqualTo("100");
    assertThat(text(deaths(rejected).getFirst(), "original-expiration")).isEqualTo("60000");
  }

  /** A message's own time to live is told, whichever was over; that of its queue is not. */
  @Test
  @Behaviour({156, 161})
  void theTimeToLiveOfAQueueIsNotTold() throws Exception {
    String dead = queue();
    String queue = expiring(dead);
    send("", queue, NO_PROPERTIES.builder().expiration("60000").build(), "1");
    assertThat(text(deaths(getEventually(dead)).getFirst(), "original-expiration"))
        .isEqualTo("60000");
    send("", queue, "2");
    assertThat(deaths(getEventually(dead)).getFirst()).doesNotContainKey("original-expiration");
  }

  @Test
  @Behaviour(164)
  void allOtherPropertiesAndHeadersStay() throws Exception {
    Map<String, Object> headers = Map.of("text", "a", "number", 5, "table", Map.of("x", true));
    AMQP.BasicProperties sent =
        new AMQP.BasicProperties.Builder()
            .contentType("text/plain")
            .contentEncoding("gzip")
            .headers(headers)
            .deliveryMode(2)
            .priority(7)
            .correlationId("correlation")
            .replyTo("reply")
            .messageId("message")
            .timestamp(Date.from(Instant.ofEpochSecond(1_700_000_000L)))
            .type("type")
            .userId(broker.user())
            .appId("app")
            .clusterId("cluster")
            .build();
    String dead = queue();
    String queue = queue(toQueue(dead));
    send("", queue, sent, "1");
    Map<String, Object> before = headers(reject(queue));
    GetResponse letter = getEventually(dead);
    var after = new HashMap<>(headers(letter));
    assertThat(after.keySet()).containsAll(OF_DEATHS);
    OF_DEATHS.forEach(after::remove);
    assertThat(after).isEqualTo(before);
    assertThat(letter.getProps().builder().headers(headers).build()).isEqualTo(sent);
  }

  // ---------------------------------------------------------------- more deaths than one

  @Test
  @Behaviour({161, 162, 163})
  void theNewestDeathComesFirst() throws Exception {
    String end = queue();
    String third = queue(toQueue(end));
    String second = queue(and(toQueue(third), "x-max-length", 0));
    String first = expiring(second);
    send("", first, "1");
    reject(third);
    GetResponse letter = getEventually(end);
    assertThat(toll(letter))
        .containsExactly(
            died(third, "rejected", 1), died(second, "maxlen", 1), died(first, "expired", 1));
    assertThat(header(letter, "x-first-death-queue")).isEqualTo(first);
    assertThat(header(letter, "x-first-death-reason")).isEqualTo("expired");
    assertThat(header(letter, "x-last-death-queue")).isEqualTo(third);
    assertThat(header(letter, "x-last-death-reason")).isEqualTo("rejected");
    assertThat(deaths(letter))
        .extracting(DeadLetterHeadersTest::key)
        .containsExactly(third, second, first);
  }

  private static String key(Map<String, Object> death) {
    return String.join(" ", routingKeys(death));
  }

  @Test
  @Behaviour({161, 162})
  void theSameDeathAgainIsCounted() throws Exception {
    String exchange = exchange("fanout", Map.of());
    String a = queueName();
    String b = queue(toQueue(a));
    channel().queueDeclare(a, false, false, false, toQueue(b));
    channel().queueBind(a, exchange, "");
    send(exchange, "key", NO_PROPERTIES.builder().expiration("3600000").build(), "1");
    reject(a);
    Object time = null;
    for (long round = 1; round <= 3; round++) {
      GetResponse inB = reject(b);
      assertThat(toll(inB).getFirst()).isEqualTo(died(a, "rejected", round));
      Map<String, Object> death = deaths(inB).getFirst();
      // All but the count is of the first time.
      assertThat(text(death, "exchange")).isEqualTo(exchange);
      assertThat(text(death, "original-expiration")).isEqualTo("3600000");
      assertThat(routingKeys(death)).containsExactly("key");
      assertThat(death.get("time")).isEqualTo(time == null ? death.get("time") : time);
      time = death.get("time");
      assertThat(inB.getEnvelope().getRoutingKey()).isEqualTo(b);
      GetResponse inA = reject(a);
      assertThat(toll(inA)).containsExactly(died(b, "rejected", round), died(a, "rejected", round));
      assertThat(header(inA, "x-first-death-exchange")).isEqualTo(exchange);
      assertThat(header(inA, "x-last-death-queue")).isEqualTo(b);
      assertThat(header(inA, "x-last-death-exchange")).isEmpty();
    }
  }

  @Test
  @Behaviour(162)
  void anotherReasonIsAnotherDeath() throws Exception {
    String queue = queueName();
    String hold = queue(toQueue(queue));
    channel().queueDeclare(queue, false, false, false, and(toQueue(hold), "x-max-length", 1));
    send("", queue, "1");
    reject(queue);
    reject(hold);
    awaitReady(queue, 1);
    send("", queue, "2");
    GetResponse letter = getEventually(hold);
    assertThat(text(letter)).isEqualTo("1");
    assertThat(toll(letter))
        .containsExactly(
            died(queue, "maxlen", 1), died(hold, "rejected", 1), died(queue, "rejected", 1));
    assertThat(header(letter, "x-first-death-reason")).isEqualTo("rejected");
    assertThat(header(letter, "x-last-death-reason")).isEqualTo("maxlen");
  }

  @Test
  @Behaviour(162)
  void theHeadersDoNotGrow() throws Exception {
    String queue = queueName();
    channel().queueDeclare(queue, false, false, false, toQueue(queue));
    send("", queue, "1");
    for (int i = 0; i < 100; i++) {
      reject(queue);
    }
    GetResponse letter = getEventually(queue);
    assertThat(toll(letter)).containsExactly(died(queue, "rejected", 100));
  }

  // ---------------------------------------------------------------- what clients say

  @Test
  @Behaviour(169)
  void whatAClientSaysIsPassedOnUntilItDies() throws Exception {
    String dead = queue();
    String queue = queue(toQueue(dead));
    Map<String, Object> theirs =
        Map.of(
            "x-death",
            List.of(Map.of("queue", queue, "reason", "rejected", "count", 7L)),
            "x-first-death-queue",
            "theirs",
            "x-first-death-reason",
            5,
            "x-last-death-exchange",
            "theirs",
            "x-other",
            "theirs");
    send("", queue, headers(theirs), "1");
    GetResponse alive = reject(queue);
    assertThat(headers(alive)).containsOnlyKeys(theirs.keySet());
    assertThat(toll(alive)).containsExactly(died(queue, "rejected", 7));
    assertThat(headers(alive).get("x-first-death-reason")).isEqualTo(5);
    GetResponse letter = getEventually(dead);
    assertThat(toll(letter)).containsExactly(died(queue, "rejected", 1));
    assertThat(header(letter, "x-first-death-queue")).isEqualTo(queue);
    assertThat(header(letter, "x-first-death-reason")).isEqualTo("rejected");
    assertThat(header(letter, "x-last-death-exchange")).isEmpty();
    assertThat(header(letter, "x-other")).isEqualTo("theirs");
  }

  @ParameterizedTest
  @CsvSource({"text", "''"})
  @Behaviour(169)
  void nonsenseIsReplaced(String nonsense) throws Exception {
    String dead = queue();
    String queue = queue(toQueue(dead));
    for (Object value : List.of(nonsense, 5, true, List.of(), List.of(1, "a"), Map.of("a", 1))) {
      send("", queue, headers(Map.of("x-death", value)), "1");
      reject(queue);
      assertThat(toll(getEventually(dead))).containsExactly(died(queue, "rejected", 1));
    }
  }

  /** What was delivered is published again as it came. */
  @Test
  @Behaviour(169)
  void whatIsPublishedAgainBeginsAnew() throws Exception {
    String dead = queue();
    String queue = queue(toQueue(dead));
    send("", queue, "1");
    for (int i = 0; i < 3; i++) {
      reject(queue);
      GetResponse letter = getEventually(dead);
      assertThat(toll(letter)).containsExactly(died(queue, "rejected", 1));
      send("", queue, letter.getProps(), "1");
    }
  }
}
