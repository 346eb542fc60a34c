package org.warrenmq.benchmarks.features;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VerdictsTest {
  private final Verdicts verdicts = new Verdicts(4);

  @Test
  void oneForManySpeaksForThoseWithoutAny() {
    verdicts.handleAck(2, false);
    assertThat(verdicts.done()).isZero();
    verdicts.handleNack(3, true);
    assertThat(verdicts.done()).isEqualTo(3);
    assertThat(verdicts.refused()).isEqualTo(2);
  }

  @Test
  void placesAreUsedAgain() {
    for (int sequence = 1; sequence <= 20; sequence += 2) {
      verdicts.handleNack(sequence + 1, false);
      verdicts.handleAck(sequence, false);
      assertThat(verdicts.done()).isEqualTo(sequence + 1);
    }
    assertThat(verdicts.refused()).isEqualTo(10);
  }
}
