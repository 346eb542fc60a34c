package org.warrenmq.store;

import java.util.concurrent.TimeUnit;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the records of older versions to the present one, where that is needed: cursors of version
 * 2 get the bytes they did not count, for which the messages of their queues are read once. All
 * other records stay as they are and are read in all versions. Folders of versions 3 and 4 only
 * lack the families of remembered keys and, the older one, of scheduled messages, which are made
 * when their database is opened: nothing is read. On the opener's thread, before anybody else uses
 * the store; memory does not grow with what is read.
 *
 * <p>Cut short, it goes on at the next start: the folder is raised to its version when all is done
 * and synced, and a cursor that has its bytes is passed over. An older program refuses such a
 * folder by the family or the first cursor that it does not know.
 */
final class Migration {
  private static final Logger log = LoggerFactory.getLogger(Migration.class);

  /** Cursors written together. */
  private static final int BATCH = 1_000;

  private final Database main;
  private final Disk disk;
  private final BodySize sizes;
  private final LogTable logs;
  private long queues;
  private long messages;

  private Migration(Database main, Disk disk, BodySize sizes) {
    this.main = main;
    this.disk = disk;
    this.sizes = sizes;
    this.logs = new LogTable(main, false);
  }

  static void run(Database main, Disk disk, BodySize sizes) throws RocksDBException {
    new Migration(main, disk, sizes).run();
  }

  private void run() throws RocksDBException {
    log.info("The store has an older format: it is brought to version {}.", FormatFile.VERSION);
    long begin = System.nanoTime();
    try (WriteBatch batch = new WriteBatch();
        RocksIterator cursors = main.db.newIterator(main.cursors)) {
      for (cursors.seekToFirst(); cursors.isValid(); cursors.next()) {
        Cursor cursor = Cursor.decode(cursors.value());
        if (cursor.bytes() == Cursor.UNKNOWN) {
          queues++;
          batch.put(main.cursors, cursors.key(), count(Keys.queueId(cursors.key())).encoded());
        }
        if (batch.count() >= BATCH) {
          disk.writeMain(batch, false);
          batch.clear();
        }
      }
      cursors.status();
      if (batch.count() > 0) {
        disk.writeMain(batch, false);
      }
      disk.sync();
    }
    log.info(
        "The store now has format version {}: {} queues with {} messages were read for it, in {}"
            + " ms. An older program does not open it any more.",
        FormatFile.VERSION,
        queues,
        messages,
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
  }

  private Cursor count(long queueId) throws RocksDBException {
    try {
      return counted(queueId);
    } catch (StoreException | java.nio.BufferUnderflowException e) {
      throw new StoreException(
          "queue %d cannot be brought to format version %d: %s"
              .formatted(queueId, FormatFile.VERSION, e.getMessage()),
          e);
    }
  }

  /** The cursor with the body bytes of what it counts. */
  private Cursor counted(long queueId) throws RocksDBException {
    ChunkLog queue = logs.load(queueId);
    Sum sum = new Sum(queue);
    try (Slice upper = new Slice(Keys.end(queueId));
        ReadOptions options = new ReadOptions().setIterateUpperBound(upper).setFillCache(false);
        RocksIterator chunks = main.db.newIterator(main.chunks, options)) {
      long firstPage = SettledPages.page(queue.floor());
      for (chunks.seek(Keys.at(queueId, firstPage * SettledPages.PAGE));
          chunks.isValid();
          chunks.next()) {
        Chunk.read(Keys.number(chunks.key()), chunks.value(), sum);
      }
      chunks.status();
    }
    messages += queue.count();
    Cursor cursor = queue.cursor();
    return new Cursor(
        cursor.floor(), cursor.next(), cursor.count(), sum.bytes, cursor.delivered(), false);
  }

  private final class Sum implements Chunk.Visitor {
    private final ChunkLog queue;
    private long bytes;

    Sum(ChunkLog queue) {
      this.queue = queue;
    }

    @Override
    public boolean message(long position, java.nio.ByteBuffer source, int length) {
      if (queue.isLive(position)) {
        bytes += sizes.of(source.slice(source.position(), length));
      }
      return true;
    }
  }
}
