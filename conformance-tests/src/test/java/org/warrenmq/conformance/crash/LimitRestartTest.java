package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.warrenmq.conformance.Behaviour;

/** Limits of length and time across a stop and a kill. On the test thread. */
@ExtendWith(OwnBrokerOnly.class)
class LimitRestartTest extends LimitedQueues {
  private static final String OTHER = "other";

  @ParameterizedTest
  @MethodSource("ends")
  @Behaviour({117, 180})
  void afterwardsTheOldestGoAsBefore(End end) throws Exception {
    withBroker(
        end,
        channel -> {
          declare(channel, QUEUE, Map.of("x-max-length", 3));
          assertThat(fill(channel, QUEUE, 1, 5)).isTrue();
        });
    withBroker(
        End.STOP,
        channel -> {
          assertThat(ready(channel, QUEUE)).isEqualTo(3);
          assertThat(fill(channel, QUEUE, 6, 6)).isTrue();
          assertThat(ready(channel, QUEUE)).isEqualTo(3);
          assertThat(drain(channel)).containsExactly("4", "5", "6");
        });
  }

  @ParameterizedTest
  @MethodSource("ends")
  @Behaviour({116, 180})
  void afterwardsWhatDoesNotFitIsNackedAsBefore(End end) throws Exception {
    withBroker(
        end,
        channel -> {
          declare(channel, QUEUE, Map.of("x-max-length", 3, "x-overflow", "reject-publish"));
          assertThat(fill(channel, QUEUE, 1, 3)).isTrue();
          assertThat(fill(channel, QUEUE, 4, 5)).as("confirmed").isFalse();
        });
    withBroker(
        End.STOP,
        channel -> {
          assertThat(fill(channel, QUEUE, 6, 6)).as("confirmed").isFalse();
          assertThat(text(channel.basicGet(QUEUE, true))).isEqualTo("1");
          assertThat(fill(channel, QUEUE, 7, 7)).isTrue();
          assertThat(fill(channel, QUEUE, 8, 8)).as("confirmed").isFalse();
          assertThat(drain(channel)).containsExactly("2", "3", "7");
        });
  }

  @ParameterizedTest
  @MethodSource("ends")
  @Behaviour({117, 131, 180})
  void whatWasUnacknowledgedCountsAfterwards(End end) throws Exception {
    withBroker(
        end,
        channel -> {
          declare(channel, QUEUE, Map.of("x-max-length", 3));
          assertThat(fill(channel, QUEUE, 1, 3)).isTrue();
          for (int i = 1; i <= 2; i++) {
            assertThat(text(channel.basicGet(QUEUE, false))).isEqualTo("" + i);
          }
          assertThat(fill(channel, QUEUE, 4, 5)).isTrue();
        });
    withBroker(
        End.STOP,
        channel -> {
          // The first two are back, and one more than there is room for was published since.
          assertThat(ready(channel, QUEUE)).isEqualTo(3);
          assertThat(drain(channel)).containsExactly("3", "4", "5");
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
          declare(channel, QUEUE, Map.of("x-message-ttl", millis));
          declare(channel, OTHER, Map.of("x-message-ttl", 3_600_000));
          assertThat(fill(channel, OTHER, 1, 3)).isTrue();
          assertThat(fill(channel, QUEUE, 1, 3)).isTrue();
          sent[0] = System.nanoTime();
        });
    await("the end of their time", () -> millisSince(sent[0]) > millis);
    withBroker(
        End.STOP,
        channel -> {
          assertThat(channel.basicGet(QUEUE, true)).isNull();
          assertThat(ready(channel, QUEUE)).isZero();
          assertThat(ready(channel, OTHER)).isEqualTo(3);
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
          declare(channel, QUEUE, Map.of("x-message-ttl", millis));
          sent[0] = System.nanoTime();
          assertThat(fill(channel, QUEUE, 1, 3)).isTrue();
        });
    await("a part of their time", () -> millisSince(sent[0]) > millis / 2);
    withBroker(
        End.STOP,
        channel -> {
          long restarted = System.nanoTime();
          await("the end of all messages", () -> ready(channel, QUEUE) == 0);
          long late = millisSince(sent[0]) - millis;
          assertThat(late).isGreaterThanOrEqualTo(0);
          // Not a whole time after the restart, however long that took.
          assertThat(Math.min(late, millisSince(restarted))).isLessThan(millis / 2);
          // What comes now has its own time, which begins now.
          assertThat(fill(channel, QUEUE, 4, 4)).isTrue();
          assertThat(drain(channel)).containsExactly("4");
        });
  }
}
