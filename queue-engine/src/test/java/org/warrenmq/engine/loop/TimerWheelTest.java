package org.warrenmq.engine.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Any number of timers over one of the event loop's. */
class TimerWheelTest {
  private static final int ROUND = TimerWheel.TICK * TimerWheel.SLOTS;

  private final HandLoop hand = new HandLoop();
  private final TimerWheel timers = hand.rooms().timers();
  private final List<String> rung = new ArrayList<>();

  private long now() {
    return hand.rooms().clock().millis();
  }

  private TimerWheel.Timer in(long millis, String name) {
    return timers.at(now() + millis, () -> rung.add(name));
  }

  private void pass(long millis) {
    hand.pass(millis);
    hand.run();
  }

  @Test
  void ringsAtItsTimeAndNeverBefore() {
    in(100, "a");
    pass(99);
    assertThat(rung).isEmpty();
    pass(1 + TimerWheel.TICK);
    assertThat(rung).containsExactly("a");
    pass(10 * ROUND);
    assertThat(rung).containsExactly("a");
  }

  @Test
  void aClockThatWasSetBackCountsFromThere() {
    in(60_000, "before");
    pass(1000);
    hand.turnClock(-3_600_000);
    in(2000, "after");
    pass(1999);
    assertThat(rung).isEmpty();
    pass(1 + TimerWheel.TICK);
    assertThat(rung).containsExactly("after");
    in(50, "again");
    pass(50 + TimerWheel.TICK);
    assertThat(rung).containsExactly("after", "again");
    pass(3_600_000 + 60_000);
    assertThat(rung).containsExactly("after", "again", "before");
  }

  @Test
  void aClockThatWasSetAheadIsNoticedWithinARound() {
    in(3_600_000, "far");
    hand.turnClock(7_200_000);
    in(50, "near");
    pass(ROUND);
    assertThat(rung).containsExactlyInAnyOrder("far", "near");
  }

  @Test
  void anEarlierOneComesFirst() {
    in(1000, "late");
    in(10, "early");
    in(500, "between");
    pass(20);
    assertThat(rung).containsExactly("early");
    pass(1000);
    assertThat(rung).containsExactly("early", "between", "late");
  }

  @Test
  void waitsForAsManyRoundsAsItTakes() {
    in(3L * ROUND + 8, "far");
    for (int i = 0; i < 3; i++) {
      pass(ROUND);
      assertThat(rung).isEmpty();
    }
    pass(8 + TimerWheel.TICK);
    assertThat(rung).containsExactly("far");
  }

  @Test
  void whatHasPassedComesSoon() {
    in(-5000, "past");
    assertThat(rung).isEmpty();
    pass(2 * TimerWheel.TICK);
    assertThat(rung).containsExactly("past");
  }

  @Test
  void doesNotRingWhenCancelled() {
    TimerWheel.Timer first = in(50, "first");
    in(50, "second");
    TimerWheel.Timer third = in(50, "third");
    first.cancel();
    third.cancel();
    third.cancel();
    pass(60);
    assertThat(rung).containsExactly("second");
  }

  @Test
  void oneThatRingsMaySetAndCancelOthers() {
    TimerWheel.Timer victim = in(100, "victim");
    timers.at(
        now() + 100,
        () -> {
          victim.cancel();
          in(100, "next");
        });
    pass(110);
    pass(110);
    assertThat(rung).containsExactly("next");
  }

  @Test
  void manyRingOnceEachAndInTime() {
    SplittableRandom random = new SplittableRandom(7);
    int[] late = {0};
    int[] early = {0};
    for (int i = 0; i < 10_000; i++) {
      long due = now() + random.nextInt(4 * ROUND);
      timers.at(
          due,
          () -> {
            rung.add("one");
            early[0] += now() < due ? 1 : 0;
            late[0] += now() > due + 10 + 2 * TimerWheel.TICK ? 1 : 0;
          });
      if (i % 10 == 0) {
        pass(random.nextInt(10));
      }
    }
    for (int i = 0; i < ROUND; i++) {
      pass(5);
    }
    assertThat(rung).hasSize(10_000);
    assertThat(early[0]).isZero();
    assertThat(late[0]).isZero();
  }
}
