package org.warrenmq.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Dispatcher and log against a plain model, over random commands, crashes and leader changes. */
class QueueSimulationTest {
  @Test
  void dispatcherAndLogDoWhatTheModelDoes() {
    RecordedErrors.instance().drain();
    long steps =
        SeededRuns.run(
            QueueSimulationTest.class, (random, trace) -> new QueueSimulation(random, trace).run());
    assertThat(steps).isPositive();
  }
}
