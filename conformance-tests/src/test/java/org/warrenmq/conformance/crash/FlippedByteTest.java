package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AlreadyClosedException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.BrokerProcess.Launch;
import org.warrenmq.conformance.FileTree;
import org.warrenmq.conformance.crash.Bodies.Profile;
import org.warrenmq.conformance.crash.Tally.Count;

/**
 * A byte of a stopped broker's files has changed. Either that is noticed, at the start or when the
 * byte is read, and the broker ends and says so; or every confirmed message is there as it was.
 */
@ExtendWith(OwnBrokerOnly.class)
class FlippedByteTest {
  private static final int FLIPS = Math.max(3, Integer.getInteger("crash.rounds", 3) / 5);

  /** More than the store keeps in memory: part of it is in tables. */
  private static final long BYTES = 100 << 20;

  private static final Duration LIMIT = Duration.ofSeconds(20);

  @TempDir Path root;

  private Trial trial;

  /** Brokers that noticed, for what they said. */
  private final List<BrokerProcess> ended = new ArrayList<>();

  private enum Outcome {
    REFUSED,
    STOPPED,
    INTACT
  }

  @Test
  void isNoticedOrHarmless() throws Exception {
    Path original = root.resolve("data");
    trial = new Trial(original, Profile.LARGE, BYTES / Landscape.KEPT.size());
    fill();
    int noticed = 0;
    for (String kind : List.of(".log", ".sst", "MANIFEST")) {
      for (int i = 0; i < (kind.equals("MANIFEST") ? 1 : FLIPS); i++) {
        Path folder = root.resolve("flipped");
        copy(original, folder);
        String flipped = flip(folder, kind);
        Outcome outcome = outcome(folder);
        System.out.println(flipped + ": " + outcome);
        trial.assertNothingWrong();
        noticed += outcome == Outcome.INTACT ? 0 : 1;
        FileTree.delete(folder);
      }
    }
    assertThat(noticed).as("flipped bytes that were noticed").isPositive();
    trial.stop(trial.start(trial.launch()));
    trial.assertDone(Count.SURVIVED, 500);
    ended.forEach(Trial::assertOneClearLine);
  }

  /** Leaves a stopped broker's folder, and the books of what is in it. */
  private void fill() throws Exception {
    BrokerProcess broker = trial.start(roomy(trial.folder));
    try (Load load = trial.fillingLoad(broker)) {
      Awaitility.await("full queues")
          .atMost(Duration.ofSeconds(60))
          .until(
              () ->
                  !trial.ledger.violations().isEmpty()
                      || Landscape.KEPT.stream().allMatch(q -> trial.ledger.account(q).isFull()));
      load.finish();
      trial.assertNothingWrong();
    }
    trial.stop(broker);
  }

  /** Blocked publishers are not what this is about. */
  private static Launch roomy(Path folder) {
    return new Launch(folder, "-Xmx512m", List.of(), Map.of());
  }

  private Outcome outcome(Path folder) throws Exception {
    BrokerProcess broker = BrokerProcess.launch(roomy(folder));
    try {
      Awaitility.await("a start or an end")
          .atMost(LIMIT)
          .until(() -> broker.isListening() || !broker.isAlive());
      if (!broker.isListening()) {
        return ended(broker, Outcome.REFUSED);
      }
      if (holdsEverything(broker)) {
        return Outcome.INTACT;
      }
      return ended(broker, Outcome.STOPPED);
    } finally {
      broker.kill();
    }
  }

  private Outcome ended(BrokerProcess broker, Outcome outcome) throws Exception {
    Trial.assertFailed(broker, broker.awaitExit(LIMIT), "");
    ended.add(broker);
    return outcome;
  }

  /** Compares all that can be read with the books; false when the broker breaks off. */
  private boolean holdsEverything(BrokerProcess broker) throws Exception {
    try (Survey survey = Survey.of(broker.uri(), trial.ledger, trial.bodies)) {
      survey.compare(System.nanoTime());
      return true;
    } catch (IOException | AlreadyClosedException e) {
      return false;
    }
  }

  // ---------------------------------------------------------------- files

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
  }

  /** Changes one bit of one file of this kind; says where. */
  private String flip(Path folder, String kind) throws IOException {
    List<Path> candidates;
    try (Stream<Path> files = Files.walk(folder)) {
      candidates =
          files
              .filter(file -> file.getFileName().toString().contains(kind))
              .filter(file -> file.toFile().length() > 0)
              .sorted()
              .toList();
    }
    assertThat(candidates).as("files of kind " + kind).isNotEmpty();
    Path file = candidates.get(trial.random.nextInt(candidates.size()));
    long at = trial.random.nextLong(Files.size(file));
    try (var access = new RandomAccessFile(file.toFile(), "rw")) {
      access.seek(at);
      int octet = access.read();
      access.seek(at);
      access.write(octet ^ (1 << trial.random.nextInt(8)));
    }
    return folder.relativize(file) + " at " + at + " of " + Files.size(file);
  }
}
