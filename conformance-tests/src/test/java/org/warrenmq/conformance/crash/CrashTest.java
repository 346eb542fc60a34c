package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.crash.Bodies.Profile;
import org.warrenmq.conformance.crash.Tally.Count;

/**
 * A broker process under mixed load is killed with SIGKILL, started again on its data, checked to
 * the message, and killed once more: under load, while it starts, or with all messages out; then
 * the next round begins. System property {@code crash.rounds} says how often, {@code crash.seed}
 * repeats the dice of a run (not its timing).
 */
@ExtendWith(OwnBrokerOnly.class)
class CrashTest {
  private static final int ROUNDS = Math.max(1, Integer.getInteger("crash.rounds", 3));
  private static final int STOPS = Math.max(3, ROUNDS / 5);
  private static final long QUEUE_BYTES = 4 << 20;

  @TempDir Path root;

  @Test
  void whatWasConfirmedSurvivesEveryKill() throws Exception {
    var trial = new Trial(root.resolve("data"), Profile.MIXED, QUEUE_BYTES);
    for (int round = 0; round < ROUNDS; round++) {
      loadAndKill(trial, trial.random.nextInt(300, 5_000));
      switch (round % 3) {
        case 0 -> loadAndKill(trial, trial.random.nextInt(100, 500));
        case 1 -> trial.killAtStart();
        default -> trial.startAndKillUnsettled();
      }
      System.out.printf("round %d: %s%n", round, trial.ledger.tally);
    }
    trial.stop(trial.start(trial.launch()));
    assertWork(trial, ROUNDS);
  }

  @Test
  void aFrozenBrokerGoesOnAndThenDies() throws Exception {
    var trial = new Trial(root.resolve("data"), Profile.MIXED, QUEUE_BYTES);
    BrokerProcess broker = trial.start(trial.launch());
    try (Load load = trial.mixedLoad(broker)) {
      load.work(Duration.ofMillis(trial.random.nextInt(1_000, 2_000)));
      assertThat(broker.errors()).as("errors in the log").isEmpty();
      trial.assertNothingWrong();
      broker.freeze();
      load.work(Duration.ofSeconds(3));
      trial.assertNothingWrong();
      long before = trial.ledger.tally.of(Count.CONFIRMED);
      broker.thaw();
      load.work(Duration.ofMillis(trial.random.nextInt(400, 1_000)));
      assertThat(trial.ledger.tally.of(Count.CONFIRMED))
          .as("confirms after the thaw")
          .isGreaterThan(before);
      trial.kill(broker, load);
    }
    trial.startAndKillUnsettled();
    trial.stop(trial.start(trial.launch()));
    assertWork(trial, 1);
  }

  @Test
  void aStopUnderLoadIsInOrder() throws Exception {
    var trial = new Trial(root.resolve("data"), Profile.MIXED, QUEUE_BYTES);
    for (int round = 0; round < STOPS; round++) {
      BrokerProcess broker = trial.start(trial.launch());
      if (round % 2 == 0) {
        try (Load load = trial.mixedLoad(broker)) {
          load.work(Duration.ofMillis(trial.random.nextInt(300, 1_500)));
          trial.stop(broker, load);
        }
      } else {
        // Right after the acks of the survey.
        trial.stop(broker);
      }
    }
    trial.stop(trial.start(trial.launch()));
    trial.assertDone(Count.SURVIVED, 100);
    trial.assertDone(Count.STAYED_GONE, 50);
  }

  private static void loadAndKill(Trial trial, int millis) throws Exception {
    BrokerProcess broker = trial.start(trial.launch());
    try (Load load = trial.mixedLoad(broker)) {
      load.work(Duration.ofMillis(millis));
      trial.kill(broker, load);
    }
  }

  /** A run that did little has proved little. */
  private static void assertWork(Trial trial, int rounds) {
    System.out.println(trial.ledger.tally);
    trial.assertDone(Count.CONFIRMED, 200L * rounds);
    trial.assertDone(Count.SURVIVED, 100L * rounds);
    trial.assertDone(Count.REDELIVERED, 20L * rounds);
    trial.assertDone(Count.STAYED_GONE, 20L * rounds);
    trial.assertDone(Count.COMMITTED, 10L * rounds);
    trial.assertDone(Count.TOPOLOGY, 20L * rounds);
    trial.assertDone(Count.TOPOLOGIES_CHECKED, 2L * (rounds + 1));
    trial.assertDone(Count.REQUEUED, rounds);
    trial.assertDone(Count.ROLLED_BACK, 1);
    trial.assertDone(Count.PURGES, 1);
  }
}
