package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.warrenmq.engine.loop.RecordedErrors;
import org.warrenmq.engine.loop.SeededRuns;

/** Dispatcher and log against a plain model, over random commands, crashes and leader changes. */
class QueueSimulationTest {
  @Test
  void dispatcherAndLogDoWhatTheModelDoes() {
    RecordedErrors.instance().drain();
    long steps =
        SeededRuns.run(
            QueueSimulationTest.class,
            (random, trace) -> new QueueSimulation(random, trace).run(SeededRuns.steps(5000)));
    assertThat(steps).isPositive();
  }
}
