package org.warrenmq.store;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.WriteBatch;

/**
 * Gives back the space of settled messages in one database: after a write, on the writer thread,
 * while nothing is pending. Each step is idempotent and may be lost in a crash.
 *
 * <p>Range deletes are gathered, as each one costs every later read a little.
 */
final class Tidying {
  private final LogTable table;
  private final Limits limits;

  /**
   * When it is worth doing something. A range delete costs every read after it a little, until it
   * is compacted away; so few large ones, as long as few queues share the disk.
   *
   * @param positions settled at the front, that go with one range delete
   * @param bytes or, if messages are large, this many of theirs, about
   * @param totalBytes what all queues together may leave lying about; with many queues each is
   *     given less than {@code bytes}, though not less than 64 KiB
   * @param pages empty or sparse pages behind the floor, dealt with together
   * @param trimBytes erased in one place, above which dropping whole files is worth a manifest
   *     write
   */
  record Limits(long positions, long bytes, long totalBytes, int pages, long trimBytes) {
    static final Limits NORMAL = new Limits(10_240, 8 << 20, 512 << 20, 32, 64 << 20);

    long bytesOf(int queues) {
      return Math.min(bytes, Math.max(64 << 10, totalBytes / Math.max(1, queues)));
    }
  }

  Tidying(LogTable table, Limits limits) {
    this.table = table;
    this.limits = limits;
  }

  /** Puts what is worth doing for these logs into the batch. */
  void collect(List<ChunkLog> changed, WriteBatch batch) throws RocksDBException {
    for (ChunkLog log : changed) {
      erasePrefix(log, batch);
      SettledPages pages = log.settledPages();
      if (pages == null) {
        continue;
      }
      if (pages.hollowPages() >= limits.pages()) {
        for (long[] range : pages.takeHollow()) {
          eraseRange(log, range[0] * SettledPages.PAGE, range[1] * SettledPages.PAGE, batch);
        }
      }
      if (pages.sparsePages() >= limits.pages()) {
        for (long page : pages.takeSparse(limits.pages())) {
          rewrite(log, page, batch);
        }
      }
    }
  }

  /** Deletes what lies below the floor, once that is enough. */
  private void erasePrefix(ChunkLog log, WriteBatch batch) throws RocksDBException {
    long below = log.erasableBelow();
    if (below - log.erasedBelow < limits.positions()
        && (below <= log.erasedBelow || log.erasableBytes(below) < limits.bytesOf(table.size()))) {
      return;
    }
    eraseRange(log, log.erasedBelow, below, batch);
    log.erasedBelow = below;
    if (log.trimmableBytes() >= limits.trimBytes()) {
      // From the very start: a file that crosses an earlier end is whole only now.
      table.trimLater(Keys.at(log.queueId, 0), Keys.at(log.queueId, below));
      log.trimmedBelow = below;
    }
  }

  private void eraseRange(ChunkLog log, long from, long to, WriteBatch batch)
      throws RocksDBException {
    byte[] start = Keys.at(log.queueId, from);
    byte[] end = Keys.at(log.queueId, to);
    batch.deleteRange(table.database().chunks, start, end);
  }

  /** A survivor of a sparse page. */
  private record Survivor(byte[] bytes, long expiresAt) implements Storable {
    @Override
    public int storedSize() {
      return bytes.length;
    }

    @Override
    public long bodySize() {
      throw new UnsupportedOperationException("it was counted when it was appended");
    }

    @Override
    public void store(ByteBuffer target) {
      target.put(bytes);
    }

    @Override
    public boolean persistent() {
      return true;
    }
  }

  /** Replaces the chunks of a page by as few as its live messages need. */
  private void rewrite(ChunkLog log, long page, WriteBatch batch) throws RocksDBException {
    if (page <= SettledPages.page(log.floor())) {
      // The floor is in it and will pass; nothing is gained by copying what is left.
      return;
    }
    Database database = table.database();
    List<Survivor> survivors = new ArrayList<>();
    long[] positions = new long[SettledPages.PAGE];
    long[] earliest = new long[SettledPages.PAGE];
    long[] latest = new long[SettledPages.PAGE];
    try (Slice upper = new Slice(Keys.at(log.queueId, (page + 1) * SettledPages.PAGE));
        ReadOptions options = new ReadOptions().setIterateUpperBound(upper).setFillCache(false);
        RocksIterator it = database.db.newIterator(database.chunks, options)) {
      for (it.seek(Keys.at(log.queueId, page * SettledPages.PAGE)); it.isValid(); it.next()) {
        byte[] key = it.key();
        byte[] value = it.value();
        Chunk.Header header = Chunk.header(value);
        Chunk.read(
            Keys.number(key),
            value,
            (position, source, length) -> {
              if (log.isLive(position)) {
                byte[] bytes = new byte[length];
                source.get(bytes);
                positions[survivors.size()] = position;
                earliest[survivors.size()] = header.earliest();
                latest[survivors.size()] = header.latest();
                survivors.add(new Survivor(bytes, header.earliestExpiry()));
              }
              return true;
            });
        batch.delete(database.chunks, key);
      }
      it.status();
    }
    List<StoredChunk> chunks = new ArrayList<>();
    Chunk.cut(
        new Chunk.Uncut(positions, earliest, latest, survivors),
        (first, value) -> chunks.add(new StoredChunk(first, value)));
    for (StoredChunk chunk : chunks) {
      batch.put(database.chunks, Keys.at(log.queueId, chunk.first()), chunk.value());
    }
    log.pages().rewritten(page);
  }

  private record StoredChunk(long first, byte[] value) {}
}
