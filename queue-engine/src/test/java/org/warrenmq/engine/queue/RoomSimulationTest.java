package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.warrenmq.engine.loop.RecordedErrors;
import org.warrenmq.engine.loop.SeededRuns;

/** Whole queues, their publishers and consumers, over several loops in random interleavings. */
class RoomSimulationTest {
  @Test
  void nothingIsLostDoubledOrOvertakenBetweenRooms() {
    RecordedErrors.instance().drain();
    long steps =
        SeededRuns.run(
            RoomSimulationTest.class,
            (random, trace) -> new RoomSimulation(random, trace).run(SeededRuns.steps(500)));
    assertThat(steps).isPositive();
  }
}
