package org.warrenmq.store;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.warrenmq.store.WriteRequest.Hold;
import org.warrenmq.store.WriteRequest.OfBody;
import org.warrenmq.store.WriteRequest.PutPiece;
import org.warrenmq.store.WriteRequest.Refer;
import org.warrenmq.store.WriteRequest.Release;

/**
 * The large bodies: which messages refer to each and how many others hold it, so that it goes with
 * the last of them. Lives on the writer thread; puts what changes into the fold's batches.
 *
 * <p>Kept in memory are some 200 bytes per body and message that refers to it; bodies are a
 * mebibyte and more.
 */
final class BodyTable {
  /** More pieces are deleted as a range, which costs later reads a little. */
  private static final int RANGE_FROM = 64;

  private final Database main;
  private final WriteBatch mainBatch;
  private final Database spill;
  private final WriteBatch spillBatch;
  private final Map<Long, Lives> bodies = new HashMap<>();

  /** By queue, then by position. */
  private final Map<Long, TreeMap<Long, Reference>> references = new HashMap<>();

  /** Bodies that may have nobody left. */
  private final Set<Long> loose = new HashSet<>();

  /** What keeps a body. */
  private static final class Lives {
    final boolean persistent;
    int pieces;
    int holds;
    int references;

    Lives(boolean persistent) {
      this.persistent = persistent;
    }
  }

  /** A message's; on disk the value under its queue and position. */
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

  BodyTable(Database main, WriteBatch mainBatch, Database spill, WriteBatch spillBatch) {
    this.main = main;
    this.mainBatch = mainBatch;
    this.spill = spill;
    this.spillBatch = spillBatch;
  }

  /**
   * Reads what an earlier run left: time grows with the number of bodies and references. What
   * nobody refers to goes with the next write.
   *
   * @return the highest id, or 0
   */
  long restore() throws RocksDBException {
    long highest = 0;
    try (RocksIterator it = main.db.newIterator(main.bodies)) {
      for (it.seekToFirst(); it.isValid(); it.next()) {
        highest = Keys.bodyId(it.key());
        Lives body = new Lives(true);
        // Until a reference tells: as many as it takes to be deleted as a range.
        body.pieces = RANGE_FROM;
        bodies.put(highest, body);
        loose.add(highest);
      }
      it.status();
    }
    try (RocksIterator it = main.db.newIterator(main.references)) {
      long queueId = -1;
      long end = 0;
      for (it.seekToFirst(); it.isValid(); it.next()) {
        if (Keys.queueId(it.key()) != queueId) {
          queueId = Keys.queueId(it.key());
          end = end(queueId);
        }
        long position = Keys.number(it.key());
        if (position < end) {
          restore(queueId, position, Reference.decode(it.value()));
        } else {
          // Its message was never written; another may get its position.
          mainBatch.delete(main.references, it.key());
        }
      }
      it.status();
    }
    return highest;
  }

  private long end(long queueId) throws RocksDBException {
    byte[] cursor = main.db.get(main.cursors, Keys.queue(queueId));
    return cursor == null ? 0 : Cursor.decode(cursor).next();
  }

  private void restore(long queueId, long position, Reference reference) {
    Lives body = find(reference.body());
    body.pieces = reference.pieces();
    add(queueId, position, reference, body);
  }

  private Lives find(long id) {
    Lives body = bodies.get(id);
    if (body == null) {
      throw new StoreException("body %d is not in the store".formatted(id));
    }
    return body;
  }

  private void add(long queueId, long position, Reference reference, Lives body) {
    body.references++;
    references.computeIfAbsent(queueId, _ -> new TreeMap<>()).put(position, reference);
  }

  /**
   * @throws StoreException when a body is not there: a fault of the caller, after which nothing
   *     about it can be trusted
   */
  void apply(OfBody change) throws RocksDBException {
    switch (change) {
      case PutPiece piece -> put(piece);
      case Hold(long id, int times) -> find(id).holds += times;
      case Release(long id) -> {
        find(id).holds--;
        loose.add(id);
      }
      case Refer refer -> refer(refer);
    }
  }

  private void put(PutPiece piece) throws RocksDBException {
    Lives body = bodies.get(piece.body());
    if (body == null) {
      body = new Lives(piece.persistent());
      body.holds = 1;
      bodies.put(piece.body(), body);
      if (piece.persistent()) {
        mainBatch.put(main.bodies, Keys.body(piece.body()), new byte[] {1});
      }
    }
    body.pieces = Math.max(body.pieces, piece.index() + 1);
    batchOf(body)
        .put(databaseOf(body).pieces, Keys.piece(piece.body(), piece.index()), piece.bytes());
  }

  private WriteBatch batchOf(Lives body) {
    return body.persistent ? mainBatch : spillBatch;
  }

  private Database databaseOf(Lives body) {
    return body.persistent ? main : spill;
  }

  private void refer(Refer refer) throws RocksDBException {
    Lives body = find(refer.body());
    if (refer.lasting() && !body.persistent) {
      throw new StoreException(
          "queue %d wants to keep body %d, which does not last"
              .formatted(refer.queueId(), refer.body()));
    }
    Reference reference = new Reference(refer.body(), body.pieces, refer.lasting());
    add(refer.queueId(), refer.position(), reference, body);
    if (refer.lasting()) {
      mainBatch.put(
          main.references, Keys.at(refer.queueId(), refer.position()), reference.encoded());
    }
  }

  // What ends references.

  void settle(long queueId, long[] positions) throws RocksDBException {
    TreeMap<Long, Reference> ofQueue = references.get(queueId);
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
    TreeMap<Long, Reference> ofQueue = references.get(queueId);
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
    TreeMap<Long, Reference> ofQueue = references.remove(queueId);
    if (ofQueue != null) {
      for (Map.Entry<Long, Reference> each : ofQueue.entrySet()) {
        end(queueId, each.getKey(), each.getValue());
      }
    }
  }

  private void end(long queueId, long position, Reference reference) throws RocksDBException {
    find(reference.body()).references--;
    loose.add(reference.body());
    if (reference.lasting()) {
      mainBatch.delete(main.references, Keys.at(queueId, position));
    }
  }

  private void forgetIfEmpty(long queueId, TreeMap<Long, Reference> ofQueue) {
    if (ofQueue.isEmpty()) {
      references.remove(queueId);
    }
  }

  /** Bodies that nobody needs any more go with the batch that freed them. */
  void flush() throws RocksDBException {
    for (long id : loose) {
      @Nullable Lives body = bodies.get(id);
      if (body != null && body.holds == 0 && body.references == 0) {
        bodies.remove(id);
        delete(id, body);
      }
    }
    loose.clear();
  }

  private void delete(long id, Lives body) throws RocksDBException {
    WriteBatch batch = batchOf(body);
    Database database = databaseOf(body);
    if (body.pieces < RANGE_FROM) {
      for (int index = 0; index < body.pieces; index++) {
        batch.delete(database.pieces, Keys.piece(id, index));
      }
    } else {
      batch.deleteRange(database.pieces, Keys.piece(id, 0), Keys.piece(id + 1, 0));
    }
    if (body.persistent) {
      mainBatch.delete(main.bodies, Keys.body(id));
    }
  }
}
