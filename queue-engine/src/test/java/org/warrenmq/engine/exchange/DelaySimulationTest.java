package org.warrenmq.engine.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.warrenmq.engine.loop.RecordedErrors;
import org.warrenmq.engine.loop.SeededRuns;

/** Delays over a store, through crashes and jumps of the clock. */
class DelaySimulationTest {
  @Test
  void sendsEachMessageAtItsTimeAndLosesNone() {
    RecordedErrors.instance().drain();
    long steps =
        SeededRuns.run(
            DelaySimulationTest.class,
            (random, trace) -> new DelaySimulation(random, trace).run(SeededRuns.steps(400)));
    assertThat(steps).isPositive();
  }
}
