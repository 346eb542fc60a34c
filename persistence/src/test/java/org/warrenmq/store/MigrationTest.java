package org.warrenmq.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.warrenmq.store.TestStore.appendNumbered;
import static org.warrenmq.store.TestStore.settleNumbered;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.warrenmq.store.WriteRequest.SettleBelow;

/**
 * A folder that a program of format version 2 left when it was killed, partly in tables and partly
 * in its log. Queue 1: a row of messages, of which the first are settled. 2: gaps, runs of settled
 * pages and single settled messages, returns, a mark. 3: everything settled. 4: a transient message
 * among others. 5: messages that expire, one with a large body.
 */
class MigrationTest {
  private static final byte[] MARK_OF_2 =
      "warrenmq-store 2\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

  @TempDir Path folder;

  @BeforeEach
  void unpack() throws IOException {
    try (InputStream packed =
            Objects.requireNonNull(MigrationTest.class.getResourceAsStream("format-2.zip"));
        ZipInputStream zip = new ZipInputStream(packed)) {
      for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = folder.resolve(entry.getName());
        if (entry.isDirectory()) {
          Files.createDirectories(file);
        } else {
          Files.copy(zip, file);
        }
      }
    }
  }

  private byte[] format() throws IOException {
    return Files.readAllBytes(folder.resolve("FORMAT"));
  }

  /** What the old program said, and the bytes that the messages have. */
  private static void assertWhole(TestStore store) {
    assertThat(store.store.verify().problems()).isEmpty();
    assertThat(store.store.recover().queues())
        .containsExactly(
            new QueueState(1, 3, 1000, 997, TestStore.bytesOf(LongStream.range(3, 1000)), 0),
            new QueueState(2, 100, 2300, 1445, bytesOf(store, 2), 1600),
            new QueueState(3, 10, 10, 0, 0, 0),
            new QueueState(4, 0, 3, 2, 12, 0),
            new QueueState(5, 0, 2, 2, 11, 0));
    assertThat(store.texts(1)).isEqualTo(LongStream.range(3, 1000).mapToObj(i -> "m" + i).toList());
    assertThat(store.read(2))
        .hasSize(1445)
        .allMatch(m -> TestStore.text(m).equals("m" + m.position()));
    assertThat(store.read(2))
        .filteredOn(message -> message.returns() > 0)
        .extracting(StoredMessage::position, StoredMessage::returns)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(107L, 2),
            org.assertj.core.groups.Tuple.tuple(1500L, 5));
    assertThat(store.texts(4)).containsExactly("keep", "keep too");
    assertThat(store.texts(5)).containsExactly("first", "second");
    assertThat(store.piece(1, 0, true)).containsExactly(1, 2, 3);
    assertThat(store.store.recover().definitions())
        .extracting(Recovered.Definition::key)
        .containsExactly(new DefinitionKey(2, "queue"));
  }

  private static long bytesOf(TestStore store, long queueId) {
    return store.read(queueId).stream().mapToLong(message -> message.bytes().length).sum();
  }

  @Test
  void everyMessageIsThereAndCounted() throws IOException {
    try (TestStore store = new TestStore(folder)) {
      assertWhole(store);
      assertThat(format()).asString().isEqualTo("warrenmq-store 5\n");
    }
    try (TestStore store = new TestStore(folder)) {
      assertWhole(store);
    }
  }

  @Test
  void whatIsOldGoesOnWithWhatIsNew() {
    try (TestStore store = new TestStore(folder)) {
      store.write(
          appendNumbered(1, 1000, 300), settleNumbered(1, LongStream.range(3, 900).toArray()));
      store.write(new SettleBelow(2, 2300, new long[] {1500}, bytesOf(store, 2) - 5));
      store.write(appendNumbered(3, 10, 1));
    }
    try (TestStore store = new TestStore(folder)) {
      assertThat(store.store.verify().problems()).isEmpty();
      assertThat(store.store.recover().queues())
          .startsWith(
              new QueueState(1, 900, 1300, 400, TestStore.bytesOf(LongStream.range(900, 1300)), 0),
              new QueueState(2, 1500, 2300, 1, 5, 1600),
              new QueueState(3, 10, 11, 1, 3, 0));
      assertThat(store.texts(2)).containsExactly("m1500");
    }
  }

  /** They stay as they were written, beside new ones. */
  @Test
  void oldChunksTellNoTimesAndTheirExpiry() throws RocksDBException {
    try (TestStore store = new TestStore(folder)) {
      assertThat(headers(store.store, 5).values())
          .containsExactly(new Chunk.Header(false, 2, 0, 0, 4_000));
      store.write(appendNumbered(5, 2, 2));
      assertThat(headers(store.store, 5).values())
          .containsExactly(
              new Chunk.Header(false, 2, 0, 0, 4_000),
              new Chunk.Header(false, 2, TestStore.TIME, TestStore.TIME, Long.MAX_VALUE));
    }
  }

  private static Map<Long, Chunk.Header> headers(Store store, long queueId)
      throws RocksDBException {
    Map<Long, Chunk.Header> headers = new TreeMap<>();
    Database main = store.main();
    try (RocksIterator it = main.db.newIterator(main.chunks)) {
      for (it.seek(Keys.at(queueId, 0)); it.isValid(); it.next()) {
        if (Keys.queueId(it.key()) == queueId) {
          headers.put(Keys.number(it.key()), Chunk.header(it.value()));
        }
      }
      it.status();
    }
    return headers;
  }

  /** A page that old and new messages share: what has no time is in a chunk of its own. */
  @Test
  void oldChunksAreRewrittenTogetherWithNewOnes() throws RocksDBException {
    Tidying.Limits eager = new Tidying.Limits(10_240, 8 << 20, 512 << 20, 1, 64 << 20);
    Store store =
        Store.openStopped(
            folder,
            TestStore.SMALL,
            BodySize.WHOLE,
            failure -> {
              throw failure;
            },
            UnaryOperator.identity(),
            eager);
    try {
      AtomicBoolean written = new AtomicBoolean();
      List<WriteRequest> requests =
          List.of(
              appendNumbered(1, 1000, 24),
              settleNumbered(1, LongStream.range(770, 1011).toArray()));
      store.writer().submit(TurnWrites.synced(requests, () -> written.set(true)));
      while (!written.get()) {
        store.writer().step();
      }
      assertThat(headers(store, 1))
          .containsEntry(768L, new Chunk.Header(false, 2, 0, 0, Long.MAX_VALUE))
          .containsEntry(
              1011L, new Chunk.Header(false, 13, TestStore.TIME, TestStore.TIME, Long.MAX_VALUE))
          .doesNotContainKey(1000L);
      assertThat(store.reader().messages(1, 768, 1 << 20).messages())
          .extracting(StoredMessage::position)
          .containsExactlyElementsOf(
              LongStream.concat(LongStream.of(768, 769), LongStream.range(1011, 1024))
                  .boxed()
                  .toList());
      assertThat(store.verify().problems()).isEmpty();
    } finally {
      store.close();
    }
  }

  /** Fails with the first write, or the sync behind all. */
  private record FailingDisk(Disk real, boolean inSync) implements Disk {
    @Override
    public void writeMain(WriteBatch batch, boolean sync) throws RocksDBException {
      if (!inSync) {
        throw new RocksDBException("No space left on device");
      }
      real.writeMain(batch, sync);
    }

    @Override
    public void writeSpill(WriteBatch batch) throws RocksDBException {
      real.writeSpill(batch);
    }

    @Override
    public void sync() throws RocksDBException {
      throw new RocksDBException("Input/output error");
    }

    @Override
    public void close() {
      real.close();
    }
  }

  @Test
  void cutShortItIsDoneAtTheNextStart() throws IOException {
    for (boolean inSync : List.of(false, true)) {
      assertThatThrownBy(
              () ->
                  Store.open(
                      folder,
                      TestStore.SMALL,
                      BodySize.WHOLE,
                      _ -> {},
                      real -> new FailingDisk(real, inSync)))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining(folder.toString());
      assertThat(format()).isEqualTo(MARK_OF_2);
    }
    try (TestStore store = new TestStore(folder)) {
      assertWhole(store);
    }
  }

  /** Killed between two batches: the folder is still called old, and some of its queues are not. */
  @Test
  void onlyWhatIsLeftIsDone() throws Exception {
    byte[] old;
    try (TestStore store = new TestStore(folder)) {
      Database main = store.store.main();
      old = main.db.get(main.cursors, Keys.queue(1));
      main.db.put(
          main.cursors, Keys.queue(2), versionOne(main.db.get(main.cursors, Keys.queue(2))));
    }
    Files.write(folder.resolve("FORMAT"), MARK_OF_2);
    try (TestStore store = new TestStore(folder)) {
      assertWhole(store);
      assertThat(store.store.main().db.get(store.store.main().cursors, Keys.queue(1)))
          .isEqualTo(old);
    }
  }

  private static byte[] versionOne(byte[] value) {
    Cursor cursor = Cursor.decode(value);
    java.nio.ByteBuffer target = java.nio.ByteBuffer.allocate(50);
    target.put((byte) 1);
    Bytes.putVar(target, cursor.floor());
    Bytes.putVar(target, cursor.next());
    Bytes.putVar(target, cursor.count());
    Bytes.putVar(target, cursor.delivered());
    return java.util.Arrays.copyOf(target.array(), target.position());
  }

  /** Better the old program than a queue whose size is wrong for ever. */
  @Test
  void aMessageThatIsNoneKeepsTheFolderAsItIs() throws IOException {
    assertThatThrownBy(
            () ->
                Store.open(
                    folder,
                    TestStore.SMALL,
                    stored -> {
                      throw new StoreException("a stored message is none");
                    },
                    _ -> {}))
        .isInstanceOf(StoreException.class)
        .hasMessage("queue 1 cannot be brought to format version 5: a stored message is none");
    assertThat(format()).isEqualTo(MARK_OF_2);
  }

  /** One of version 3 has all records as they are now, and no family of scheduled messages. */
  @Test
  void aFolderOfVersionThreeOnlyLacksScheduledMessages() throws Exception {
    try (TestStore store = new TestStore(folder)) {
      Database main = store.store.main();
      main.db.dropColumnFamily(main.scheduled);
      main.db.dropColumnFamily(main.remembered);
    }
    Files.writeString(folder.resolve("FORMAT"), "warrenmq-store 3\n");
    assertNewRequestsAreTaken();
  }

  /** One of version 4 has no family of remembered keys. */
  @Test
  void aFolderOfVersionFourOnlyLacksRememberedKeys() throws Exception {
    try (TestStore store = new TestStore(folder)) {
      Database main = store.store.main();
      main.db.dropColumnFamily(main.remembered);
    }
    Files.writeString(folder.resolve("FORMAT"), "warrenmq-store 4\n");
    assertNewRequestsAreTaken();
  }

  private void assertNewRequestsAreTaken() throws Exception {
    try (TestStore store = new TestStore(folder)) {
      assertWhole(store);
      assertThat(format()).asString().isEqualTo("warrenmq-store 5\n");
      store.write(
          new WriteRequest.Schedule(9, 5, 1, TestStore.persistent("later")),
          new WriteRequest.Remember(9, 0, 1, 5, new byte[] {1}));
    }
    try (TestStore store = new TestStore(folder)) {
      assertWhole(store);
      assertThat(store.store.recover().schedules()).containsExactly(new ScheduleState(9, 1, 1));
      assertThat(store.store.recover().windows()).hasSize(1);
    }
  }

  @Test
  void aFormatBeforeThatIsRefused() throws IOException {
    Files.writeString(folder.resolve("FORMAT"), "warrenmq-store 1\n");
    assertThatThrownBy(() -> new TestStore(folder))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("has format version 1, this program");
  }
}
