package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.warrenmq.engine.loop.RecordedErrors;
import org.warrenmq.engine.loop.SeededRuns;

/** Queues over a store, through crashes, power cuts and orderly stops. */
class NodeSimulationTest {
  @Test
  void keepsWhatItConfirmedAndForgetsWhatWasSettled() {
    RecordedErrors.instance().drain();
    long steps =
        SeededRuns.run(
            NodeSimulationTest.class,
            (random, trace) ->
                new NodeSimulation(random, trace, new SimulatedStore(random.split()))
                    .run(SeededRuns.steps(400)));
    assertThat(steps).isPositive();
  }
}
