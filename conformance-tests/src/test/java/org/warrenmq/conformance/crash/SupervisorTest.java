package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.conformance.BrokerProcess.Launch;

/** Who starts the broker again after each of its ends, as supervisors do, loses nothing. */
@AllFaults
@ExtendWith(OwnBrokerOnly.class)
class SupervisorTest {
  @TempDir Path root;

  @Test
  void startsItAgainAndAgain() throws Exception {
    Launch how = Launch.on(root.resolve("data")).withJavaOptions("-Xmx128m");
    List<FaultPlace> places =
        List.of(FaultPlace.WRITER, FaultPlace.LOOP, FaultPlace.READ, FaultPlace.ALARMS);
    try (FaultTrial trial = FaultTrial.on(how)) {
      for (FaultPlace where : places) {
        long since = trial.debugger().throwAt(where.place, InternalError.class, () -> {});
        trial.assertEnds("in " + where.place, since, Sabotage.MESSAGE, where.thread);
        trial.restart();
        trial.assertEnds("full heap", trial.debugger().fillHeap(), "OutOfMemoryError", "");
        trial.restart();
      }
      System.out.printf(
          "%d confirmed, over %d broken connections%n",
          trial.publisher().confirmed(), trial.publisher().broken());
      assertThat(trial.publisher().broken()).isGreaterThanOrEqualTo(2 * places.size());
      trial.broker().kill();
      trial.assertNothingLost();
    }
  }
}
