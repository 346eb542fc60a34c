package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.GetResponse;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Dead letters before and after a restart. On the test thread. */
class DeadLetterRestartTest extends RestartTest {

  @Test
  @Behaviour({160, 161, 180})
  void deadLettersSurvive() throws Exception {
    String dead = durableQueue();
    String queue = durableQueue(DyingTest.toQueue(dead));
    keepMany(queue, 100);
    var inbox = Inbox.consume(channel(), queue, false);
    channel().basicNack(Inbox.tag(inbox.take(100).getLast()), true, false);
    awaitReady(dead, 100);
    restartBroker();
    for (int i = 1; i <= 100; i++) {
      GetResponse letter = hold(channel(), dead);
      assertThat(text(letter)).isEqualTo(Integer.toString(i));
      assertThat(DyingTest.toll(letter)).containsExactly(DyingTest.died(queue, "rejected", 1));
    }
    assertThat(ready(queue)).isZero();
  }

  @Test
  @Behaviour({160, 180})
  void transientOnesDoNot() throws Exception {
    String dead = durableQueue();
    String queue = durableQueue(DyingTest.toQueue(dead));
    send("", queue, NO_PROPERTIES, "transient");
    keep("", queue, "persistent");
    for (int i = 0; i < 2; i++) {
      channel().basicReject(tag(hold(channel(), queue)), false);
    }
    awaitReady(dead, 2);
    restartBroker();
    assertThat(drain(dead)).containsExactly("persistent");
  }

  /** What it has died of is known, and told from what a client says. */
  @Test
  @Behaviour({162, 166, 169, 180})
  void theyGoOnCountingAfterwards() throws Exception {
    String queue = queueName();
    channel().queueDeclare(queue, true, false, false, DyingTest.to(""));
    keep("", queue, "1");
    channel().basicReject(tag(hold(channel(), queue)), false);
    Map<String, Object> delivered = DyingTest.headers(getAndKeep(queue));
    String other = durableQueue(DyingTest.toQueue(queue));
    send("", other, properties().headers(delivered).build(), "2");
    restartBroker();
    channel().basicReject(tag(hold(channel(), queue)), false);
    GetResponse twice = getEventually(queue);
    assertThat(DyingTest.toll(twice)).containsExactly(DyingTest.died(queue, "rejected", 2));
    channel().basicReject(tag(hold(channel(), other)), false);
    GetResponse theirs = getEventually(queue);
    assertThat(text(theirs)).isEqualTo("2");
    assertThat(DyingTest.toll(theirs)).containsExactly(DyingTest.died(other, "rejected", 1));
  }

  /** The next message, which stays in its queue. */
  private GetResponse getAndKeep(String queue) throws Exception {
    awaitReady(queue, 1);
    GetResponse response = hold(channel(), queue);
    channel().basicReject(tag(response), true);
    return response;
  }

  @Test
  @Behaviour({165, 180})
  void theKeysOfCopiesGoOnToApply() throws Exception {
    String exchange = durableExchange(BuiltinExchangeType.DIRECT);
    String dead = durableQueue();
    channel().queueBind(dead, exchange, "open");
    String blind = durableQueue();
    channel().queueBind(blind, exchange, "blind");
    String queue = durableQueue(DyingTest.to(exchange));
    String replaced = durableQueue(DyingTest.toQueue(queue));
    Map<String, Object> copies = Map.of("CC", List.of("open"), "BCC", List.of("blind"));
    send("", queue, properties().headers(copies).build(), "copied");
    send("", replaced, properties().headers(copies).build(), "replaced");
    channel().basicReject(tag(hold(channel(), replaced)), false);
    awaitReady(queue, 2);
    restartBroker();
    for (int i = 0; i < 2; i++) {
      channel().basicReject(tag(hold(channel(), queue)), false);
    }
    assertThat(getText(dead)).isEqualTo("copied");
    GetResponse response = getEventually(blind);
    assertThat(text(response)).isEqualTo("copied");
    assertThat(DyingTest.headers(response)).containsKey("CC").doesNotContainKey("BCC");
    assertThat(drain(dead)).isEmpty();
    assertThat(drain(blind)).isEmpty();
  }

  @Test
  @Behaviour({155, 167, 180})
  void whatWasDueMeanwhileDiesAfterwards() throws Exception {
    String exchange = durableExchange(BuiltinExchangeType.FANOUT);
    String dead = durableQueue();
    channel().queueBind(dead, exchange, "");
    String queue =
        durableQueue(DyingTest.and(DyingTest.to(exchange), "x-message-ttl", DyingTest.SOON * 10));
    keepMany(queue, 200);
    restartBroker();
    awaitReady(dead, 200);
    assertThat(drain(dead))
        .isEqualTo(IntStream.rangeClosed(1, 200).mapToObj(Integer::toString).toList());
  }

  @Test
  @Behaviour({160, 180})
  void aLargeBodySurvivesItsQueue() throws Exception {
    byte[] body = new byte[1_500_000];
    for (int i = 0; i < body.length; i++) {
      body[i] = (byte) (i * 31 >> 3);
    }
    String exchange = durableExchange(BuiltinExchangeType.FANOUT);
    List<String> dead = List.of(durableQueue(), durableQueue());
    for (String each : dead) {
      channel().queueBind(each, exchange, "");
    }
    String queue = durableQueue(DyingTest.to(exchange));
    channel().basicPublish("", queue, PERSISTENT, body);
    channel().basicReject(tag(getAndHold(queue)), false);
    for (String each : dead) {
      awaitReady(each, 1);
    }
    channel().queueDelete(queue);
    restartBroker();
    for (String each : dead) {
      assertThat(getEventually(each).getBody()).isEqualTo(body);
    }
  }

  private GetResponse getAndHold(String queue) throws Exception {
    awaitReady(queue, 1);
    return hold(channel(), queue);
  }
}
