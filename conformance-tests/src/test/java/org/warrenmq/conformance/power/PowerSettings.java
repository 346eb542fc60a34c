package org.warrenmq.conformance.power;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** What the system properties say about a run; stateless. */
final class PowerSettings {
  private static final int ROUNDS = Integer.getInteger("power.rounds", 40);

  /** A round of these takes three starts of a broker. */
  private static final int SLOW_SHARE = 4;

  private static final long SEED = Long.getLong("power.seed", System.nanoTime());

  private PowerSettings() {}

  static List<FileSystem> fileSystems() {
    return words("power.fs", "ext4,btrfs").map(FileSystem::named).toList();
  }

  static List<Scenario> scenarios() {
    return words("power.scenarios", "steady,first,recovery,backup,killcut,adopt,killtail")
        .map(Scenario::named)
        .toList();
  }

  private static Stream<String> words(String property, String otherwise) {
    String value = System.getProperty(property, "");
    return Stream.of((value.isEmpty() ? otherwise : value).split(","));
  }

  /** So many cuts of one load. */
  static int rounds() {
    return ROUNDS;
  }

  /** So many loads that are made for one cut each. */
  static int slowRounds() {
    return Math.max(1, ROUNDS / SLOW_SHARE);
  }

  static Duration load() {
    return Duration.ofSeconds(Integer.getInteger("power.seconds", 10));
  }

  static long seed() {
    return SEED;
  }

  static SplittableRandom dice(Scenario scenario, FileSystem fileSystem) {
    return new SplittableRandom(SEED + 100L * scenario.ordinal() + fileSystem.ordinal());
  }

  /** Where disks are made: in memory where that is possible. */
  static Path folder() {
    String folder = System.getProperty("power.folder", "");
    if (!folder.isEmpty()) {
      return Path.of(folder);
    }
    Path memory = Path.of("/dev/shm");
    return Files.isWritable(memory) ? memory : Path.of("target").toAbsolutePath();
  }
}
