package org.warrenmq.store;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.warrenmq.store.WindowState.RememberedKey;

/**
 * The keys by which owners know duplicates, one record for each slot of an owner's window: what
 * takes a slot replaces what was there, so a window needs no tidying. In the main database alone:
 * what need not last is not handed over. Lives on the writer thread, which knows the owners only.
 */
final class WindowTable {
  private static final int VERSION = 1;

  private final Database database;
  private final WriteBatch batch;

  /** Who has records: others that are dropped cost nothing. */
  private final Set<Long> owners = new HashSet<>();

  /**
   * @param batch where its changes go
   */
  WindowTable(Database database, WriteBatch batch) {
    this.database = database;
    this.batch = batch;
  }

  /** Learns what an earlier run left. */
  void restore() throws RocksDBException {
    try (ReadOptions options = new ReadOptions().setFillCache(false);
        RocksIterator it = database.db.newIterator(database.remembered, options)) {
      it.seekToFirst();
      while (it.isValid()) {
        long queueId = Keys.queueId(it.key());
        owners.add(queueId);
        it.seek(Keys.queue(queueId + 1));
      }
      it.status();
    }
  }

  void remember(WriteRequest.Remember request) throws RocksDBException {
    owners.add(request.queueId());
    byte[] key = request.key();
    ByteBuffer value =
        ByteBuffer.allocate(
            1 + Bytes.varLength(request.number()) + Bytes.varLength(request.until()) + key.length);
    value.put((byte) VERSION);
    Bytes.putVar(value, request.number());
    Bytes.putVar(value, request.until());
    value.put(key);
    batch.put(database.remembered, Keys.at(request.queueId(), request.slot()), value.array());
  }

  /** The owner is gone, with all it remembers. */
  void drop(long queueId) throws RocksDBException {
    if (owners.remove(queueId)) {
      batch.deleteRange(database.remembered, Keys.queue(queueId), Keys.end(queueId));
    }
  }

  /** All windows by their owner, each as a whole. Any thread. */
  static void windows(Database database, Consumer<WindowState> visitor) throws RocksDBException {
    try (ReadOptions options = new ReadOptions().setFillCache(false);
        RocksIterator it = database.db.newIterator(database.remembered, options)) {
      long owner = -1;
      List<RememberedKey> keys = new ArrayList<>();
      for (it.seekToFirst(); it.isValid(); it.next()) {
        long queueId = Keys.queueId(it.key());
        if (queueId != owner) {
          visit(owner, keys, visitor);
          owner = queueId;
          keys = new ArrayList<>();
        }
        keys.add(decode(it.value()));
      }
      it.status();
      visit(owner, keys, visitor);
    }
  }

  private static void visit(long owner, List<RememberedKey> keys, Consumer<WindowState> visitor) {
    if (!keys.isEmpty()) {
      keys.sort(Comparator.comparingLong(RememberedKey::number));
      visitor.accept(new WindowState(owner, keys));
    }
  }

  private static RememberedKey decode(byte[] value) {
    ByteBuffer source = ByteBuffer.wrap(value);
    Bytes.checkVersion(source, VERSION, "a remembered key");
    long number = Bytes.getVar(source);
    long until = Bytes.getVar(source);
    byte[] key = new byte[source.remaining()];
    source.get(key);
    return new RememberedKey(number, until, key);
  }
}
