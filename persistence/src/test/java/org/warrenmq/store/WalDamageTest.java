package org.warrenmq.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.warrenmq.store.TestStore.appendNumbered;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.FlushOptions;
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

  /** The disk lied, or the log was cut by somebody: it was synced as a whole. */
  @Test
  void aSyncedRecordThatIsCutShortIsRefused() throws IOException {
    truncate(log(), Files.size(log()) - 7);
    assertThatThrownBy(() -> new TestStore(folder))
        .hasMessageContaining("the length of a record at ")
        .hasMessageContaining("confirmed messages would be lost");
  }

  @Test
  void syncedRecordsThatAreGoneAsAWholeAreMissed() throws IOException {
    byte[] bytes = Files.readAllBytes(log());
    truncate(log(), FlippedLogTest.headers(bytes).get(15));
    assertThatThrownBy(() -> new TestStore(folder))
        .hasMessageContaining("its log ends at ")
        .hasMessageContaining("confirmed messages would be lost");
    try (TestStore store = new TestStore(folder, TestStore.SMALL.withWalDamage(WalDamage.CUT))) {
      assertThat(store.texts(1)).hasSize(1500);
      store.write(appendNumbered(1, 1500, 100));
    }
    try (TestStore store = new TestStore(folder)) {
      assertThat(store.texts(1)).hasSize(1600);
    }
  }

  /** Another sync of the same file would succeed, and prove nothing. */
  @Test
  void afterAFailedSyncTheLogIsWrittenOnceMore() throws IOException {
    Path main = folder.resolve("main");
    try (SyncedMark mark = SyncedMark.open(main, SyncedMark.read(main), 0, 0)) {
      mark.failed();
    }
    Path log = log();
    Object before = Files.readAttributes(log, BasicFileAttributes.class).fileKey();
    try (TestStore store = new TestStore(folder)) {
      assertThat(store.texts(1)).hasSize(2000);
    }
    assertThat(Files.readAttributes(log, BasicFileAttributes.class).fileKey()).isNotEqualTo(before);
    assertThat(SyncedMark.hasFailed(main)).isFalse();
  }

  /** RocksDB wrote that its tables have what is in the logs, and the power went before its sync. */
  @Test
  void aTornEndOfTheListOfFilesIsCutOffWhileAllLogsAreThere() throws Exception {
    Path killed = copies.resolve("killed");
    Path manifest;
    long before;
    try (TestStore store = new TestStore(folder)) {
      Database main = store.store.main();
      manifest = Path.of("main", FlippedLogTest.files(folder, "MANIFEST").getLast());
      before = Files.size(folder.resolve(manifest));
      store.write(appendNumbered(1, 2000, 100));
      try (FlushOptions options = new FlushOptions().setWaitForFlush(true)) {
        // Other families still need the logs.
        main.db.flush(options, main.chunks);
      }
      FlippedLogTest.copy(folder, killed);
    }
    assertThat(Files.size(killed.resolve(manifest))).isGreaterThan(before);
    for (long size = Files.size(killed.resolve(manifest)); size >= before; size--) {
      Path copy = Files.createTempDirectory(copies, "copy");
      FlippedLogTest.copy(killed, copy);
      truncate(copy.resolve(manifest), size);
      try (TestStore store = new TestStore(copy)) {
        assertThat(store.texts(1)).as("torn at %d", size).hasSize(2100);
      }
    }
    truncate(killed.resolve(manifest), before - 1);
    assertThatThrownBy(() -> new TestStore(killed)).hasMessageContaining("is damaged");
  }

  /** As in a folder that was copied without it, or of an older program. */
  @Test
  void withoutAMarkEverythingCountsAsSynced() throws IOException {
    Path mark = folder.resolve("main/SYNCED");
    Files.delete(mark);
    try (TestStore store = new TestStore(folder)) {
      assertThat(store.texts(1)).hasSize(2000);
      assertThat(mark).hasSize(32);
    }
    Files.write(mark, new byte[32]);
    // The newest log is empty; the one to tear is the one before.
    Path older = folder.resolve("main").resolve(FlippedLogTest.files(folder, ".log").getFirst());
    truncate(older, Files.size(older) - 7);
    assertThatThrownBy(() -> new TestStore(folder)).hasMessageContaining("is damaged");
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
