package org.warrenmq.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.warrenmq.store.TestStore.appendNumbered;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.store.StoreOptions.WalDamage;

/**
 * One bit has changed in what a killed process left of its logs: the store stays closed, or holds
 * everything. RocksDB alone would drop synced messages without a word, or never finish its start.
 *
 * <p>{@code -Dcrash.rounds=100} tries every bit, less a part of them; {@code -Dcrash.seed} says
 * which.
 */
class FlippedLogTest {
  private static final int ROUNDS = Integer.getInteger("crash.rounds", 5);
  private static final int FLIPS = ROUNDS < 100 ? 20 * ROUNDS : Integer.MAX_VALUE;
  private static final long SEED = Long.getLong("crash.seed", System.nanoTime());

  @TempDir static Path root;
  private static final Random random = new Random(SEED);
  private static Path original = Path.of("");
  private static int messages;

  @TempDir Path folder;

  private enum Outcome {
    REFUSED,
    INTACT
  }

  /** A bit of a file of the main database. */
  private record Flip(String file, int at, int bit) {}

  /** Two lives that end in a kill: two logs, of several blocks each. */
  @BeforeAll
  static void writeLogs() throws IOException {
    System.out.println("FlippedLogTest: -Dcrash.seed=" + SEED);
    Path first = root.resolve("first");
    live(root.resolve("firstLife"), first);
    original = root.resolve("second");
    live(first, original);
  }

  private static void live(Path folder, Path afterwards) throws IOException {
    try (TestStore store = new TestStore(folder)) {
      for (int i = 0; i < 12; i++) {
        // One that reaches over a block, and others that end within.
        int count = i == 4 ? 6_000 : 50 + random.nextInt(500);
        store.write(appendNumbered(1, messages, count));
        messages += count;
      }
      // The last block is not full.
      while (Files.size(WalDamageTest.newestLog(folder)) % LogRecords.BLOCK < 4_096) {
        store.write(appendNumbered(1, messages, 100));
        messages += 100;
      }
      copy(folder, afterwards);
    }
  }

  /** Without the library, which each start unpacks. */
  static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.resolve("main"));
    Files.copy(from.resolve("FORMAT"), to.resolve("FORMAT"));
    try (Stream<Path> files = Files.list(from.resolve("main"))) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve("main").resolve(file.getFileName()));
      }
    }
  }

  private static List<String> files(String part) throws IOException {
    return files(original, part);
  }

  static List<String> files(Path folder, String part) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("main"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.contains(part))
          .sorted()
          .toList();
    }
  }

  private static byte[] bytes(String file) throws IOException {
    return Files.readAllBytes(original.resolve("main").resolve(file));
  }

  /** Where records begin. */
  static List<Integer> headers(byte[] log) {
    List<Integer> found = new ArrayList<>();
    int at = 0;
    while (at + LogRecords.HEADER <= log.length) {
      int left = LogRecords.BLOCK - at % LogRecords.BLOCK;
      if (left < LogRecords.HEADER) {
        at += left;
      } else {
        found.add(at);
        at += LogRecords.HEADER + (log[at + 4] & 0xff) + ((log[at + 5] & 0xff) << 8);
      }
    }
    assertThat(at).as("a log that ends with a whole record").isEqualTo(log.length);
    return found;
  }

  private static List<Flip> inHeaders(String file, int from) throws IOException {
    List<Flip> flips = new ArrayList<>();
    for (int header : headers(bytes(file))) {
      for (int i = 0; header >= from && i < LogRecords.HEADER * 8; i++) {
        flips.add(new Flip(file, header + i / 8, i % 8));
      }
    }
    return flips;
  }

  private void assertNoneLosesAnything(List<Flip> flips) throws IOException {
    Collections.shuffle(flips, random);
    Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
    for (Flip flip : flips.subList(0, Math.min(FLIPS, flips.size()))) {
      Path copy = Files.createTempDirectory(folder, "copy");
      flip(flip, copy);
      outcomes.merge(outcome(flip, copy), 1, Integer::sum);
    }
    System.out.println("FlippedLogTest: of " + flips.size() + " bits: " + outcomes);
    assertThat(outcomes.get(Outcome.REFUSED)).isPositive();
  }

  private static void flip(Flip flip, Path copy) throws IOException {
    copy(original, copy);
    byte[] changed = bytes(flip.file);
    changed[flip.at] ^= (byte) (1 << flip.bit);
    Files.write(copy.resolve("main").resolve(flip.file), changed);
  }

  private static Outcome outcome(Flip flip, Path copy) {
    try (TestStore store = new TestStore(copy)) {
      assertThat(store.texts(1)).as("%s, seed %d", flip, SEED).hasSize(messages);
      return Outcome.INTACT;
    } catch (StoreException refusal) {
      assertThat(refusal).as("%s", flip).hasMessageContaining("confirmed messages would be lost");
      return Outcome.REFUSED;
    }
  }

  @Test
  void inAHeaderOfTheLastBlock() throws IOException {
    String newest = files(".log").getLast();
    int length = bytes(newest).length;
    assertNoneLosesAnything(inHeaders(newest, length - length % LogRecords.BLOCK));
  }

  @Test
  void inAnyHeaderOfAnyLog() throws IOException {
    List<Flip> flips = new ArrayList<>();
    for (String log : files(".log")) {
      flips.addAll(inHeaders(log, 0));
    }
    assertNoneLosesAnything(flips);
  }

  @Test
  void inAHeaderOfTheManifest() throws IOException {
    assertNoneLosesAnything(inHeaders(files("MANIFEST").getLast(), 0));
  }

  @Test
  void inTheLastOctets() throws IOException {
    String newest = files(".log").getLast();
    int length = bytes(newest).length;
    List<Flip> flips = new ArrayList<>();
    for (int at = length - 2048; at < length; at++) {
      flips.add(new Flip(newest, at, random.nextInt(8)));
    }
    assertNoneLosesAnything(flips);
  }

  @Test
  void aLengthThatWasChangedIsCutOffWhenToldSo() throws IOException {
    String oldest = files(".log").getFirst();
    int record = headers(bytes(oldest)).getLast();
    // In the older of two logs: the younger one must go as well.
    cutAt(new Flip(oldest, record + 5, 7), "the length of a record at " + record + " of main/");
  }

  @Test
  void aKindThatWasChangedIsCutOffWhenToldSo() throws IOException {
    String newest = files(".log").getLast();
    int record = headers(bytes(newest)).get(3);
    cutAt(new Flip(newest, record + 6, 2), "a record of unknown kind at " + record + " of main/");
  }

  private void cutAt(Flip flip, String words) throws IOException {
    flip(flip, folder);
    assertThatThrownBy(() -> new TestStore(folder)).hasMessageContaining(words);
    List<String> kept;
    try (TestStore store = new TestStore(folder, TestStore.SMALL.withWalDamage(WalDamage.CUT))) {
      kept = store.texts(1);
      assertThat(kept).isNotEmpty().hasSizeLessThan(messages).endsWith("m" + (kept.size() - 1));
      assertThat(store.store.verify().problems()).isEmpty();
      store.write(appendNumbered(1, kept.size(), 1));
    }
    try (TestStore store = new TestStore(folder)) {
      assertThat(store.texts(1)).hasSize(kept.size() + 1);
    }
  }
}
