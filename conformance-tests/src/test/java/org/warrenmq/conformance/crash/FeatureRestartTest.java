package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.warrenmq.conformance.Behaviour;

/**
 * Times of single messages, priorities, leases and limits in octets across a stop and a kill. On
 * the test thread.
 */
@ExtendWith(OwnBrokerOnly.class)
class FeatureRestartTest extends LimitedQueues {
  private static final int AN_HOUR = 3_600_000;

  @ParameterizedTest
  @MethodSource("ends")
  @Behaviour({150, 180})
  void afterwardsHigherOnesComeFirstAsBefore(End end) throws Exception {
    withBroker(
        end,
        channel -> {
          declare(channel, QUEUE, Map.of("x-max-priority", 5));
          for (String text : new String[] {"a1", "b5", "c3", "d5", "e0", "f9"}) {
            publish(channel, priorityOf(text), text);
          }
          assertThat(text(channel.basicGet(QUEUE, false))).isEqualTo("b5");
        });
    withBroker(
        End.STOP,
        channel -> {
          assertThat(ready(channel, QUEUE)).isEqualTo(6);
          publish(channel, priorityOf("g4"), "g4");
          assertThat(drain(channel)).containsExactly("b5", "d5", "f9", "g4", "c3", "a1", "e0");
        });
  }

  @ParameterizedTest
  @MethodSource("ends")
  @Behaviour({155, 180})
  void whatWasDueMeanwhileIsGone(End end) throws Exception {
    int millis = 1_000;
    long[] sent = new long[1];
    withBroker(
        end,
        channel -> {
          declare(channel, QUEUE, Map.of());
          publish(channel, expiring(AN_HOUR), "1");
          publish(channel, expiring(millis), "due");
          publish(channel, expiring(AN_HOUR), "2");
          publish(channel, expiring(millis), "due");
          sent[0] = System.nanoTime();
        });
    await("the end of their time", () -> millisSince(sent[0]) > millis);
    withBroker(
        End.STOP,
        channel -> {
          await("the end of what is due", () -> ready(channel, QUEUE) == 2);
          assertThat(drain(channel)).containsExactly("1", "2");
        });
  }

  @ParameterizedTest
  @MethodSource("ends")
  @Behaviour({155, 180})
  void timeGoesOnAcrossARestart(End end) throws Exception {
    int millis = 4_000;
    long[] sent = new long[1];
    withBroker(
        end,
        channel -> {
          declare(channel, QUEUE, Map.of("x-message-ttl", AN_HOUR));
          sent[0] = System.nanoTime();
          publish(channel, expiring(millis), "1");
          publish(channel, expiring(2 * AN_HOUR), "2");
          publish(channel, expiring(millis), "3");
        });
    await("a part of their time", () -> millisSince(sent[0]) > millis / 2);
    withBroker(
        End.STOP,
        channel -> {
          long restarted = System.nanoTime();
          await("the end of two", () -> ready(channel, QUEUE) == 1);
          assertThat(millisSince(sent[0])).as("age").isGreaterThanOrEqualTo(millis);
          // Half of it was left at most; a time that had begun anew would be there whole.
          assertThat(millisSince(restarted)).as("time since").isLessThan(3 * millis / 4);
          assertThat(drain(channel)).containsExactly("2");
        });
  }

  @ParameterizedTest
  @MethodSource("ends")
  @Behaviour({94, 180})
  void anUnusedQueueGoesAfterwards(End end) throws Exception {
    withBroker(
        end,
        channel -> {
          declare(channel, QUEUE, Map.of("x-expires", 2_000));
          // To ask for the queue would renew its lease; this goes with it.
          channel.exchangeDeclare("witness", "fanout", true, true, Map.of());
          channel.queueBind(QUEUE, "witness", "");
          publish(channel, expiring(AN_HOUR), "1");
        });
    withBroker(End.STOP, channel -> await("its end", () -> !exists(channel, "witness")));
    withBroker(
        End.STOP,
        channel -> {
          declare(channel, QUEUE, Map.of());
          assertThat(ready(channel, QUEUE)).isZero();
        });
  }

  @ParameterizedTest
  @MethodSource("ends")
  @Behaviour({118, 180})
  void afterwardsTheOctetsCountAsBefore(End end) throws Exception {
    withBroker(
        end,
        channel -> {
          declare(channel, QUEUE, Map.of("x-max-length-bytes", 10));
          for (String text : new String[] {"1111", "2222", "33", "4"}) {
            publish(channel, expiring(AN_HOUR), text);
          }
        });
    withBroker(
        End.STOP,
        channel -> {
          assertThat(ready(channel, QUEUE)).isEqualTo(3);
          publish(channel, expiring(AN_HOUR), "55555555");
          assertThat(drain(channel)).containsExactly("4", "55555555");
        });
  }

  private static boolean exists(Channel channel, String exchange) throws Exception {
    Channel asking = channel.getConnection().createChannel();
    try {
      asking.exchangeDeclarePassive(exchange);
      asking.close();
      return true;
    } catch (IOException refused) {
      if (refused.getCause() instanceof ShutdownSignalException signal
          && signal.getReason() instanceof AMQP.Channel.Close) {
        return false;
      }
      throw refused;
    }
  }

  /** Publishes to the queue and waits until that is confirmed. */
  private static void publish(Channel channel, AMQP.BasicProperties properties, String text)
      throws Exception {
    channel.basicPublish("", QUEUE, properties, text.getBytes(StandardCharsets.UTF_8));
    channel.waitForConfirmsOrDie(LIMIT.toMillis());
  }

  private static AMQP.BasicProperties priorityOf(String text) {
    return persistent().priority(Integer.parseInt(text.substring(1))).build();
  }

  private static AMQP.BasicProperties expiring(int millis) {
    return persistent().expiration("" + millis).build();
  }

  private static AMQP.BasicProperties.Builder persistent() {
    return new AMQP.BasicProperties.Builder().deliveryMode(2);
  }
}
