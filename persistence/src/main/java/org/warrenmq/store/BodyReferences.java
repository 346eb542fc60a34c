package org.warrenmq.store;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/**
 * Which messages have which large body; lives on the writer thread. References of messages that
 * last are in the main database as well, put there and taken away with the fold's batch.
 */
final class BodyReferences {
  private final Database main;
  private final WriteBatch batch;
  private final LongConsumer ended;

  /** By queue, then by position. */
  private final Map<Long, TreeMap<Long, Reference>> byQueue = new HashMap<>();

  /**
   * A message's; on disk the value under its queue and position.
   *
   * @param lasting whether it is there
   */
  record Reference(long body, int pieces, boolean lasting) {
    private static final int VERSION = 1;

    byte[] encoded() {
      ByteBuffer target = ByteBuffer.allocate(1 + Bytes.varLength(body) + Bytes.varLength(pieces));
      target.put((byte) VERSION);
      Bytes.putVar(target, body);
      Bytes.putVar(target, pieces);
      return target.array();
    }

    static Reference decode(byte[] value) {
      ByteBuffer source = ByteBuffer.wrap(value);
      Bytes.checkVersion(source, VERSION, "a reference to a large body");
      return new Reference(Bytes.getVar(source), (int) Bytes.getVar(source), true);
    }
  }

  /** Takes what is found at a start. */
  interface Visitor {
    void reference(Reference reference);
  }

  /**
   * @param ended told the body of each reference that ends
   */
  BodyReferences(Database main, WriteBatch batch, LongConsumer ended) {
    this.main = main;
    this.batch = batch;
    this.ended = ended;
  }

  /**
   * Reads those of an earlier run. One whose message was never written goes with the next write.
   */
  void restore(Visitor visitor) throws RocksDBException {
    try (RocksIterator it = main.db.newIterator(main.references)) {
      long queueId = -1;
      long end = 0;
      for (it.seekToFirst(); it.isValid(); it.next()) {
        if (Keys.queueId(it.key()) != queueId) {
          queueId = Keys.queueId(it.key());
          end = end(queueId);
        }
        if (Keys.number(it.key()) < end) {
          Reference reference = Reference.decode(it.value());
          visitor.reference(reference);
          remember(queueId, Keys.number(it.key()), reference);
        } else {
          // Another message may get its position.
          batch.delete(main.references, it.key());
        }
      }
      it.status();
    }
  }

  private long end(long queueId) throws RocksDBException {
    byte[] cursor = main.db.get(main.cursors, Keys.queue(queueId));
    if (cursor != null) {
      return Cursor.decode(cursor).next();
    }
    byte[] schedule = main.db.get(main.scheduled, Keys.queue(queueId));
    return schedule == null ? 0 : ScheduleTable.Tally.decode(schedule).lastId() + 1;
  }

  private void remember(long queueId, long position, Reference reference) {
    byQueue.computeIfAbsent(queueId, _ -> new TreeMap<>()).put(position, reference);
  }

  void add(long queueId, long position, Reference reference) throws RocksDBException {
    remember(queueId, position, reference);
    if (reference.lasting()) {
      batch.put(main.references, Keys.at(queueId, position), reference.encoded());
    }
  }

  void settle(long queueId, long... positions) throws RocksDBException {
    TreeMap<Long, Reference> ofQueue = byQueue.get(queueId);
    if (ofQueue == null) {
      return;
    }
    for (long position : positions) {
      Reference reference = ofQueue.remove(position);
      if (reference != null) {
        end(queueId, position, reference);
      }
    }
    forgetIfEmpty(queueId, ofQueue);
  }

  void settleBelow(long queueId, long below, long[] kept) throws RocksDBException {
    TreeMap<Long, Reference> ofQueue = byQueue.get(queueId);
    if (ofQueue == null) {
      return;
    }
    Iterator<Map.Entry<Long, Reference>> all = ofQueue.headMap(below).entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<Long, Reference> next = all.next();
      if (Arrays.binarySearch(kept, next.getKey()) < 0) {
        end(queueId, next.getKey(), next.getValue());
        all.remove();
      }
    }
    forgetIfEmpty(queueId, ofQueue);
  }

  void dropQueue(long queueId) throws RocksDBException {
    TreeMap<Long, Reference> ofQueue = byQueue.remove(queueId);
    if (ofQueue != null) {
      for (Map.Entry<Long, Reference> each : ofQueue.entrySet()) {
        end(queueId, each.getKey(), each.getValue());
      }
    }
  }

  private void end(long queueId, long position, Reference reference) throws RocksDBException {
    if (reference.lasting()) {
      batch.delete(main.references, Keys.at(queueId, position));
    }
    ended.accept(reference.body());
  }

  private void forgetIfEmpty(long queueId, TreeMap<Long, Reference> ofQueue) {
    if (ofQueue.isEmpty()) {
      byQueue.remove(queueId);
    }
  }
}
