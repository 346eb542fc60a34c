package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.BrokerProcess.Launch;
import org.warrenmq.conformance.crash.Bodies.Profile;
import org.warrenmq.conformance.crash.FaultyDisk.Call;
import org.warrenmq.conformance.crash.FaultyDisk.Error;
import org.warrenmq.conformance.crash.FaultyDisk.Fault;
import org.warrenmq.conformance.crash.Tally.Count;

/**
 * The disk fails under a working broker: what it fails to write is never confirmed, the process
 * ends with one line that names the cause, and the next start has all that was confirmed.
 */
@ExtendWith(OwnBrokerOnly.class)
class WriteFaultTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** So many octets are published before anything but the log is written. */
  private static final Duration FILLING_LIMIT = Duration.ofSeconds(60);

  private static final long QUEUE_BYTES = 4 << 20;
  private static final long FILLED_BYTES = 150 << 20;

  @TempDir Path root;

  /** Brokers that ended by a fault, for what they said. */
  private final List<BrokerProcess> ended = new ArrayList<>();

  private Path folder;
  private FaultyDisk disk;

  /** Failures of the log that confirms wait for. */
  enum LogFault {
    ONE_WRITE(new Fault(Call.WRITE, ".log", Error.EIO, false, 1)),
    ONE_TORN_WRITE(new Fault(Call.WRITE, ".log", Error.EIO, true, 1)),
    ALL_WRITES(new Fault(Call.WRITE, ".log", Error.ENOSPC, false, -1)),
    ONE_SYNC(new Fault(Call.SYNC, ".log", Error.EIO, false, 1)),
    EVERYTHING(new Fault(Call.ANY, "", Error.EIO, false, -1));

    private final Fault fault;

    LogFault(Fault fault) {
      this.fault = fault;
    }
  }

  /** Failures of what the store writes behind its log. */
  enum TableFault {
    ONE_WRITE(new Fault(Call.WRITE, ".sst", Error.EIO, false, 1)),
    ALL_WRITES(new Fault(Call.WRITE, ".sst", Error.ENOSPC, false, -1)),
    ONE_SYNC(new Fault(Call.SYNC, ".sst", Error.EIO, false, 1)),
    MANIFEST(new Fault(Call.WRITE, "MANIFEST", Error.EIO, false, 1));

    private final Fault fault;

    TableFault(Fault fault) {
      this.fault = fault;
    }
  }

  @BeforeEach
  void compile() throws Exception {
    // As the kernel names it.
    folder = Files.createDirectory(root.toRealPath().resolve("data"));
    disk = FaultyDisk.below(folder, root);
  }

  @Test
  void faultsOfTheLogEndConfirmsAndBroker() throws Exception {
    var trial = new Trial(folder, Profile.MIXED, QUEUE_BYTES);
    for (LogFault kind : LogFault.values()) {
      // Each start looks for what the fault before may have lost.
      BrokerProcess broker = trial.start(faulty(trial));
      try (Load load = trial.mixedLoad(broker)) {
        load.work(Duration.ofMillis(trial.random.nextInt(400, 1_200)));
        trial.expectEnd(load);
        disk.arm(kind.fault, trial.random.nextInt(5));
        trial.awaitFailure(broker, load, LIMIT, kind.fault.error().text);
      } finally {
        broker.kill();
      }
      noteEnd(broker);
    }
    assertNothingLost(trial);
  }

  @Test
  void faultsBehindTheLogEndThemToo() throws Exception {
    var trial = new Trial(folder, Profile.LARGE, FILLED_BYTES);
    for (TableFault kind : TableFault.values()) {
      BrokerProcess broker = trial.start(faulty(trial));
      try (Load load = trial.fillingLoad(broker)) {
        load.work(Duration.ofMillis(200));
        trial.expectEnd(load);
        disk.arm(kind.fault, 0);
        Awaitility.await("a refusal of " + kind)
            .atMost(FILLING_LIMIT)
            .until(() -> disk.failures() > 0);
        trial.awaitFailure(broker, load, LIMIT, kind.fault.error().text);
      } finally {
        broker.kill();
      }
      noteEnd(broker);
    }
    assertNothingLost(trial);
  }

  @Test
  void faultsAtTheStartAreNoStart() throws Exception {
    var trial = new Trial(folder, Profile.MIXED, QUEUE_BYTES);
    BrokerProcess first = trial.start(trial.launch());
    try (Load load = trial.mixedLoad(first)) {
      load.work(Duration.ofSeconds(1));
      trial.kill(first, load);
    }
    for (int callsThatWork : List.of(0, 3, 10)) {
      disk.arm(new Fault(Call.ANY, "", Error.EIO, false, -1), callsThatWork);
      BrokerProcess second = BrokerProcess.launch(faulty(trial));
      try {
        Trial.assertFailed(second, second.awaitExit(LIMIT), Error.EIO.text);
      } finally {
        second.kill();
      }
      noteEnd(second);
    }
    assertNothingLost(trial);
  }

  private void noteEnd(BrokerProcess broker) throws Exception {
    assertThat(disk.failures()).as("calls that failed").isPositive();
    ended.add(broker);
    disk.disarm();
  }

  private Launch faulty(Trial trial) throws Exception {
    return trial.launch().withEnvironment(disk.environment());
  }

  private void assertNothingLost(Trial trial) throws Exception {
    trial.stop(trial.start(trial.launch()));
    trial.assertDone(Count.CONFIRMED, 50);
    trial.assertDone(Count.SURVIVED, 50);
    ended.forEach(Trial::assertOneClearLine);
  }
}
