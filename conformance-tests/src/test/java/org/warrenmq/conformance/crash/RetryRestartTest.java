package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.warrenmq.conformance.Behaviour;

/**
 * What waits to be delivered once more, across a stop and a kill. What is out at the end was not
 * given back, and need not wait. On the test thread.
 */
@ExtendWith(OwnBrokerOnly.class)
class RetryRestartTest extends LimitedQueues {
  private static final int AN_HOUR = 3_600_000;

  @ParameterizedTest
  @MethodSource("ends")
  @Behaviour({131, 180})
  void itsTimeGoesOn(End end) throws Exception {
    int millis = 4_000;
    long[] back = new long[1];
    withBroker(
        end,
        channel -> {
          declare(channel, QUEUE, retrying(millis, Map.of()));
          assertThat(fill(channel, QUEUE, 1, 4)).isTrue();
          back[0] = System.nanoTime();
          giveBack(channel, 1, 3);
        });
    withBroker(
        End.STOP,
        channel -> {
          await("what need not wait", () -> ready(channel, QUEUE) == 2);
          assertThat(drain(channel)).containsExactly("2", "4");
          long restarted = System.nanoTime();
          await("the end of the wait", () -> ready(channel, QUEUE) == 2);
          assertThat(millisSince(back[0])).as("time since").isGreaterThanOrEqualTo(millis);
          assertThat(millisSince(restarted)).as("not anew").isLessThan(millis);
          assertThat(drain(channel)).containsExactly("1", "3");
        });
  }

  /** The front is read, and what waits behind it must not be dropped for it. */
  @ParameterizedTest
  @MethodSource("ends")
  @Behaviour({117, 180})
  void whatWaitsDoesNotCountAgainstTheLengthAfterwards(End end) throws Exception {
    withBroker(
        end,
        channel -> {
          declare(channel, QUEUE, retrying(AN_HOUR, Map.of("x-max-length", 5)));
          assertThat(fill(channel, QUEUE, 1, 5)).isTrue();
          giveBack(channel, 2, 4);
          assertThat(fill(channel, QUEUE, 6, 7)).isTrue();
        });
    withBroker(
        End.STOP,
        channel -> {
          await("what need not wait", () -> ready(channel, QUEUE) == 5);
          assertThat(drain(channel)).containsExactly("1", "3", "5", "6", "7");
          assertThat(channel.queuePurge(QUEUE).getMessageCount()).isEqualTo(2);
        });
  }

  /** More than is read at once, and than memory is for. */
  @ParameterizedTest
  @MethodSource("ends")
  @Behaviour({131, 180})
  void manyThatWaitAreFoundAmongMany(End end) throws Exception {
    int many = 20_000;
    withBroker(
        end,
        channel -> {
          declare(channel, QUEUE, retrying(AN_HOUR, Map.of()));
          assertThat(fill(channel, QUEUE, 1, many)).isTrue();
          for (int i = 1; i <= many / 2; i++) {
            channel.basicGet(QUEUE, false);
          }
          for (int tag : new int[] {many / 2, 1, many / 4}) {
            channel.basicNack(tag, false, true);
          }
          settled(channel, many / 2);
        });
    withBroker(
        End.STOP,
        channel -> {
          await("what need not wait", () -> ready(channel, QUEUE) == many - 3);
          List<String> left = drain(channel);
          assertThat(left).hasSize(many - 3).doesNotContain("1", "" + many / 4, "" + many / 2);
          assertThat(channel.queuePurge(QUEUE).getMessageCount()).isEqualTo(3);
        });
  }

  /** Takes all that is ready and gives some back, which are written then. */
  private static void giveBack(Channel channel, int... numbers) throws Exception {
    int count = ready(channel, QUEUE);
    for (int i = 0; i < count; i++) {
      channel.basicGet(QUEUE, false);
    }
    for (int number : numbers) {
      channel.basicNack(number, false, true);
    }
    settled(channel, 0);
  }

  /** A return has no answer: what is confirmed later was written later. */
  private static void settled(Channel channel, int ready) throws Exception {
    assertThat(ready(channel, QUEUE)).isEqualTo(ready);
    declare(channel, "witness", Map.of());
    for (int i = 0; i < 3; i++) {
      assertThat(fill(channel, "witness", 1, 1)).isTrue();
    }
  }

  private static Map<String, Object> retrying(int millis, Map<String, Object> more) {
    Map<String, Object> arguments = new HashMap<>(more);
    arguments.put("x-delayed-retry-type", "returned");
    arguments.put("x-delayed-retry-min", millis);
    return arguments;
  }
}
