package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.warrenmq.engine.loop.RecordedErrors;
import org.warrenmq.engine.loop.SeededRuns;

/** Queues that leave their home at any moment, and go on elsewhere from what was taken of them. */
class SuccessionSimulationTest {
  @Test
  void queuesGoOnElsewhereFromWhatWasTaken() {
    RecordedErrors.instance().drain();
    long steps =
        SeededRuns.run(
            SuccessionSimulationTest.class,
            (random, trace) -> new SuccessionSimulation(random, trace).run(SeededRuns.steps(1000)));
    assertThat(steps).isPositive();
  }
}
