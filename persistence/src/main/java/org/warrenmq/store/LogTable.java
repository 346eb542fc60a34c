package org.warrenmq.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.WriteBatch;

/**
 * The queues' logs in one database, as far as they were touched since the store was opened; lives
 * on the writer thread. A log is loaded with its first request: one cursor, and its settled pages.
 */
final class LogTable {
  private final Database database;
  private final Map<Long, ChunkLog> logs = new HashMap<>();

  /** Logs changed since the last write, in the order in which they were. */
  private final Set<ChunkLog> touched = new LinkedHashSet<>();

  /** What was erased in bulk and may free whole files, once the writer has synced. */
  private final List<Trim> trims = new ArrayList<>();

  /** Nothing was there when the store was opened, so nothing needs loading. */
  private final boolean wiped;

  /** A range of keys that nothing refers to any more. */
  record Trim(ColumnFamilyHandle family, byte[] from, byte[] to) {}

  LogTable(Database database, boolean wiped) {
    this.database = database;
    this.wiped = wiped;
  }

  /** Not at once: the deletion that made it superfluous must be on disk first. */
  void trimLater(byte[] from, byte[] to) {
    trims.add(new Trim(database.chunks, from, to));
  }

  /** What may be trimmed now that everything is written. */
  List<Trim> takeTrims() {
    if (trims.isEmpty()) {
      return List.of();
    }
    List<Trim> taken = List.copyOf(trims);
    trims.clear();
    return taken;
  }

  /** Queues touched since the store was opened. */
  int size() {
    return logs.size();
  }

  Database database() {
    return database;
  }

  /** The log, to be changed; loaded if need be. */
  ChunkLog change(long queueId) throws RocksDBException {
    ChunkLog log = logs.get(queueId);
    if (log == null) {
      log = load(queueId);
      logs.put(queueId, log);
    }
    touched.add(log);
    return log;
  }

  /**
   * The log, to be changed if it ever held anything; null otherwise. Nothing is kept of a queue
   * that is not there: ids that are gone would pile up.
   */
  @Nullable ChunkLog changeIfPresent(long queueId) throws RocksDBException {
    ChunkLog log = logs.get(queueId);
    if (log == null) {
      log = load(queueId);
      if (log.isUnused()) {
        return null;
      }
      logs.put(queueId, log);
    }
    touched.add(log);
    return log;
  }

  /** One look-up and a short walk; a queue without a cursor has nothing else either. */
  ChunkLog load(long queueId) throws RocksDBException {
    byte[] record = wiped ? null : database.db.get(database.cursors, Keys.queue(queueId));
    if (record == null) {
      return new ChunkLog(queueId);
    }
    ChunkLog log = new ChunkLog(queueId, Cursor.decode(record));
    try (Slice upper = new Slice(Keys.end(queueId));
        ReadOptions options = new ReadOptions().setIterateUpperBound(upper);
        RocksIterator it = database.db.newIterator(database.settled, options)) {
      for (it.seek(Keys.at(queueId, 0)); it.isValid(); it.next()) {
        log.pages().restore(Keys.number(it.key()), SettledEntry.decode(it.value()));
      }
      it.status();
    }
    return log;
  }

  /** The queue is gone: its log, what was pending for it, and all its records. */
  void drop(long queueId, WriteBatch batch) throws RocksDBException {
    ChunkLog log = changeIfPresent(queueId);
    logs.remove(queueId);
    if (log == null) {
      return;
    }
    touched.remove(log);
    byte[] start = Keys.at(queueId, 0);
    byte[] end = Keys.end(queueId);
    if (log.cursorStored) {
      batch.delete(database.cursors, Keys.queue(queueId));
      if (log.next() > log.erasedBelow) {
        batch.deleteRange(database.chunks, start, end);
        if (log.erasableBytes(log.next()) >= Tidying.Limits.NORMAL.trimBytes()) {
          trimLater(start, end);
        }
      }
    }
    SettledPages pages = log.settledPages();
    if (pages != null && pages.everStored()) {
      batch.deleteRange(database.settled, start, end);
    }
  }

  /** Puts everything that changed into a batch. Returns the logs concerned. */
  List<ChunkLog> flush(WriteBatch batch) throws RocksDBException {
    List<ChunkLog> flushed = new ArrayList<>(touched);
    touched.clear();
    for (ChunkLog log : flushed) {
      log.flush(new BatchSink(database, log.queueId, batch));
    }
    return flushed;
  }

  /** Writes a log's changes into a batch. */
  private record BatchSink(Database database, long queueId, WriteBatch batch)
      implements ChunkLog.Sink {
    @Override
    public void chunk(long first, byte[] value) {
      put(database.chunks, Keys.at(queueId, first), value);
    }

    @Override
    public void entry(long page, @Nullable SettledEntry entry) {
      byte[] key = Keys.at(queueId, page);
      if (entry != null) {
        put(database.settled, key, entry.encoded());
        return;
      }
      try {
        batch.delete(database.settled, key);
      } catch (RocksDBException e) {
        throw refused(e);
      }
    }

    @Override
    public void cursor(Cursor cursor) {
      put(database.cursors, Keys.queue(queueId), cursor.encoded());
    }

    private void put(ColumnFamilyHandle family, byte[] key, byte[] value) {
      try {
        batch.put(family, key, value);
      } catch (RocksDBException e) {
        throw refused(e);
      }
    }

    private static StoreException refused(RocksDBException e) {
      return new StoreException("a write batch refused a record: " + e.getMessage(), e);
    }
  }
}
