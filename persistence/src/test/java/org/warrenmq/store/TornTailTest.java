package org.warrenmq.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.warrenmq.store.TestStore.appendNumbered;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rocksdb.FlushOptions;

/**
 * What a power cut makes of the end of the log, of which nothing was synced: whatever it is, the
 * store opens with all that was synced, and with nothing after a gap. The same done to what was
 * synced keeps the store closed.
 */
class TornTailTest {
  private static final int PAGE = 4096;
  private static final int BLOCK = LogRecords.BLOCK;
  private static final int BATCH = 100;
  private static final int SYNCED = 30;
  private static final int UNSYNCED = 200;
  private static final long SEED = Long.getLong("crash.seed", System.nanoTime());
  private static final StoreOptions NEVER_SYNCS =
      new StoreOptions(
          TestStore.SMALL.durability(),
          TestStore.SMALL.walDamage(),
          TestStore.SMALL.memory(),
          TestStore.SMALL.pending(),
          Duration.ofDays(1),
          TestStore.SMALL.openFiles());

  @TempDir static Path root;
  private static final Random random = new Random(SEED);
  private static Path killed = Path.of("");
  private static String log = "";
  private static byte[] content = new byte[0];

  /** A log from before that looks the same, with other messages. */
  private static byte[] older = new byte[0];

  private static int synced;
  private static long staleMark;

  @TempDir Path copies;

  /** What of the tail is there after the cut. */
  private enum Tear {
    /** The file is shorter. */
    CUT,
    /** The file is as long as before; from some page on nothing came to the disk. */
    ZEROS_TO_THE_END,
    /** One page did not come to the disk, those behind it did. */
    A_PAGE_MISSING,
    /** Any sectors came to the disk. */
    SECTORS,
    /** What was there before: blocks of another file. */
    FOREIGN_PAGE,
    /** Whole blocks of an older log, at their places. */
    OLDER_BLOCKS
  }

  @BeforeAll
  static void writeLog() throws IOException {
    System.out.println("TornTailTest: -Dcrash.seed=" + SEED);
    killed = root.resolve("killed");
    writeOlderLog(root.resolve("life"));
    try (TestStore store = new TestStore(root.resolve("life"), NEVER_SYNCS)) {
      staleMark = SyncedMark.read(root.resolve("life/main"));
      for (int i = 0; i < SYNCED; i++) {
        store.write(appendNumbered(1, (long) i * BATCH, BATCH));
      }
      Path file = WalDamageTest.newestLog(root.resolve("life"));
      synced = (int) Files.size(file);
      for (int i = SYNCED; i < SYNCED + UNSYNCED; i++) {
        CompletableFuture<Void> written = new CompletableFuture<>();
        List<WriteRequest> requests = List.of(appendNumbered(1, (long) i * BATCH, BATCH));
        store
            .store
            .writer()
            .submit(new TurnWrites(requests, false, () -> written.complete(null), null));
        TestStore.await(written);
      }
      FlippedLogTest.copy(root.resolve("life"), killed);
      log = file.getFileName().toString();
      content = Files.readAllBytes(file);
    }
    assertThat(content.length - synced).isGreaterThan(20 * PAGE);
    assertThat(older).hasSameSizeAs(content);
  }

  private static void writeOlderLog(Path folder) throws IOException {
    try (TestStore store = new TestStore(folder)) {
      for (int i = 0; i < SYNCED + UNSYNCED; i++) {
        store.write(appendOther(i * BATCH));
      }
      older = Files.readAllBytes(WalDamageTest.newestLog(folder));
    }
  }

  private static WriteRequest appendOther(int first) {
    return TestStore.append(
        2,
        first,
        IntStream.range(first, first + BATCH)
            .mapToObj(i -> TestStore.persistent("x" + i))
            .toArray(Storable[]::new));
  }

  private Path copy(byte[] changed, boolean stale) throws IOException {
    Path copy = Files.createTempDirectory(copies, "copy");
    FlippedLogTest.copy(killed, copy);
    Files.write(copy.resolve("main").resolve(log), changed);
    if (stale) {
      SyncedMark.write(copy.resolve("main"), staleMark);
    }
    return copy;
  }

  /** Everything synced is there, and what is there has no gap. */
  private void opens(byte[] changed, boolean stale, String what) throws IOException {
    Path copy = copy(changed, stale);
    int kept;
    try (TestStore store = new TestStore(copy)) {
      List<String> texts = store.texts(1);
      kept = texts.size();
      assertThat(kept).as(what).isGreaterThanOrEqualTo(SYNCED * BATCH);
      assertThat(kept % BATCH).as(what).isZero();
      assertThat(texts).as(what).isEqualTo(numbered(kept));
      assertThat(store.store.verify().problems()).as(what).isEmpty();
      store.write(appendNumbered(1, kept, BATCH));
    }
    // And it goes on from there.
    try (TestStore store = new TestStore(copy)) {
      assertThat(store.texts(1)).as(what).isEqualTo(numbered(kept + BATCH));
    }
  }

  private static List<String> numbered(int count) {
    return IntStream.range(0, count).mapToObj(i -> "m" + i).toList();
  }

  private static byte[] torn(Tear tear) {
    int from = synced + random.nextInt(content.length - synced);
    int page = (from + PAGE - 1) / PAGE * PAGE;
    byte[] torn = content.clone();
    switch (tear) {
      case CUT -> torn = Arrays.copyOf(content, from);
      case ZEROS_TO_THE_END ->
          Arrays.fill(torn, Math.min(page, torn.length), torn.length, (byte) 0);
      case A_PAGE_MISSING ->
          Arrays.fill(
              torn, Math.min(page, torn.length), Math.min(page + PAGE, torn.length), (byte) 0);
      case FOREIGN_PAGE -> {
        for (int i = page; i < Math.min(page + PAGE, torn.length); i++) {
          torn[i] = content[i % synced];
        }
      }
      case OLDER_BLOCKS -> {
        for (int block = (from / BLOCK + 1) * BLOCK; block < torn.length; block += BLOCK) {
          if (random.nextBoolean()) {
            System.arraycopy(older, block, torn, block, Math.min(BLOCK, torn.length - block));
          }
        }
      }
      case SECTORS -> {
        for (int sector = (synced + 511) / 512 * 512; sector < torn.length; sector += 512) {
          if (random.nextBoolean()) {
            Arrays.fill(torn, sector, Math.min(sector + 512, torn.length), (byte) 0);
          }
        }
      }
    }
    return torn;
  }

  @ParameterizedTest
  @EnumSource
  void aTornTailIsCutOff(Tear tear) throws IOException {
    for (int i = 0; i < 8; i++) {
      boolean stale = i % 2 == 0;
      opens(torn(tear), stale, "%s, stale %s, seed %d".formatted(tear, stale, SEED));
    }
  }

  @Test
  void atTheSyncedEnd() throws IOException {
    opens(Arrays.copyOf(content, synced), false, "cut where it was synced");
    byte[] zeros = Arrays.copyOf(Arrays.copyOf(content, synced), content.length);
    opens(zeros, false, "zeros where nothing was synced");
    opens(zeros, true, "zeros where nothing was synced, with an old mark");
  }

  /** Whatever the state of the mark: records behind the damage prove that it was synced. */
  @Test
  void damageInWhatWasSyncedIsRefused() throws IOException {
    for (int i = 0; i < 200; i++) {
      boolean stale = i % 2 == 0;
      byte[] changed = content.clone();
      int at = random.nextInt(synced);
      switch (random.nextInt(3)) {
        case 0 -> changed[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> Arrays.fill(changed, at, Math.min(at + 512, synced), (byte) 0);
        default -> changed = Arrays.copyOf(content, at);
      }
      if (changed.length < content.length && stale) {
        // Nothing is behind, and the mark is of the start: that cannot be told.
        continue;
      }
      Path copy = copy(changed, stale);
      assertThatThrownBy(() -> LogCheck.run(copy, StoreOptions.WalDamage.REFUSE))
          .as("at %d, stale %s, seed %d", at, stale, SEED)
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("confirmed messages would be lost");
    }
  }

  /** What lies in a later log counts only if it goes on where the tear is. */
  @Test
  void aTearBeforeAnotherLog() throws IOException {
    Path copy = copy(Arrays.copyOf(content, content.length - 100), true);
    Path next = copy.resolve("main/999999.log");
    Files.write(next, content);
    try (TestStore store = new TestStore(copy)) {
      assertThat(store.texts(1)).isEqualTo(numbered((SYNCED + UNSYNCED - 1) * BATCH));
      assertThat(next).isEmptyFile();
    }
  }

  /**
   * What it held is in tables; so nobody synced its end, and its deletion was not synced either.
   */
  @Test
  void aTornLogThatIsNotNeededAnyMore() throws Exception {
    Path life = copies.resolve("life");
    Path afterwards = copies.resolve("afterwards");
    int written = SYNCED + UNSYNCED;
    FlippedLogTest.copy(killed, life);
    try (TestStore store = new TestStore(life, NEVER_SYNCS)) {
      Database main = store.store.main();
      try (FlushOptions options = new FlushOptions().setWaitForFlush(true)) {
        main.db.flush(
            options,
            List.of(
                main.chunks,
                main.settled,
                main.cursors,
                main.definitions,
                main.pieces,
                main.bodies,
                main.references));
      }
      store.write(appendNumbered(1, (long) written * BATCH, BATCH));
      FlippedLogTest.copy(life, afterwards);
    }
    Path obsolete = afterwards.resolve("main").resolve(log);
    assertThat(obsolete).doesNotExist();
    Files.write(obsolete, Arrays.copyOf(content, synced + 100));
    try (TestStore store = new TestStore(afterwards)) {
      assertThat(store.texts(1)).isEqualTo(numbered((written + 1) * BATCH));
    }
  }
}
