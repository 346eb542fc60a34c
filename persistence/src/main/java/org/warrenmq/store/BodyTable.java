package org.warrenmq.store;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
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
 * <p>The youngest bodies stay in memory, within a bound. Of those that last this saves reading; one
 * that need not outlive the process is not even written before it has to leave. Of all others some
 * 200 bytes per body and message that refers to it are kept; bodies are a mebibyte and more.
 */
final class BodyTable {
  /** More pieces are deleted as a range, which costs later reads a little. */
  private static final int RANGE_FROM = 64;

  private final Database main;
  private final WriteBatch mainBatch;
  private final Database spill;
  private final WriteBatch spillBatch;
  private final ResidentPieces memory;
  private final long memoryBytes;
  private final Map<Long, Lives> bodies = new HashMap<>();

  /** Bodies with pieces in memory, oldest first. */
  private final LinkedHashSet<Long> resident = new LinkedHashSet<>();

  /** Those that leave memory once the present batches are written. */
  private final List<Long> leaving = new ArrayList<>();

  /** By queue, then by position. */
  private final Map<Long, TreeMap<Long, Reference>> references = new HashMap<>();

  /** Bodies that may have nobody left. */
  private final Set<Long> loose = new HashSet<>();

  /** What keeps a body. */
  private static final class Lives {
    final boolean persistent;

    /** Whether its pieces go to a database as they come. */
    boolean written;

    int pieces;
    int holds;
    int references;

    Lives(boolean persistent) {
      this.persistent = persistent;
      this.written = persistent;
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

  /**
   * @param memory has every piece that was handed over and not dropped by this
   * @param memoryBytes of it that may be kept
   */
  BodyTable(
      Database main,
      WriteBatch mainBatch,
      Database spill,
      WriteBatch spillBatch,
      ResidentPieces memory,
      long memoryBytes) {
    this.main = main;
    this.mainBatch = mainBatch;
    this.spill = spill;
    this.spillBatch = spillBatch;
    this.memory = memory;
    this.memoryBytes = memoryBytes;
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
    resident.add(piece.body());
    if (body.written) {
      write(piece.body(), body, piece.index(), piece.bytes());
    }
  }

  private void write(long id, Lives body, int index, byte[] bytes) throws RocksDBException {
    batchOf(body).put(databaseOf(body).pieces, Keys.piece(id, index), bytes);
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
    makeRoom();
  }

  /** The oldest bodies leave memory, which some have not been written before. */
  private void makeRoom() throws RocksDBException {
    long excess = memory.bytes() - memoryBytes;
    Iterator<Long> oldest = resident.iterator();
    while (excess > 0 && oldest.hasNext()) {
      long id = oldest.next();
      oldest.remove();
      leaving.add(id);
      Lives body = find(id);
      for (int index = 0; index < body.pieces; index++) {
        byte[] bytes = memory.get(id, index);
        if (bytes != null) {
          excess -= bytes.length;
          if (!body.written) {
            write(id, body, index, bytes);
          }
        }
      }
      body.written = true;
    }
  }

  /** The batches are in the databases: what was to leave memory can. */
  void written() {
    for (long id : leaving) {
      Lives body = bodies.get(id);
      if (body != null) {
        memory.drop(id, body.pieces);
      }
    }
    leaving.clear();
  }

  private void delete(long id, Lives body) throws RocksDBException {
    memory.drop(id, body.pieces);
    resident.remove(id);
    if (!body.written) {
      return;
    }
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
