package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Delayed messages across a stop and a kill, also one in their midst. On the test thread. */
@ExtendWith(OwnBrokerOnly.class)
class DelayRestartTest extends LimitedQueues {
  private static final String EXCHANGE = "delayed";
  private static final int MANY = 5_000;

  private static void declare(Channel channel) throws Exception {
    channel.exchangeDeclare(
        EXCHANGE, "x-delayed-message", true, false, Map.of("x-delayed-type", "direct"));
    channel.queueDeclare(QUEUE, true, false, false, Map.of());
    channel.queueBind(QUEUE, EXCHANGE, "key");
    channel.confirmSelect();
  }

  private static void publish(Channel channel, String text, int deliveryMode, long at)
      throws Exception {
    AMQP.BasicProperties properties =
        new AMQP.BasicProperties.Builder()
            .deliveryMode(deliveryMode)
            .headers(new HashMap<>(Map.of("x-deliver-at", at)))
            .build();
    channel.basicPublish(EXCHANGE, "key", properties, text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> take(Channel channel, int count) throws Exception {
    List<String> texts = new ArrayList<>();
    await(
        count + " messages",
        () -> {
          texts.addAll(drain(channel));
          return texts.size() >= count;
        });
    return texts;
  }

  @ParameterizedTest
  @MethodSource("ends")
  void theyComeAtTheirTimesAfterwards(End end) throws Exception {
    long[] at = {0};
    withBroker(
        end,
        channel -> {
          declare(channel);
          long now = System.currentTimeMillis();
          at[0] = now + 6_000;
          publish(channel, "later", 2, at[0]);
          publish(channel, "due while it is down", 2, now + 100);
          publish(channel, "fleeting", 1, now + 5_000);
          publish(channel, "in a year", 2, now + 365L * 24 * 3600 * 1000);
          channel.waitForConfirmsOrDie(10_000);
          channel.queueUnbind(QUEUE, EXCHANGE, "key");
          channel.queueBind(QUEUE, EXCHANGE, "key");
        });
    withBroker(
        End.STOP,
        channel -> {
          assertThat(take(channel, 1)).containsExactly("due while it is down");
          assertThat(take(channel, 1)).containsExactly("later");
          assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(at[0]);
          assertThat(channel.basicGet(QUEUE, true)).isNull();
          channel.exchangeDelete(EXCHANGE);
        });
    withBroker(
        End.STOP,
        channel -> {
          declare(channel);
          assertThat(channel.basicGet(QUEUE, true)).isNull();
        });
  }

  @ParameterizedTest
  @MethodSource("ends")
  void inTheMidstOfManyNoneIsLost(End end) throws Exception {
    Set<String> seen = new HashSet<>();
    withBroker(
        end,
        channel -> {
          declare(channel);
          long at = System.currentTimeMillis() + 3_000;
          for (int i = 0; i < MANY; i++) {
            publish(channel, "" + i, 2, at + i / 10);
          }
          channel.waitForConfirmsOrDie(30_000);
          seen.addAll(take(channel, MANY / 3));
        });
    withBroker(
        End.STOP,
        channel -> {
          await(
              "all messages",
              () -> {
                seen.addAll(drain(channel));
                return seen.size() == MANY;
              });
        });
  }
}
