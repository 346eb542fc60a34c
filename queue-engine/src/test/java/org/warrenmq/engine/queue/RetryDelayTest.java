package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.warrenmq.engine.queue.RetryDelay.Cause;

class RetryDelayTest {
  private static long[] millis(RetryDelay delay, int times) {
    return IntStream.rangeClosed(1, times).mapToLong(i -> delay.millis(7, i)).toArray();
  }

  @Test
  void itGrowsByTheSameEachTime() {
    var delay = new RetryDelay(Cause.ALL, 100, 350, RetryDelay.LINEAR, 0);
    assertThat(millis(delay, 5)).containsExactly(100, 200, 300, 350, 350);
  }

  @Test
  void itGrowsByAMultiplier() {
    var delay = new RetryDelay(Cause.ALL, 100, 1_000, 2, 0);
    assertThat(millis(delay, 6)).containsExactly(100, 200, 400, 800, 1_000, 1_000);
    assertThat(millis(new RetryDelay(Cause.ALL, 100, 1_000, 1, 0), 3))
        .containsExactly(100, 100, 100);
  }

  @Test
  void nothingIsTooMuch() {
    long tenYears = 315_360_000_000L;
    var delay = new RetryDelay(Cause.ALL, tenYears, tenYears, 1000, 0);
    assertThat(delay.millis(0, Integer.MAX_VALUE)).isEqualTo(tenYears);
    assertThat(new RetryDelay(Cause.ALL, 0, tenYears, 1000, 1).millis(0, Integer.MAX_VALUE))
        .isBetween(0L, tenYears);
  }

  @Test
  void chanceTakesAPartOfIt() {
    var delay = new RetryDelay(Cause.ALL, 1_000, 1_000, 1, 0.25);
    long[] all = LongStream.range(0, 10_000).map(at -> delay.millis(at, 1)).toArray();
    assertThat(all)
        .containsExactly(LongStream.range(0, 10_000).map(at -> delay.millis(at, 1)).toArray());
    assertThat(LongStream.of(all).min().orElse(0)).isBetween(750L, 755L);
    assertThat(LongStream.of(all).max().orElse(0)).isBetween(995L, 1_000L);
    assertThat(LongStream.of(all).average().orElse(0)).isBetween(870.0, 880.0);
  }

  @Test
  void theCauseDecides() {
    var failed = new RetryDelay(Cause.FAILED, 1, 1, RetryDelay.LINEAR, 0);
    var returned = new RetryDelay(Cause.RETURNED, 1, 1, RetryDelay.LINEAR, 0);
    var all = new RetryDelay(Cause.ALL, 1, 1, RetryDelay.LINEAR, 0);
    for (Settlement settlement : Settlement.values()) {
      assertThat(failed.concerns(settlement)).isEqualTo(settlement == Settlement.REQUEUED);
      assertThat(returned.concerns(settlement)).isEqualTo(settlement == Settlement.RETURNED);
      assertThat(all.concerns(settlement)).isEqualTo(settlement.isCounted());
    }
  }
}
