package org.warrenmq.benchmarks.latency;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PaceTest {
  @Test
  void whatIsLateCountsFromWhenItWasDueAndMovesNothing() {
    Pace pace = new Pace(1_000);
    pace.awaitNext();
    long first = pace.intended();
    fallBehind();
    for (int i = 1; i <= 5; i++) {
      assertThat(pace.awaitNext()).isEqualTo(first + i * 1_000_000L);
    }
  }

  @Test
  void doesNothingOnceTheTimeIsOver() throws Exception {
    Pace pace = new Pace(1);
    assertThat(pace.repeatUntil(pace.intended() - 1, () -> {})).isZero();
  }

  @Test
  void nothingIsLeftOut() throws Exception {
    Pace pace = new Pace(1_000);
    long deadline = pace.intended() + TimeUnit.MILLISECONDS.toNanos(50);
    long[] done = new long[1];
    long count =
        pace.repeatUntil(
            deadline,
            () -> {
              if (done[0]++ == 0) {
                fallBehind();
              }
            });
    assertThat(count).isEqualTo(done[0]).isEqualTo(50);
  }

  private static void fallBehind() {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20);
    while (System.nanoTime() - end < 0) {
      Thread.onSpinWait();
    }
  }
}
