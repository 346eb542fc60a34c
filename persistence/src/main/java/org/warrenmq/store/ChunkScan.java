package org.warrenmq.store;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;
import org.warrenmq.store.SettledEntry.Page;
import org.warrenmq.store.SettledEntry.Run;

/**
 * One walk over a queue's log in one database, from a position on, as it was at one moment; used
 * and closed by the thread that made it. Goes to the chunk that holds the position, and jumps over
 * runs of settled pages: never walks from a stuck floor.
 */
final class ChunkScan implements AutoCloseable {
  private final Database database;
  private final long queueId;
  private final boolean persistent;
  private final Slice upper;
  private final ReadOptions options;
  private final RocksIterator chunks;
  private final RocksIterator entries;

  /** The entry that may cover the page asked for last. */
  private @Nullable SettledEntry entry;

  private long entryPage = -1;

  private ChunkScan(Database database, long queueId, boolean persistent, Snapshot snapshot) {
    this.database = database;
    this.queueId = queueId;
    this.persistent = persistent;
    upper = new Slice(Keys.end(queueId));
    options =
        new ReadOptions().setSnapshot(snapshot).setIterateUpperBound(upper).setFillCache(false);
    chunks = database.db.newIterator(database.chunks, options);
    entries = database.db.newIterator(database.settled, options);
  }

  /**
   * What was found.
   *
   * @param resumeAt the first position not looked at
   * @param atEnd nothing was written beyond
   */
  record Found(List<StoredMessage> messages, long resumeAt, boolean atEnd) {}

  /**
   * Reads live messages.
   *
   * @param snapshot the moment that is looked at
   * @param persistent which database it is
   * @param from first position of interest
   * @param maxBytes stops after the message that reaches it
   */
  static Found read(
      Database database,
      Snapshot snapshot,
      long queueId,
      boolean persistent,
      long from,
      long maxBytes)
      throws RocksDBException {
    try (ReadOptions options = new ReadOptions().setSnapshot(snapshot)) {
      byte[] record = database.db.get(database.cursors, options, Keys.queue(queueId));
      if (record == null) {
        return new Found(List.of(), from, true);
      }
      Cursor cursor = Cursor.decode(record);
      long start = Math.max(from, cursor.floor());
      if (start >= cursor.next()) {
        return new Found(List.of(), Math.max(from, cursor.next()), true);
      }
      try (ChunkScan scan = new ChunkScan(database, queueId, persistent, snapshot)) {
        return scan.read(cursor, start, maxBytes);
      }
    }
  }

  private Found read(Cursor cursor, long start, long maxBytes) throws RocksDBException {
    seekTo(start);
    seekEntries(SettledPages.page(start));
    var collector = new Collector(start, maxBytes);
    while (chunks.isValid()) {
      long first = Keys.number(chunks.key());
      long page = SettledPages.page(first);
      SettledEntry covering = covering(page);
      if (covering instanceof Run run) {
        chunks.seek(Keys.at(queueId, run.end * SettledPages.PAGE));
        continue;
      }
      collector.page = covering instanceof Page bits ? bits : null;
      byte[] value = chunks.value();
      collector.appended = Chunk.header(value).earliest();
      Chunk.read(first, value, collector);
      if (collector.bytes >= maxBytes) {
        // More may follow; the next read finds out.
        return new Found(collector.messages, collector.resumeAt, false);
      }
      chunks.next();
    }
    chunks.status();
    entries.status();
    return new Found(collector.messages, cursor.next(), true);
  }

  /** To the chunk that may hold the position: it starts in the same page, at or before it. */
  private void seekTo(long position) {
    byte[] key = Keys.at(queueId, position);
    chunks.seekForPrev(key);
    if (!chunks.isValid()
        || Keys.queueId(chunks.key()) != queueId
        || SettledPages.page(Keys.number(chunks.key())) != SettledPages.page(position)) {
      chunks.seek(key);
    }
  }

  private void seekEntries(long page) {
    entries.seekForPrev(Keys.at(queueId, page));
    if (!entries.isValid() || Keys.queueId(entries.key()) != queueId) {
      entries.seek(Keys.at(queueId, page));
    }
    load();
  }

  private void load() {
    if (entries.isValid()) {
      entryPage = Keys.number(entries.key());
      entry = SettledEntry.decode(entries.value());
    } else {
      entry = null;
    }
  }

  /** The entry for a page, asked for in ascending order. */
  private @Nullable SettledEntry covering(long page) {
    while (entry != null) {
      long end = entry instanceof Run run ? run.end : entryPage + 1;
      if (page < end) {
        return page >= entryPage ? entry : null;
      }
      entries.next();
      load();
    }
    return null;
  }

  /** Keeps live messages from a position on, until there are enough bytes. */
  private final class Collector implements Chunk.Visitor {
    final List<StoredMessage> messages = new ArrayList<>();
    final long from;
    final long maxBytes;
    @Nullable Page page;

    /** What the present chunk says of when its messages came. */
    long appended;

    long bytes;
    long resumeAt;

    Collector(long from, long maxBytes) {
      this.from = from;
      this.maxBytes = maxBytes;
    }

    @Override
    public boolean message(long position, java.nio.ByteBuffer source, int length) {
      int offset = SettledPages.offset(position);
      if (position < from || page != null && page.isSettled(offset)) {
        return true;
      }
      byte[] content = new byte[length];
      source.get(content);
      int returns = page == null ? 0 : page.returns(offset);
      long retryAt = page == null ? WriteRequest.Return.AT_ONCE : page.retryAt(offset);
      messages.add(new StoredMessage(position, appended, content, persistent, returns, retryAt));
      bytes += length + 32L;
      resumeAt = position + 1;
      return bytes < maxBytes;
    }
  }

  @Override
  public void close() {
    chunks.close();
    entries.close();
    options.close();
    upper.close();
  }
}
