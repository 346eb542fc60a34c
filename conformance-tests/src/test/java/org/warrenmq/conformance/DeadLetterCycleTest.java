package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Dead letters that come to a queue they have died in: they do if a client has rejected them on the
 * way. On the test thread. A witness gets a copy of every dead letter that goes round.
 */
@Behaviour(166)
class DeadLetterCycleTest extends DyingTest {

  @ParameterizedTest
  @CsvSource({"x-message-ttl, 100", "x-message-ttl, 0", "x-max-length, 0"})
  void aQueueDoesNotGetBackWhatItDropped(String argument, int value) throws Exception {
    String exchange = exchange("fanout", Map.of());
    String witness = boundQueue(exchange, "");
    String queue = queue(and(to(exchange), argument, value));
    channel().queueBind(queue, exchange, "");
    Inbox seen = Inbox.consume(newChannel(), witness, true);
    for (String text : List.of("1", "2", "3")) {
      send("", queue, text);
      // A copy that had come back would die once more, before the next one.
      assertThat(seen.texts(1)).containsExactly(text);
    }
    awaitReady(queue, 0);
    seen.assertNoMore();
  }

  @Test
  void itselfIsNoPlaceToGoForWhatExpires() throws Exception {
    String queue = queueName();
    channel().queueDeclare(queue, false, false, false, to(""));
    send("", queue, NO_PROPERTIES.builder().expiration("100").build(), "1");
    awaitReady(queue, 0);
    assertThat(take(queue)).isNull();
    send("", queue, "2");
    assertThat(drain(queue)).containsExactly("2");
  }

  @Test
  void whatIsRejectedComesBackAsOftenAsItIs() throws Exception {
    String queue = queueName();
    channel().queueDeclare(queue, false, false, false, to(""));
    send("", queue, "1");
    reject(queue);
    for (long count = 1; count <= 5; count++) {
      GetResponse back = reject(queue);
      assertThat(toll(back)).containsExactly(died(queue, "rejected", count));
      assertThat(redelivered(back)).isFalse();
    }
    assertThat(text(getEventually(queue))).isEqualTo("1");
  }

  @Test
  void twoQueuesDoNotPassItOnForEver() throws Exception {
    String exchange = exchange("direct", Map.of());
    String witness = boundQueue(exchange, "a");
    channel().queueBind(witness, exchange, "b");
    String a = queue(and(to(exchange, "b"), "x-message-ttl", SOON));
    String b = queue(and(to(exchange, "a"), "x-message-ttl", SOON));
    channel().queueBind(a, exchange, "a");
    channel().queueBind(b, exchange, "b");
    Inbox seen = Inbox.consume(newChannel(), witness, true);
    for (String text : List.of("1", "2")) {
      send("", a, text);
      // Once on its way to b, and once when a does not get it.
      assertThat(seen.texts(2)).containsExactly(text, text);
    }
    awaitReady(a, 0);
    awaitReady(b, 0);
    seen.assertNoMore();
  }

  @Test
  void aRejectionOnTheWayLetsItGoOn() throws Exception {
    String b = queueName();
    String a = expiring(b);
    channel().queueDeclare(b, false, false, false, toQueue(a));
    send("", a, "1");
    reject(b);
    for (long count = 1; count <= 3; count++) {
      GetResponse back = reject(b);
      assertThat(toll(back))
          .containsExactly(died(a, "expired", count + 1), died(b, "rejected", count));
    }
  }

  /** It has died in a since, and nobody has rejected it after that. */
  @Test
  void aRejectionBeforeDoesNotHelp() throws Exception {
    String exchange = exchange("fanout", Map.of());
    String witness = boundQueue(exchange, "");
    String b = queueName();
    String a = expiring(b);
    channel().queueDeclare(b, false, false, false, and(to(exchange), "x-message-ttl", 10 * SOON));
    channel().queueBind(a, exchange, "");
    Channel channel = newChannel();
    send("", b, "1");
    channel.basicReject(tag(hold(channel, b)), false);
    // a gets it, where it expires, and b, where it expires, too.
    assertThat(toll(getEventually(witness))).containsExactly(died(b, "rejected", 1));
    GetResponse last = getEventually(witness);
    assertThat(toll(last))
        .containsExactly(died(b, "expired", 1), died(a, "expired", 1), died(b, "rejected", 1));
    send("", b, "2");
    assertThat(getText(witness)).isEqualTo("2");
    awaitReady(a, 0);
  }

  @Test
  void whatAClientSaysOfDeathsMakesNoCycle() throws Exception {
    String dead = queue();
    String queue = expiring(dead);
    var theirs = List.of(Map.of("queue", dead, "reason", "expired", "count", 1L));
    send("", queue, headers(Map.of("x-death", theirs)), "1");
    assertThat(toll(getEventually(dead))).containsExactly(died(queue, "expired", 1));
  }
}
