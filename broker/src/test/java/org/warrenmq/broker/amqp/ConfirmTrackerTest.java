package org.warrenmq.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.warrenmq.codec.BasicMethod;

class ConfirmTrackerTest {
  private long held;
  private final ConfirmTracker tracker = new ConfirmTracker(bytes -> held += bytes);

  private void publish(int... queues) {
    for (int each : queues) {
      tracker.published(each);
    }
  }

  private List<Object> said() {
    return HandSession.framesOf(out -> tracker.writeAcks(out, 1));
  }

  private static BasicMethod ack(long number) {
    return new BasicMethod.Ack(number, false);
  }

  private static BasicMethod ackUpTo(long number) {
    return new BasicMethod.Ack(number, true);
  }

  private static BasicMethod nack(long number) {
    return new BasicMethod.Nack(number, false, true);
  }

  @Test
  @DisplayName("publishes are numbered from 1, and confirmed when all their queues have said so")
  void allQueues() {
    assertThat(tracker.published(2)).isEqualTo(1);
    assertThat(tracker.published(1)).isEqualTo(2);
    tracker.accepted(1);
    assertThat(said()).isEmpty();
    tracker.accepted(1);
    assertThat(said()).containsExactly(ack(1));
    tracker.accepted(2);
    assertThat(said()).containsExactly(ack(2));
    assertThat(said()).isEmpty();
  }

  @Test
  @DisplayName("one that no queue gets is confirmed at once")
  void unroutable() {
    publish(0);
    assertThat(said()).containsExactly(ack(1));
  }

  @Test
  @DisplayName("what is confirmed in a row is one ack")
  void inARow() {
    publish(1, 1, 1, 1);
    tracker.accepted(1);
    tracker.accepted(2);
    tracker.accepted(3);
    assertThat(said()).containsExactly(ackUpTo(3));
  }

  @Test
  @DisplayName("what overtakes the oldest is acked by itself, and not again when that has come")
  void overtakers() {
    publish(1, 1, 1, 1);
    tracker.accepted(3);
    assertThat(said()).containsExactly(ack(3));
    tracker.accepted(1);
    tracker.accepted(2);
    assertThat(said()).containsExactly(ackUpTo(2));
    tracker.accepted(4);
    assertThat(said()).containsExactly(ack(4));
  }

  @Test
  @DisplayName("an overtaker that is caught up with before anything is said is in the one ack")
  void caughtUp() {
    publish(1, 1, 1);
    tracker.accepted(3);
    tracker.accepted(2);
    tracker.accepted(1);
    assertThat(said()).containsExactly(ackUpTo(3));
  }

  @Test
  @DisplayName("what one queue refuses is refused, whatever others say, and once")
  void refused() {
    publish(3, 1);
    tracker.accepted(1);
    tracker.rejected(1);
    assertThat(said()).containsExactly(nack(1));
    tracker.rejected(1);
    tracker.accepted(2);
    assertThat(said()).as("what was nacked, an ack may pass").containsExactly(ackUpTo(2));
  }

  @Test
  @DisplayName("a nack comes before an ack that passes it")
  void nackFirst() {
    publish(1, 1, 1);
    tracker.accepted(1);
    tracker.rejected(2);
    tracker.accepted(3);
    assertThat(said()).containsExactly(nack(2), ackUpTo(3));
  }

  @Test
  @DisplayName("the ring grows with what is unconfirmed, and not much of it stays")
  void memory() {
    long least = held;
    for (int i = 0; i < 100_000; i++) {
      publish(1);
    }
    assertThat(held - least).isBetween(400_000L, 1_000_000L);
    for (int i = 1; i <= 100_000; i++) {
      tracker.accepted(i);
    }
    assertThat(said()).containsExactly(ackUpTo(100_000));
    assertThat(held).isEqualTo(least);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  @DisplayName("in any order, each is confirmed or refused once, and nothing too early")
  void anyOrder(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Long> open = new ArrayList<>();
    TreeSet<Long> unsaid = new TreeSet<>();
    TreeSet<Long> refused = new TreeSet<>();
    TreeSet<Long> decided = new TreeSet<>();
    for (int step = 0; step < 5_000; step++) {
      if (random.nextInt(100) < 48 || open.isEmpty()) {
        long number = tracker.published(1);
        open.add(number);
        unsaid.add(number);
      } else {
        long number = open.remove(random.nextInt(open.size()));
        decided.add(number);
        if (random.nextInt(10) == 0) {
          refused.add(number);
          tracker.rejected(number);
        } else {
          tracker.accepted(number);
        }
      }
      if (random.nextInt(4) == 0) {
        hear(unsaid, refused, decided);
        assertThat(unsaid).as("all is said that can be").noneMatch(decided::contains);
      }
    }
  }

  /** What a client makes of it: every number is said once, as it was decided. */
  private void hear(TreeSet<Long> unsaid, TreeSet<Long> refused, TreeSet<Long> decided) {
    for (Object frame : said()) {
      switch (frame) {
        case BasicMethod.Nack(long number, _, _) -> {
          assertThat(refused).contains(number);
          assertThat(unsaid.remove(number)).as("%d is said once", number).isTrue();
        }
        case BasicMethod.Ack(long number, boolean multiple) -> {
          assertThat(unsaid).as("what is acked was not said before").contains(number);
          var said = multiple ? unsaid.headSet(number, true) : unsaid.subSet(number, number + 1);
          assertThat(decided).containsAll(said);
          assertThat(said).noneMatch(refused::contains);
          said.clear();
        }
        default -> throw new AssertionError(frame);
      }
    }
  }
}
