package org.warrenmq.store;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;

/**
 * One owner's scheduled messages in one database as it was at a moment, one after the other; used
 * on the reader thread.
 */
final class ScheduleScan implements AutoCloseable {
  private final boolean persistent;
  private final Slice upper;
  private final ReadOptions options;
  private final RocksIterator it;

  /** The key of the message in front, or null. */
  private byte @Nullable [] key;

  ScheduleScan(
      Database database, Snapshot moment, long queueId, boolean persistent, long due, long id)
      throws RocksDBException {
    this.persistent = persistent;
    upper = new Slice(Keys.scheduledEnd(queueId));
    options = new ReadOptions().setIterateUpperBound(upper).setSnapshot(moment).setFillCache(false);
    it = database.db.newIterator(database.scheduled, options);
    it.seek(Keys.scheduled(queueId, due, id));
    look();
  }

  private void look() throws RocksDBException {
    key = it.isValid() ? it.key() : null;
    it.status();
  }

  /**
   * Both by due time and id, until so many bytes were read, of which each message counts 32 extra.
   */
  static ScheduleBatch merge(long queueId, ScheduleScan a, ScheduleScan b, long maxBytes)
      throws RocksDBException {
    List<ScheduledMessage> messages = new ArrayList<>();
    long bytes = 0;
    while (bytes < maxBytes && (a.key != null || b.key != null)) {
      boolean left = b.key == null || a.key != null && Keys.compare(a.key, b.key) < 0;
      ScheduledMessage next = (left ? a : b).take();
      bytes += next.bytes().length + 32L;
      messages.add(next);
    }
    return new ScheduleBatch(queueId, messages, a.key == null && b.key == null);
  }

  private ScheduledMessage take() throws RocksDBException {
    byte[] taken = it.key();
    ScheduledMessage message =
        new ScheduledMessage(Keys.due(taken), Keys.scheduledId(taken), it.value(), persistent);
    it.next();
    look();
    return message;
  }

  @Override
  public void close() {
    it.close();
    options.close();
    upper.close();
  }
}
