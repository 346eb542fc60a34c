package org.warrenmq.conformance.crash;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@link CrashTest} for durable queues with limits of length and time: a broker process under load
 * is killed with SIGKILL, started again on its data, checked to the message, and killed once more:
 * under load, while it starts, or with all messages out. {@code crash.rounds} says how often,
 * {@code crash.seed} repeats the dice of a run (not its timing).
 */
@ExtendWith(OwnBrokerOnly.class)
class LimitCrashTest {
  private static final int ROUNDS = Math.max(1, Integer.getInteger("crash.rounds", 3));

  @TempDir Path root;

  @Test
  void limitsHoldAndNothingElseIsLostByAnyKill() throws Exception {
    var trial = new LimitTrial(root.resolve("data"));
    for (int round = 0; round < ROUNDS; round++) {
      trial.loadAndKill(trial.random.nextInt(300, 3_000));
      switch (round % 3) {
        case 0 -> trial.loadAndKill(trial.random.nextInt(100, 500));
        case 1 -> trial.killAtStart();
        default -> trial.startAndKillUnsettled();
      }
      System.out.printf("round %d: %s%n", round, trial.tally);
    }
    trial.finish();
    trial.assertWork(ROUNDS);
  }
}
