package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What exchanges and queues remember of messages, across a stop and a kill. On the test thread. */
@ExtendWith(OwnBrokerOnly.class)
class StatefulExchangeRestartTest extends LimitedQueues {
  private static final String ONCE = "once";
  private static final String PAST = "past";

  private static void publish(Channel channel, String exchange, String id, int deliveryMode)
      throws Exception {
    AMQP.BasicProperties properties =
        new AMQP.BasicProperties.Builder()
            .deliveryMode(deliveryMode)
            .headers(new HashMap<>(Map.of("x-deduplication-header", id)))
            .build();
    channel.basicPublish(
        exchange, exchange.isEmpty() ? QUEUE : "", properties, id.getBytes(StandardCharsets.UTF_8));
  }

  private static void publish(Channel channel, String exchange) throws Exception {
    for (int i = 1; i <= 10; i++) {
      publish(channel, exchange, "lasting " + i, 2);
    }
    publish(channel, exchange, "fleeting", 1);
    channel.waitForConfirmsOrDie(10_000);
  }

  @ParameterizedTest
  @MethodSource("ends")
  void anExchangeKnowsDuplicatesAfterwards(End end) throws Exception {
    Map<String, Object> on = Map.of("x-message-deduplication", true, "x-cache-size", 8);
    theLastAreKnown(
        end,
        ONCE,
        channel -> {
          channel.exchangeDeclare(ONCE, "fanout", true, false, on);
          declare(channel, QUEUE, Map.of());
          channel.queueBind(QUEUE, ONCE, "");
        });
  }

  @ParameterizedTest
  @MethodSource("ends")
  void aQueueKnowsDuplicatesAfterwards(End end) throws Exception {
    Map<String, Object> on = Map.of("x-message-deduplication", true, "x-cache-size", 8);
    theLastAreKnown(end, "", channel -> declare(channel, QUEUE, on));
  }

  /**
   * Of 11 keys 8 are known, and that of a message that is lost by the end of the process is not.
   */
  private void theLastAreKnown(End end, String exchange, Deed declares) throws Exception {
    withBroker(
        end,
        channel -> {
          declares.on(channel);
          publish(channel, exchange);
          assertThat(drain(channel)).hasSize(11);
        });
    withBroker(
        end,
        channel -> {
          declares.on(channel);
          // An ack may have been on its way.
          drain(channel);
          for (int i = 10; i > 3; i--) {
            publish(channel, exchange, "lasting " + i, 2);
          }
          publish(channel, exchange, "fleeting", 1);
          publish(channel, exchange, "lasting 1", 2);
          channel.waitForConfirmsOrDie(10_000);
          assertThat(drain(channel)).containsExactly("fleeting", "lasting 1");
          channel.queueDelete(QUEUE);
          channel.exchangeDelete(ONCE);
        });
    withBroker(
        End.STOP,
        channel -> {
          declares.on(channel);
          publish(channel, exchange);
          assertThat(drain(channel)).hasSize(11);
        });
  }

  @ParameterizedTest
  @MethodSource("ends")
  void whatIsKeptInMemoryIsForgotten(End end) throws Exception {
    Map<String, Object> on =
        Map.of("x-message-deduplication", true, "x-cache-persistence", "memory");
    withBroker(
        end,
        channel -> {
          declare(channel, QUEUE, on);
          publish(channel, "", "a", 2);
          publish(channel, "", "a", 2);
          channel.waitForConfirmsOrDie(10_000);
        });
    withBroker(
        End.STOP,
        channel -> {
          publish(channel, "", "a", 2);
          channel.waitForConfirmsOrDie(10_000);
          assertThat(drain(channel)).as("one of each run").containsExactly("a", "a");
        });
  }

  @ParameterizedTest
  @MethodSource("ends")
  void aHistoryIsThereAfterwards(End end) throws Exception {
    Map<String, Object> five = Map.of("x-recent-history-length", 5);
    withBroker(
        end,
        channel -> {
          channel.exchangeDeclare(PAST, "x-recent-history", true, false, five);
          publish(channel, PAST);
          declare(channel, QUEUE, Map.of());
          channel.queueBind(QUEUE, PAST, "");
          assertThat(drain(channel)).hasSize(5).endsWith("fleeting");
        });
    List<String> expected = new ArrayList<>();
    withBroker(
        end,
        channel -> {
          List<String> left = drain(channel);
          if (end == End.STOP) {
            assertThat(left).as("what came with a binding that is not new").isEmpty();
          }
          for (int i = 7; i <= 10; i++) {
            expected.add("lasting " + i);
          }
          channel.queueBind(QUEUE, PAST, "another");
          assertThat(drain(channel)).isEqualTo(expected);
          publish(channel, PAST, "new 1", 2);
          publish(channel, PAST, "new 2", 2);
          channel.waitForConfirmsOrDie(10_000);
          assertThat(drain(channel)).containsExactly("new 1", "new 2");
        });
    withBroker(
        End.STOP,
        channel -> {
          drain(channel);
          channel.queueBind(QUEUE, PAST, "a third");
          assertThat(drain(channel))
              .containsExactly("lasting 8", "lasting 9", "lasting 10", "new 1", "new 2");
          channel.exchangeDelete(PAST);
        });
  }
}
