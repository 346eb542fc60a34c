package org.warrenmq.conformance.power;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.crash.Chronicle;
import org.warrenmq.conformance.crash.Load;

/**
 * A disk on which a broker has worked under load, with the books of that, and when what happened.
 * Times are those of {@link System#nanoTime}. Made and used by the test thread.
 */
final class LoadedDisk {
  /** Names of folders on the disk. */
  static final String DATA = "data";

  static final String COPY = "copy";

  private static final long QUEUE_BYTES = 1 << 20;
  private static final Duration AFTER_KILL = Duration.ofSeconds(3);

  private final Workshop workshop;
  final LoggedDisk disk;
  final Chronicle books;

  /** When the broker first listened. */
  long listened;

  /** When the load was over; nothing after that is of interest. */
  long over;

  /** When the first of two processes was killed; 0 if it was not. */
  long killed;

  /** When a backup was begun, and when it was there; 0 if there was none. */
  long copying;

  long copied;

  private LoadedDisk(Workshop workshop, FileSystem fileSystem) throws Exception {
    this.workshop = workshop;
    this.disk = LoggedDisk.empty(workshop, fileSystem, "loaded");
    this.books = new Chronicle(PowerSettings.seed(), QUEUE_BYTES);
  }

  /** Lets a broker work there as the scenario says. */
  static LoadedDisk of(
      Workshop workshop, FileSystem fileSystem, Scenario scenario, Durability durability)
      throws Exception {
    var loaded = new LoadedDisk(workshop, fileSystem);
    try (loaded.disk) {
      loaded.work(scenario, durability);
    }
    assertThat(loaded.books.violations()).as("wrong under load").isEmpty();
    System.out.printf("%s on %s: %s%n", scenario, fileSystem, loaded.books.done());
    return loaded;
  }

  private void work(Scenario scenario, Durability durability) throws Exception {
    Path data = disk.at.resolve(DATA);
    BrokerProcess broker = BrokerProcess.start(durability.launch(data, workshop));
    listened = System.nanoTime();
    try (Load load = books.begin(broker)) {
      if (scenario == Scenario.BACKUP) {
        load.work(PowerSettings.load().dividedBy(2));
        backUp(data);
        load.work(PowerSettings.load().dividedBy(2));
      } else {
        load.work(PowerSettings.load());
      }
      kill(broker, load);
    } finally {
      broker.kill();
    }
    if (scenario == Scenario.KILLCUT) {
      killed = over;
      goOn(BrokerProcess.start(durability.launch(data, workshop)));
    }
  }

  private void goOn(BrokerProcess broker) throws Exception {
    try (Load load = books.resume(broker, killed)) {
      load.work(AFTER_KILL);
      kill(broker, load);
    } finally {
      broker.kill();
    }
  }

  private void kill(BrokerProcess broker, Load load) throws Exception {
    load.expectEnd();
    over = System.nanoTime();
    broker.kill();
    load.awaitBrokerGone();
  }

  private void backUp(Path data) throws Exception {
    copying = System.nanoTime();
    Shell.run(BrokerProcess.script(), "backup", "--data", data, disk.at.resolve(COPY));
    copied = System.nanoTime();
  }
}
