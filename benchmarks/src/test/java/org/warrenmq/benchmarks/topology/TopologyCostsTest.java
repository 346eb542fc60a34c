package org.warrenmq.benchmarks.topology;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TopologyCostsTest {
  @Test
  void theMedianOfAnEvenNumberLiesBetween() {
    assertThat(TopologyCosts.median(new double[] {3, 1, 2})).isEqualTo(2);
    assertThat(TopologyCosts.median(new double[] {4, 1, 2, 3})).isEqualTo(2.5);
  }
}
