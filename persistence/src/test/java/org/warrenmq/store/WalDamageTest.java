package org.warrenmq.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.warrenmq.store.TestStore.appendNumbered;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.store.StoreOptions.WalDamage;

/** A write-ahead log that is torn at its end, or damaged before it. */
class WalDamageTest {
  @TempDir Path folder;
  @TempDir Path copies;

  @BeforeEach
  void writeBatches() {
    try (TestStore store = new TestStore(folder)) {
      for (int i = 0; i < 20; i++) {
        store.write(appendNumbered(1, i * 100L, 100));
      }
    }
  }

  private Path log() throws IOException {
    return newestLog(folder);
  }

  static Path newestLog(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("main"))) {
      return files
          .filter(file -> file.toString().endsWith(".log"))
          .max(Comparator.naturalOrder())
          .orElseThrow();
    }
  }

  private void flip(long at) throws IOException {
    flip(log(), at);
  }

  static void flip(Path file, long at) throws IOException {
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.seek(at);
      int old = access.read();
      access.seek(at);
      access.write(old ^ 0x20);
    }
  }

  static void truncate(Path file, long size) throws IOException {
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.setLength(size);
    }
  }

  @Test
  void aFlippedByteInASyncedRecordIsRefused() throws IOException {
    flip(Files.size(log()) / 2);
    assertThatThrownBy(() -> new TestStore(folder))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("is damaged")
        .hasMessageContaining("confirmed messages would be lost");
  }

  @Test
  void anOperatorMayCutItOff() throws IOException {
    flip(Files.size(log()) / 2);
    try (TestStore store = new TestStore(folder, TestStore.SMALL.withWalDamage(WalDamage.CUT))) {
      assertThat(store.texts(1)).isNotEmpty().hasSizeLessThan(2000);
      assertThat(store.texts(1).size() % 100).isZero();
      assertThat(store.store.verify().problems()).isEmpty();
      store.write(appendNumbered(2, 0, 3));
    }
    // The damage is gone for good, and later messages do not go with it.
    try (TestStore store = new TestStore(folder)) {
      assertThat(store.texts(2)).hasSize(3);
    }
  }

  @Test
  void aTornLastRecordIsCutOff() throws IOException {
    truncate(log(), Files.size(log()) - 7);
    try (TestStore store = new TestStore(folder)) {
      assertThat(store.texts(1)).hasSize(1900);
      assertThat(store.store.verify().problems()).isEmpty();
      store.write(appendNumbered(1, 1900, 100));
    }
    try (TestStore store = new TestStore(folder)) {
      assertThat(store.texts(1)).hasSize(2000);
    }
  }

  @Test
  void itMayBeTornAnywhere() throws IOException {
    Path log = log();
    for (long size = Files.size(log); size >= 0; size--) {
      truncate(log, size);
      assertThat(LogHeaders.firstDamage(log)).as("torn at %d", size).isNull();
    }
  }

  @Test
  void whatWasWrittenBeforeATearIsKept() throws IOException {
    long seed = System.nanoTime();
    System.out.println("WalDamageTest: seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 10; i++) {
      Path copy = Files.createTempDirectory(copies, "torn");
      FlippedLogTest.copy(folder, copy);
      long size = random.nextLong(Files.size(log()));
      truncate(newestLog(copy), size);
      try (TestStore store = new TestStore(copy)) {
        List<String> kept = store.texts(1);
        assertThat(kept.size() % 100).as("torn at %d, seed %d", size, seed).isZero();
        assertThat(kept.size()).isLessThan(2000);
        assertThat(store.store.verify().problems()).isEmpty();
      }
    }
  }

  @Test
  void zerosBehindTheLastRecordAreATornEnd() throws IOException {
    truncate(log(), Files.size(log()) + 100_000);
    try (TestStore store = new TestStore(folder)) {
      assertThat(store.texts(1)).hasSize(2000);
    }
  }

  @Test
  void zerosInPlaceOfARecordAreRefused() throws IOException {
    byte[] bytes = Files.readAllBytes(log());
    List<Integer> records = FlippedLogTest.headers(bytes);
    Arrays.fill(bytes, records.get(8), records.get(9), (byte) 0);
    Files.write(log(), bytes);
    assertThatThrownBy(() -> new TestStore(folder))
        .hasMessageContaining("a hole at " + records.get(8))
        .hasMessageContaining("confirmed messages would be lost");
  }
}
