package org.warrenmq.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.warrenmq.store.TestStore.appendNumbered;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.warrenmq.store.StoreOptions.Durability;
import org.warrenmq.store.StoreWriter.State;

/** What completes, what never does, and when: with a disk that fails or waits on command. */
class StoreFailureTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir Path folder;

  private final List<StoreException> failures = new CopyOnWriteArrayList<>();
  private final AtomicInteger completions = new AtomicInteger();

  /** Passes everything on; counts; fails or waits when told to. */
  private static final class UnreliableDisk implements Disk {
    final Disk real;
    volatile boolean failsToWrite;
    volatile boolean failsToSync;
    final AtomicInteger writes = new AtomicInteger();
    final AtomicInteger syncedWrites = new AtomicInteger();
    final AtomicInteger syncs = new AtomicInteger();

    /** Writes wait for a permit. */
    final Semaphore permits = new Semaphore(1_000_000);

    UnreliableDisk(Disk real) {
      this.real = real;
    }

    @Override
    public void writeMain(WriteBatch batch, boolean sync) throws RocksDBException {
      permits.acquireUninterruptibly();
      if (failsToWrite) {
        throw new RocksDBException("No space left on device");
      }
      writes.incrementAndGet();
      if (sync) {
        syncedWrites.incrementAndGet();
      }
      real.writeMain(batch, sync);
    }

    @Override
    public void writeSpill(WriteBatch batch) throws RocksDBException {
      real.writeSpill(batch);
    }

    @Override
    public void sync() throws RocksDBException {
      if (failsToSync) {
        throw new RocksDBException("Input/output error");
      }
      syncs.incrementAndGet();
      real.sync();
    }

    @Override
    public void close() {
      real.close();
    }
  }

  private record Opened(Store store, UnreliableDisk disk) {}

  private Opened open(StoreOptions options) {
    UnreliableDisk[] disk = new UnreliableDisk[1];
    Store store =
        Store.open(
            folder,
            options,
            BodySize.WHOLE,
            failures::add,
            real -> disk[0] = new UnreliableDisk(real));
    return new Opened(store, disk[0]);
  }

  private TurnWrites turn(long first, boolean sync) {
    return new TurnWrites(
        List.of(appendNumbered(1, first, 1)), sync, completions::incrementAndGet, null);
  }

  @Test
  void afterAFailedWriteNothingCompletes() {
    Opened opened = open(TestStore.SMALL);
    StoreWriter writer = opened.store.writer();
    writer.submit(turn(0, true));
    await().atMost(SOON).until(() -> completions.get() == 1);
    opened.disk.failsToWrite = true;
    writer.submit(turn(1, true));
    await().atMost(SOON).until(() -> failures.size() == 1);
    opened.disk.failsToWrite = false;
    writer.submit(turn(2, true));
    opened.store.close();
    assertThat(writer.state()).isEqualTo(State.FAILED);
    assertThat(completions).hasValue(1);
    assertThat(failures)
        .singleElement()
        .extracting(Throwable::getMessage)
        .asString()
        .contains("nothing more is written or confirmed", "No space left on device");
    try (TestStore reopened = new TestStore(folder)) {
      assertThat(reopened.texts(1)).containsExactly("m0");
    }
  }

  @Test
  void afterAFailedSyncNothingCompletes() {
    Opened opened = open(TestStore.SMALL);
    opened.disk.failsToSync = true;
    opened.store.writer().submit(turn(0, false));
    await().atMost(SOON).until(() -> failures.size() == 1);
    assertThat(completions).hasValue(1);
    opened.store.writer().submit(turn(1, false));
    opened.store.close();
    assertThat(completions).hasValue(1);
    assertThat(failures).hasSize(1);
  }

  @Test
  void aContradictionFailsTheStore() {
    Opened opened = open(TestStore.SMALL);
    opened.store.writer().submit(turn(5, false));
    opened.store.writer().submit(turn(5, true));
    await().atMost(SOON).until(() -> failures.size() == 1);
    assertThat(failures.getFirst()).hasMessageContaining("queue 1 appends at 5");
    opened.store.close();
  }

  @Test
  void whatNobodyWaitsForIsSyncedSoon() {
    Opened opened = open(TestStore.SMALL);
    opened.store.writer().submit(turn(0, false));
    await().atMost(SOON).until(() -> completions.get() == 1);
    await().atMost(SOON).until(() -> opened.disk.syncs.get() == 1);
    assertThat(opened.disk.syncedWrites).hasValue(0);
    opened.store.close();
    assertThat(opened.disk.syncs).hasValue(1);
  }

  @Test
  void bufferedNeverSyncsAWrite() {
    Opened opened = open(TestStore.SMALL.withDurability(Durability.BUFFERED));
    opened.store.writer().submit(turn(0, true));
    await().atMost(SOON).until(() -> completions.get() == 1);
    await().atMost(SOON).until(() -> opened.disk.syncs.get() == 1);
    assertThat(opened.disk.syncedWrites).hasValue(0);
    opened.store.close();
  }

  @Test
  void turnsThatGatherShareOneWrite() {
    Opened opened = open(TestStore.SMALL);
    opened.disk.permits.drainPermits();
    for (int i = 0; i < 100; i++) {
      opened.store.writer().submit(turn(i, true));
    }
    await().atMost(SOON).until(() -> opened.disk.permits.hasQueuedThreads());
    assertThat(completions).hasValue(0);
    opened.disk.permits.release(1_000);
    await().atMost(SOON).until(() -> completions.get() == 100);
    assertThat(opened.disk.writes.get()).isLessThan(100);
    opened.store.close();
  }

  @Test
  void roomIsBounded() throws InterruptedException {
    Opened opened = open(TestStore.SMALL.withPending(1_000, 1 << 20));
    StoreWriter writer = opened.store.writer();
    opened.disk.permits.drainPermits();
    CountDownLatch room = new CountDownLatch(1);
    assertThat(writer.hasRoom()).isTrue();
    for (int i = 0; i < 100; i++) {
      writer.submit(turn(i, true));
    }
    assertThat(writer.hasRoom()).isFalse();
    writer.whenRoom(room::countDown);
    assertThat(room.getCount()).isOne();
    opened.disk.permits.release(1_000);
    assertThat(room.await(10, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
    await().atMost(SOON).until(() -> writer.pendingBytes() == 0);
    opened.store.close();
    assertThat(completions).hasValue(100);
  }

  @Test
  void partsOfATransactionShareOneWrite() {
    Opened opened = open(TestStore.SMALL);
    StoreWriter writer = opened.store.writer();
    writer.submit(part(1));
    writer.submit(new TurnWrites(List.of(appendNumbered(1, 1, 1)), true, null, null));
    writer.submit(
        new TurnWrites(List.of(appendNumbered(9, 0, 1)), true, completions::incrementAndGet, null));
    await().atMost(SOON).until(() -> completions.get() == 1);
    assertThat(opened.disk.writes).hasValue(1);
    assertThat(writer.pendingBytes()).isPositive();
    writer.submit(part(2));
    await().atMost(SOON).until(() -> completions.get() == 3);
    assertThat(opened.disk.writes).hasValue(2);
    opened.store.close();
    try (TestStore reopened = new TestStore(folder)) {
      assertThat(reopened.texts(1)).containsExactly("m0", "m1");
      assertThat(reopened.texts(2)).containsExactly("m0");
    }
  }

  private TurnWrites part(long queue) {
    return new TurnWrites(
        List.of(appendNumbered(queue, 0, 1)),
        true,
        completions::incrementAndGet,
        new TurnWrites.TransactionPart(7, 2));
  }

  @Test
  void aTransactionThatLacksAPartIsNotWritten() {
    Opened opened = open(TestStore.SMALL);
    opened.store.writer().submit(part(1));
    opened.store.close();
    assertThat(completions).hasValue(0);
    try (TestStore reopened = new TestStore(folder)) {
      assertThat(reopened.store.recover().queues()).isEmpty();
    }
  }

  @Test
  void whatCannotBeReadEndsTheConfirmsToo() throws RocksDBException {
    Opened opened = open(TestStore.SMALL);
    Database main = opened.store.main();
    main.db.put(main.cursors, Keys.queue(5), new byte[] {9, 0, 0, 0, 0, 0});
    assertThat(opened.store.reader().read(5, 0, 100, _ -> completions.incrementAndGet())).isTrue();
    await().atMost(SOON).until(() -> failures.size() == 1);
    assertThat(failures.getFirst()).hasMessageContaining("format version 9");
    opened.store.writer().submit(turn(0, true));
    opened.store.close();
    assertThat(opened.store.writer().state()).isEqualTo(State.FAILED);
    assertThat(completions).hasValue(0);
    assertThat(failures).hasSize(1);
    assertThat(opened.store.reader().read(1, 0, 100, _ -> {})).isFalse();
  }
}
