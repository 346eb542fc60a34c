package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.crash.Bodies.Profile;
import org.warrenmq.conformance.crash.Tally.Count;

/**
 * The disk is full: either publishers are blocked in time, or the broker ends and says why. What it
 * confirmed is there once it has room again.
 */
@ExtendWith(OwnBrokerOnly.class)
class DiskFullTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** In MiB. The broker wants some space left free, and reserves some for its log. */
  private static final int SMALL = 160;

  /** In bytes: less than the broker wants free (50 MB), more than it takes in a moment. */
  private static final long SPARE = 35 << 20;

  private static final int ROOMY = 800;
  private static final long QUEUE_BYTES = 4 << 20;

  @TempDir Path root;

  private SmallDisk disk;

  @BeforeEach
  void mount() throws Exception {
    disk = SmallDisk.mount(Files.createDirectory(root.resolve("disk")), SMALL);
  }

  @AfterEach
  void unmount() throws Exception {
    if (disk != null) {
      disk.unmount();
    }
  }

  @Test
  void publishersFillIt() throws Exception {
    var trial = new Trial(disk.path().resolve("data"), Profile.LARGE, Long.MAX_VALUE);
    BrokerProcess broker = trial.start(trial.launch());
    try (Load load = trial.fillingLoad(broker)) {
      trial.expectEnd(load);
      awaitRefusal(broker, load);
      if (isEnding(broker)) {
        awaitEnd(trial, broker, load);
      }
    } finally {
      broker.kill();
    }
    disk.resize(ROOMY);
    assertNothingLost(trial);
    assertSaidOnce(broker);
  }

  @Test
  void somebodyElseLeavesTooLittle() throws Exception {
    assertThat(survives(SPARE)).as("publishers blocked in time").isTrue();
  }

  /** Blocked or not, an ack or a mark may meet the full disk first. */
  @Test
  void somebodyElseFillsIt() throws Exception {
    survives(0);
  }

  /**
   * Somebody else fills the disk up under load, and makes room again.
   *
   * @param spare bytes left
   * @return whether the broker went on; nothing is lost either way
   */
  private boolean survives(long spare) throws Exception {
    var trial = new Trial(disk.path().resolve("data"), Profile.MIXED, QUEUE_BYTES);
    Path ballast = disk.path().resolve("ballast");
    boolean goesOn;
    BrokerProcess broker = trial.start(trial.launch());
    try (Load load = trial.mixedLoad(broker)) {
      load.work(Duration.ofSeconds(1));
      trial.expectEnd(load);
      fill(ballast, spare);
      awaitRefusal(broker, load);
      Files.delete(ballast);
      disk.resize(ROOMY);
      goesOn = goesOn(trial, broker, load);
      if (goesOn) {
        trial.assertNothingWrong();
        broker.kill();
        load.awaitBrokerGone();
      } else {
        awaitEnd(trial, broker, load);
      }
    } finally {
      broker.kill();
    }
    assertNothingLost(trial);
    assertSaidOnce(broker);
    return goesOn;
  }

  /** If it ended by itself at all. */
  private static void assertSaidOnce(BrokerProcess broker) {
    if (!broker.errors().isEmpty()) {
      Trial.assertOneClearLine(broker);
    }
  }

  /** Publishers are blocked, or the broker gives up. */
  private static void awaitRefusal(BrokerProcess broker, Load load) {
    Awaitility.await("publishers blocked or the end")
        .atMost(LIMIT)
        .until(() -> !load.stage.blocked().isEmpty() || isEnding(broker));
    assertThat(load.stage.blocked()).isIn("", "low on disk");
  }

  /** It has said why, and tells its clients before it is gone. */
  private static boolean isEnding(BrokerProcess broker) {
    return !broker.errors().isEmpty() || !broker.isAlive();
  }

  private static void awaitEnd(Trial trial, BrokerProcess broker, Load load) throws Exception {
    trial.awaitFailure(broker, load, LIMIT, FaultyDisk.Error.ENOSPC.text);
  }

  /** There is room again: publishers may go on, and do, unless it was too late for the broker. */
  private static boolean goesOn(Trial trial, BrokerProcess broker, Load load) {
    Awaitility.await("unblocked publishers")
        .atMost(LIMIT)
        .until(() -> load.stage.blocked().isEmpty() || isEnding(broker));
    long before = trial.ledger.tally.of(Count.CONFIRMED);
    Awaitility.await("confirms again")
        .atMost(LIMIT)
        .until(() -> trial.ledger.tally.of(Count.CONFIRMED) > before + 100 || isEnding(broker));
    return !isEnding(broker);
  }

  private static void fill(Path file, long spare) throws IOException {
    var octets = new byte[1 << 16];
    FileStore store = Files.getFileStore(file.getParent());
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int size = octets.length; size > 0 && store.getUsableSpace() > spare; ) {
        try {
          out.write(octets, 0, size);
        } catch (IOException full) {
          size /= 2;
        }
      }
    }
  }

  private static void assertNothingLost(Trial trial) throws Exception {
    trial.stop(trial.start(trial.launch()));
    trial.assertDone(Count.CONFIRMED, 100);
    trial.assertDone(Count.SURVIVED, 50);
  }
}
