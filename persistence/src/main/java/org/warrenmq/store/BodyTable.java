package org.warrenmq.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
 * The large bodies: how many messages refer to each and how many others hold it, so that it goes
 * with the last of them. Lives on the writer thread; puts what changes into the fold's batches.
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

  private final BodyReferences references;

  /** Bodies that may have nobody left. */
  private final Set<Long> loose = new HashSet<>();

  /** What keeps a body. */
  private static final class Lives {
    final boolean persistent;

    /** Whether its pieces go to a database as they come. */
    boolean inDatabase;

    int pieces;
    int holds;
    int references;

    Lives(boolean persistent) {
      this.persistent = persistent;
      this.inDatabase = persistent;
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
    this.references = new BodyReferences(main, mainBatch, this::referenceEnded);
  }

  /** Told what ends references. */
  BodyReferences references() {
    return references;
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
    references.restore(
        reference -> {
          Lives body = find(reference.body());
          body.pieces = reference.pieces();
          body.references++;
        });
    return highest;
  }

  private Lives find(long id) {
    Lives body = bodies.get(id);
    if (body == null) {
      throw new StoreException("body %d is not in the store".formatted(id));
    }
    return body;
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
    if (body.inDatabase) {
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
    body.references++;
    references.add(
        refer.queueId(),
        refer.position(),
        new BodyReferences.Reference(refer.body(), body.pieces, refer.lasting()));
  }

  private void referenceEnded(long id) {
    find(id).references--;
    loose.add(id);
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
          if (!body.inDatabase) {
            write(id, body, index, bytes);
          }
        }
      }
      body.inDatabase = true;
    }
  }

  /** The batches are in the databases: what was to leave memory can. */
  void batchesOnDisk() {
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
    if (!body.inDatabase) {
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
