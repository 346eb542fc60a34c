package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What a restart leaves of times, priorities and counts of single messages, and of leases and
 * limits of queues. On the test thread.
 */
class QueueFeaturesRestartTest extends RestartTest {
  private static final int AN_HOUR = 3_600_000;
  private static final int LEVELS = 10;

  // ---------------------------------------------------------------- times of messages

  @Test
  @Behaviour({155, 180})
  void whatWasDueMeanwhileIsGone() throws Exception {
    int millis = 1000;
    String queue = durableQueue();
    sendFor(AN_HOUR, queue, "1");
    sendFor(millis, queue, "due");
    keep("", queue, "2");
    sendFor(millis, queue, "due");
    long sent = System.nanoTime();
    restartBroker();
    await("the end of their time", () -> millisSince(sent) > millis);
    assertThat(drain(queue)).containsExactly("1", "2");
    assertThat(ready(queue)).isZero();
  }

  @Test
  @Behaviour({155, 180})
  void timeGoesOnAcrossARestart() throws Exception {
    int millis = 4000;
    String queue = durableQueue();
    long sent = System.nanoTime();
    sendFor(millis, queue, "1", "2", "3");
    await("a part of their time", () -> millisSince(sent) > millis / 2);
    restartBroker();
    long restarted = System.nanoTime();
    awaitReady(queue, 0);
    assertThat(millisSince(sent)).as("age").isGreaterThanOrEqualTo(millis);
    // Half of it was left at most; a time that had begun anew would be there whole.
    assertThat(millisSince(restarted)).as("time since the restart").isLessThan(3 * millis / 4);
  }

  @Test
  @Behaviour({131, 157, 180})
  void whatWasUnacknowledgedKeepsItsTime() throws Exception {
    int millis = 1000;
    String queue = durableQueue();
    sendFor(AN_HOUR, queue, "1");
    sendFor(millis, queue, "2");
    Inbox.consume(newConnection().createChannel(), queue, false).take(2);
    long sent = System.nanoTime();
    restartBroker();
    await("the end of its time", () -> millisSince(sent) > millis);
    assertThat(contents(channel(), queue)).containsExactly("1*");
  }

  @Test
  void whatIsDueLeavesADeepQueueAfterwards() throws Exception {
    assumeFalse(BrokerUnderTest.isForeign(), "RabbitMQ lets messages expire at the head alone");
    int millis = 3000;
    int count = 20_000;
    String queue = durableQueue();
    var verdicts = Verdicts.of(newChannel());
    for (int i = 0; i < count; i++) {
      String expiration = "" + (i % 10 == 5 ? millis : AN_HOUR);
      verdicts.publish("", queue, properties().expiration(expiration).build(), "" + i);
    }
    assertThat(verdicts.acked()).hasSize(count);
    restartBroker();
    awaitReady(queue, count - count / 10);
    Inbox inbox = Inbox.consume(channel(), queue, true);
    for (int i = 0; i < count; i++) {
      if (i % 10 != 5) {
        assertThat(Inbox.text(inbox.next())).isEqualTo("" + i);
      }
    }
    inbox.assertNoMore();
  }

  @Test
  @Behaviour({156, 180})
  void theSmallerTimeCountsAfterwards() throws Exception {
    String queue = durableQueue(Map.of("x-message-ttl", AN_HOUR));
    String brief = durableQueue(Map.of("x-message-ttl", 200));
    restartBroker();
    sendFor(200, queue, "1");
    sendFor(AN_HOUR, brief, "1");
    awaitReady(queue, 0);
    awaitReady(brief, 0);
  }

  // ---------------------------------------------------------------- leases

  @Test
  @Behaviour({94, 180})
  void anUnusedQueueGoesAfterTheRestart() throws Exception {
    int millis = 2000;
    String exchange = exchangeName();
    channel().exchangeDeclare(exchange, "fanout", true, true, Map.of());
    String queue = durableQueue(Map.of("x-expires", millis));
    channel().queueBind(queue, exchange, "");
    keep("", queue, "1");
    restartBroker();
    await("its end", () -> !exchangeExists(exchange));
    assertThat(queueExists(queue)).isFalse();
    restartBroker();
    assertThat(queueExists(queue)).isFalse();
  }

  @Test
  @Behaviour({94, 180})
  void aUsedQueueDoesNot() throws Exception {
    int millis = 2000;
    String queue = durableQueue(Map.of("x-expires", millis));
    restartBroker();
    Inbox inbox = Inbox.consume(channel(), queue, true);
    letPass(millis);
    keep("", queue, "1");
    assertThat(inbox.texts(1)).containsExactly("1");
  }

  // ---------------------------------------------------------------- limits in octets

  @Test
  @Behaviour({118, 180})
  void theOctetsThereAreCountAfterwards() throws Exception {
    String dropping = durableQueue(Map.of("x-max-length-bytes", 10));
    String refusing =
        durableQueue(Map.of("x-max-length-bytes", 10, "x-overflow", "reject-publish"));
    keep("", dropping, "1111", "2222", "33");
    keep("", refusing, "1111", "2222");
    restartBroker();
    keep("", dropping, "4");
    assertThat(drain(dropping)).containsExactly("2222", "33", "4");
    var verdicts = Verdicts.of(newChannel());
    assertThat(verdicts.takes("", refusing, "333")).isFalse();
    assertThat(verdicts.takes("", refusing, "33")).isTrue();
    assertThat(take(refusing)).isEqualTo("1111");
    assertThat(verdicts.takes("", refusing, "4444")).isTrue();
    assertThat(verdicts.takes("", refusing, "5")).isFalse();
    assertThat(drain(refusing)).containsExactly("2222", "33", "4444");
  }

  // ---------------------------------------------------------------- priorities

  @Test
  @Behaviour({132, 150, 180})
  void prioritiesSurviveAndWhatWasHeldTakesItsPlace() throws Exception {
    String queue = durableQueue(Map.of("x-max-priority", 5));
    sendAll(queue, "a1", "b5", "c3", "d5", "e0", "f3");
    Channel holder = newConnection().createChannel();
    for (String text : List.of("b5", "d5", "c3")) {
      assertThat(text(hold(holder, queue))).isEqualTo(text);
    }
    holder.basicAck(2, false);
    holder.basicReject(3, true);
    awaitReady(queue, 4);
    restartBroker();
    sendAll(queue, "g5", "h1");
    assertThat(ready(queue)).isEqualTo(7);
    assertThat(contents(channel(), queue))
        .containsExactly("b5*", "g5", "c3*", "f3", "a1", "h1", "e0");
  }

  @Test
  @Behaviour({125, 150, 180})
  void aDeepQueueIsGivenLevelByLevelAfterwards() throws Exception {
    int count = 20_000;
    String queue = durableQueue(Map.of("x-max-priority", LEVELS - 1));
    var verdicts = Verdicts.of(newChannel());
    for (int i = 0; i < count; i++) {
      verdicts.publish("", queue, properties().priority(i % LEVELS).build(), "" + i);
    }
    assertThat(verdicts.acked()).hasSize(count);
    restartBroker();
    assertThat(ready(queue)).isEqualTo(count);
    List<String> expected = new ArrayList<>();
    for (int level = LEVELS - 1; level >= 0; level--) {
      for (int i = level; i < count; i += LEVELS) {
        expected.add("" + i);
      }
    }
    Inbox inbox = Inbox.consume(channel(), queue, true);
    assertThat(inbox.texts(count)).isEqualTo(expected);
    inbox.assertNoMore();
  }

  @Test
  @Behaviour({100, 150, 180})
  void whatLeftALevelStaysAway() throws Exception {
    String queue = durableQueue(Map.of("x-max-priority", 5));
    sendAll(queue, "a1", "b5", "c3");
    assertThat(take(queue)).isEqualTo("b5");
    restartBroker();
    assertThat(channel().queuePurge(queue).getMessageCount()).isEqualTo(2);
    sendAll(queue, "d2");
    restartBroker();
    assertThat(drain(queue)).containsExactly("d2");
    assertThat(channel().queueDelete(queue).getMessageCount()).isZero();
  }

  // ---------------------------------------------------------------- counts of deliveries

  @Test
  @Behaviour({172, 180})
  void deliveryCountsSurvive() throws Exception {
    String queue = durableQueue(Map.of("x-queue-type", "quorum", "x-delivery-limit", 3));
    keep("", queue, "1");
    Channel channel = channel();
    for (int i = 0; i < 2; i++) {
      awaitReady(queue, 1);
      channel.basicReject(tag(hold(channel, queue)), true);
    }
    awaitReady(queue, 1);
    restartBroker();
    GetResponse response = getEventually(queue);
    assertThat(redelivered(response)).isTrue();
    assertThat(response.getProps().getHeaders()).containsEntry("x-delivery-count", 2L);
  }

  private void sendFor(int millis, String queue, String... texts) throws Exception {
    for (String text : texts) {
      send("", queue, properties().expiration("" + millis).build(), text);
    }
  }

  private void sendAll(String queue, String... texts) throws Exception {
    for (String text : texts) {
      int priority = Integer.parseInt(text.substring(1));
      send("", queue, properties().priority(priority).build(), text);
    }
  }

  private static long millisSince(long nanos) {
    return Duration.ofNanos(System.nanoTime() - nanos).toMillis();
  }
}
