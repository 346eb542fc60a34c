package org.warrenmq.store;

import java.util.List;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.warrenmq.store.WriteRequest.AddQueue;
import org.warrenmq.store.WriteRequest.Append;
import org.warrenmq.store.WriteRequest.DeleteDefinition;
import org.warrenmq.store.WriteRequest.Delivered;
import org.warrenmq.store.WriteRequest.DropQueue;
import org.warrenmq.store.WriteRequest.OfBody;
import org.warrenmq.store.WriteRequest.PutDefinition;
import org.warrenmq.store.WriteRequest.Remember;
import org.warrenmq.store.WriteRequest.Return;
import org.warrenmq.store.WriteRequest.Schedule;
import org.warrenmq.store.WriteRequest.Settle;
import org.warrenmq.store.WriteRequest.SettleBelow;
import org.warrenmq.store.WriteRequest.Unschedule;

/**
 * Folds the requests of many turns into one batch per database: what belongs to one queue becomes
 * few chunks, one record per touched page and one cursor. Lives on the writer thread; owns the
 * batches.
 */
final class Fold implements AutoCloseable {
  private final LogTable main;
  private final LogTable spill;
  private final WriteBatch mainBatch = new WriteBatch();
  private final WriteBatch spillBatch = new WriteBatch();
  private final ScheduleTable mainSchedules;
  private final ScheduleTable spillSchedules;
  private final WindowTable windows;
  private final BodyTable bodies;

  Fold(
      LogTable main,
      LogTable spill,
      ResidentPieces pieces,
      long pieceBytes,
      Tidying.Limits limits) {
    this.main = main;
    this.spill = spill;
    this.mainSchedules = new ScheduleTable(main.database(), mainBatch, limits);
    this.spillSchedules = new ScheduleTable(spill.database(), spillBatch, limits);
    this.windows = new WindowTable(main.database(), mainBatch);
    this.bodies =
        new BodyTable(main.database(), mainBatch, spill.database(), spillBatch, pieces, pieceBytes);
  }

  /** What an earlier run left of bodies, schedules and windows; see {@link BodyTable#restore}. */
  long restore() throws RocksDBException {
    mainSchedules.restore();
    windows.restore();
    return bodies.restore();
  }

  void apply(WriteRequest request) throws RocksDBException {
    switch (request) {
      case Append append -> append(append);
      case Settle(long queueId, _, long[] positions, long bytes) -> {
        // The caller need not know which database has a message: settling is idempotent.
        ChunkLog log = main.changeIfPresent(queueId);
        if (log != null) {
          log.settle(positions, bytes);
        }
        ChunkLog spilled = spill.changeIfPresent(queueId);
        if (spilled != null) {
          spilled.settle(positions, 0);
        }
        bodies.references().settle(queueId, positions);
      }
      case SettleBelow(long queueId, long below, long[] kept, long bytes) -> {
        ChunkLog log = main.changeIfPresent(queueId);
        if (log != null) {
          log.settleBelow(below, kept, bytes);
        }
        ChunkLog spilled = spill.changeIfPresent(queueId);
        if (spilled != null) {
          spilled.settleBelow(below, kept, 0);
        }
        bodies.references().settleBelow(queueId, below, kept);
      }
      case Return returned -> {
        ChunkLog log = main.changeIfPresent(returned.queueId());
        if (log != null) {
          log.returned(returned);
        }
        ChunkLog spilled = spill.changeIfPresent(returned.queueId());
        if (spilled != null) {
          spilled.returned(returned);
        }
      }
      case Delivered(long queueId, long mark) -> {
        // Without persistent messages there is nothing to redeliver after a restart.
        ChunkLog log = main.changeIfPresent(queueId);
        if (log != null) {
          log.delivered(mark);
        }
      }
      case Schedule schedule ->
          (schedule.message().persistent() ? mainSchedules : spillSchedules).schedule(schedule);
      case Unschedule unschedule -> {
        (unschedule.lasting() ? mainSchedules : spillSchedules).unschedule(unschedule);
        bodies.references().settle(unschedule.queueId(), unschedule.id());
      }
      case Remember remember -> windows.remember(remember);
      // Its place in the order is all there is to it: an empty queue has no records.
      case AddQueue _ -> {}
      case DropQueue(long queueId) -> {
        main.drop(queueId, mainBatch);
        spill.drop(queueId, spillBatch);
        mainSchedules.drop(queueId);
        spillSchedules.drop(queueId);
        windows.drop(queueId);
        bodies.references().dropQueue(queueId);
      }
      case OfBody change -> bodies.apply(change);
      case PutDefinition(DefinitionKey key, byte[] value) ->
          mainBatch.put(main.database().definitions, key.encoded(), value);
      case DeleteDefinition(DefinitionKey key) ->
          mainBatch.delete(main.database().definitions, key.encoded());
    }
  }

  /** Splits by database; nearly always all messages go the same way. */
  private void append(Append append) throws RocksDBException {
    List<? extends Storable> messages = append.messages();
    int start = 0;
    while (start < messages.size()) {
      boolean persistent = messages.get(start).persistent();
      int end = start + 1;
      while (end < messages.size() && messages.get(end).persistent() == persistent) {
        end++;
      }
      LogTable table = persistent ? main : spill;
      table
          .change(append.queueId())
          .append(append.first() + start, append.time(), messages.subList(start, end));
      start = end;
    }
  }

  /** Bodies that nobody needs any more go with what freed them; to be called before the rest. */
  void flushBodies() throws RocksDBException {
    bodies.flush();
  }

  /** What is in the batches has been written. */
  void batchesOnDisk() {
    bodies.batchesOnDisk();
  }

  List<ChunkLog> flushMain() throws RocksDBException {
    mainSchedules.flush();
    return main.flush(mainBatch);
  }

  List<ChunkLog> flushSpill() throws RocksDBException {
    spillSchedules.flush();
    return spill.flush(spillBatch);
  }

  /** Told to give back space after a write. */
  ScheduleTable mainSchedules() {
    return mainSchedules;
  }

  /** The same. */
  ScheduleTable spillSchedules() {
    return spillSchedules;
  }

  WriteBatch mainBatch() {
    return mainBatch;
  }

  WriteBatch spillBatch() {
    return spillBatch;
  }

  void clear() {
    mainBatch.clear();
    spillBatch.clear();
  }

  @Override
  public void close() {
    mainBatch.close();
    spillBatch.close();
  }
}
