package org.warrenmq.conformance.power;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.crash.OwnBrokerOnly;
import org.warrenmq.conformance.crash.Promise;
import org.warrenmq.conformance.crash.Succession;
import org.warrenmq.conformance.crash.SyncedDisk;
import org.warrenmq.conformance.power.Replay.Cut;
import org.warrenmq.conformance.power.Replay.How;

/**
 * The power goes: nothing that was answered before is lost, nothing that had not been asked for is
 * there, and no start is refused. Run by {@code mvn verify -Ppower}, which says how.
 */
@Tag("power")
@ExtendWith(OwnBrokerOnly.class)
class PowerCutTest {
  /** The first requests come so long after the start. */
  private static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final long BEFORE_BACKUP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long AFTER_BACKUP_NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);

  /** More than what the log's last block may have room for. */
  private static final int NOTE = 20_000;

  /** Cuts of one recovery. */
  private static final int CUTS_OF_RECOVERY = 5;

  static Stream<Arguments> chosen() {
    return PowerSettings.fileSystems().stream()
        .flatMap(
            fileSystem ->
                PowerSettings.scenarios().stream()
                    .map(scenario -> Arguments.of(scenario, fileSystem)));
  }

  static List<FileSystem> fileSystems() {
    return PowerSettings.fileSystems();
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("chosen")
  void nothingAnsweredIsLost(Scenario scenario, FileSystem fileSystem) throws Exception {
    System.out.println("power.seed " + PowerSettings.seed());
    var check = new PowerCheck(scenario + "-" + fileSystem);
    SplittableRandom dice = PowerSettings.dice(scenario, fileSystem);
    try (Workshop workshop = Workshop.open(fileSystem)) {
      var cuts = new Cuts(workshop, fileSystem, Durability.SYNC, check);
      switch (scenario) {
        case ADOPT, KILLTAIL -> afterSuccessions(cuts, scenario, dice);
        case RECOVERY -> duringRecoveries(cuts, dice);
        default -> underLoad(cuts, scenario, dice);
      }
    }
    System.out.printf(
        "%s on %s: %d rounds, %d bad%n", scenario, fileSystem, check.rounds(), check.bad());
    assertThat(check.wrong()).as("power.seed %d", PowerSettings.seed()).isEmpty();
  }

  /** A check that finds nothing where something must be lost is none. */
  @ParameterizedTest(name = "what is buffered on {0}")
  @MethodSource("fileSystems")
  void whatIsBufferedIsLost(FileSystem fileSystem) throws Exception {
    System.out.println("power.seed " + PowerSettings.seed());
    var check = new PowerCheck("buffered-" + fileSystem);
    SplittableRandom dice = PowerSettings.dice(Scenario.STEADY, fileSystem);
    try (Workshop workshop = Workshop.open(fileSystem)) {
      var cuts = new Cuts(workshop, fileSystem, Durability.BUFFERED, check);
      var loaded = LoadedDisk.of(workshop, fileSystem, Scenario.STEADY, Durability.BUFFERED);
      try (Replay replay = new Replay(workshop, loaded.disk)) {
        long from = replay.find(loaded.listened);
        for (Cut cut : Cut.some(PowerSettings.rounds(), from, replay.find(loaded.over), dice)) {
          if (check.hasLoss()) {
            return;
          }
          cuts.look(replay, new Cut(cut.entry(), How.NONE, cut.seed()), loaded);
        }
      }
    }
    assertThat(check.hasLoss()).as("a loss in %d rounds", check.rounds()).isTrue();
  }

  /** All cuts of one load. */
  private static void underLoad(Cuts cuts, Scenario scenario, SplittableRandom dice)
      throws Exception {
    var loaded = LoadedDisk.of(cuts.workshop(), cuts.fileSystem(), scenario, Durability.SYNC);
    try (Replay replay = new Replay(cuts.workshop(), loaded.disk)) {
      long from = replay.find(loaded.listened);
      long to = replay.find(loaded.over);
      switch (scenario) {
        case FIRST -> {
          from = 1;
          to = replay.find(loaded.listened + FIRST_NANOS);
        }
        case BACKUP -> {
          from = replay.find(loaded.copying - BEFORE_BACKUP_NANOS);
          to = replay.find(loaded.copied + AFTER_BACKUP_NANOS);
        }
        case KILLCUT -> from = replay.find(loaded.killed);
        default -> {
          // From when it listened to the end of the load.
        }
      }
      boolean ofCopy = false;
      for (Cut cut : Cut.some(PowerSettings.rounds(), from, to, dice)) {
        // The copy is to be there once the command has said so.
        boolean isCopied = scenario == Scenario.BACKUP && replay.time(cut.entry()) > loaded.copied;
        ofCopy = isCopied && !ofCopy;
        if (ofCopy) {
          cuts.lookAtCopy(replay, cut, loaded);
        } else {
          cuts.look(replay, cut, loaded);
        }
      }
      assertCompared(loaded, scenario);
    }
  }

  /** A comparison of little has proved little. */
  private static void assertCompared(LoadedDisk loaded, Scenario scenario) {
    System.out.println(loaded.books.compared());
    assertThat(loaded.books.survived())
        .as("messages that had to be there")
        .isGreaterThanOrEqualTo(scenario == Scenario.FIRST ? 0 : 100);
  }

  /** A broker starts on what a cut has left, and the power goes while it does or just after. */
  private static void duringRecoveries(Cuts cuts, SplittableRandom dice) throws Exception {
    Workshop workshop = cuts.workshop();
    var loaded = LoadedDisk.of(workshop, cuts.fileSystem(), Scenario.RECOVERY, Durability.SYNC);
    int recoveries = Math.max(1, PowerSettings.rounds() / CUTS_OF_RECOVERY);
    try (Replay replay = new Replay(workshop, loaded.disk)) {
      long from = replay.find(loaded.listened);
      for (Cut cut : Cut.some(recoveries, from, replay.find(loaded.over), dice)) {
        long time = replay.time(cut.entry());
        Path image = workshop.folder.resolve("recovery.image");
        replay.cut(cut, image);
        LoggedDisk second = LoggedDisk.of(workshop, cuts.fileSystem(), image, "recovery");
        try (second) {
          recover(cuts, second.at.resolve(LoadedDisk.DATA), dice.nextInt(400));
        }
        try (Replay ofSecond = new Replay(workshop, second)) {
          for (Cut again : Cut.some(CUTS_OF_RECOVERY, 1, ofSecond.entries, dice)) {
            cuts.look(ofSecond, again, LoadedDisk.DATA, cuts.claims(loaded, time, time));
          }
        }
      }
      assertCompared(loaded, Scenario.RECOVERY);
    }
  }

  private static void recover(Cuts cuts, Path data, int millis) throws Exception {
    BrokerProcess broker = BrokerProcess.launch(cuts.launch(data));
    try {
      broker.awaitPort();
      new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
    } finally {
      broker.kill();
    }
  }

  /** One cut of each disk, right after the last answer. */
  private static void afterSuccessions(Cuts cuts, Scenario scenario, SplittableRandom dice)
      throws Exception {
    Workshop workshop = cuts.workshop();
    for (int round = 0; round < PowerSettings.slowRounds(); round++) {
      LoggedDisk disk = LoggedDisk.empty(workshop, cuts.fileSystem(), "succession");
      Promise promise;
      long answered;
      try (disk) {
        Path shelf = workshop.shelf("held" + round);
        var held = SyncedDisk.around(disk.at, shelf);
        var succession = new Succession(held, disk.at.resolve(LoadedDisk.DATA));
        promise =
            scenario == Scenario.ADOPT
                ? succession.overDeclare(round % 2 * NOTE)
                : succession.overTail();
        answered = System.nanoTime();
      }
      try (Replay replay = new Replay(workshop, disk)) {
        long entry = replay.find(answered);
        // Mostly nothing is left of what was not certain: that is the worst.
        Cut cut = round % 3 < 2 ? new Cut(entry, How.NONE, round) : Cut.at(entry, dice);
        cuts.look(replay, cut, LoadedDisk.DATA, promise::brokenBy);
      }
    }
  }
}
