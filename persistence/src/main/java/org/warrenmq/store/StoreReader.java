package org.warrenmq.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Snapshot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pages messages in, on a thread of its own, "warren-store-reader", so that no loop ever waits for
 * a disk. Requests may come from any thread; callbacks run on the reader's and only post to a room.
 *
 * <p>A read sees at least every turn whose completion ran before it was asked for. What was settled
 * is left out; what is settled while the answer is under way is the room's to know.
 */
public final class StoreReader {
  private static final Logger log = LoggerFactory.getLogger(StoreReader.class);

  private final Database main;
  private final Database spill;
  private final ResidentPieces pieces;
  private final BlockingQueue<Job> jobs;
  private final Consumer<StoreException> onFailure;
  private final Thread thread;
  private volatile boolean running = true;

  /** What the thread is asked to do. */
  private sealed interface Job {
    record Messages(long queueId, long from, long maxBytes, Consumer<MessageBatch> callback)
        implements Job {}

    record Scheduled(
        long queueId, long due, long id, long maxBytes, Consumer<ScheduleBatch> callback)
        implements Job {}

    record Piece(long body, int index, boolean persistent, Consumer<byte @Nullable []> callback)
        implements Job {}

    record Stop() implements Job {}
  }

  StoreReader(
      StoreOptions options,
      Database main,
      Database spill,
      ResidentPieces pieces,
      Consumer<StoreException> onFailure) {
    this.main = main;
    this.spill = spill;
    this.pieces = pieces;
    this.jobs = new ArrayBlockingQueue<>(options.pending().reads());
    this.onFailure = onFailure;
    this.thread = Thread.ofPlatform().name("warren-store-reader").daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /**
   * Reads unsettled messages of a queue, main and spill merged by position.
   *
   * @param from the first position wanted
   * @param maxBytes stops after the message that reaches it; counts 32 bytes per message extra, so
   *     it bounds the number as well
   * @param callback run once on the reader's thread, unless the store fails or is closed before
   * @return false when too many reads are waiting: ask again after the next one answered
   */
  public boolean read(long queueId, long from, long maxBytes, Consumer<MessageBatch> callback) {
    return running && jobs.offer(new Job.Messages(queueId, from, maxBytes, callback));
  }

  /**
   * Reads the scheduled messages of an owner, main and spill merged by due time and id.
   *
   * @param due with the id: the first one wanted
   * @param maxBytes as with {@link #read}
   * @param callback as with {@link #read}
   * @return as with {@link #read}
   */
  public boolean readScheduled(
      long queueId, long due, long id, long maxBytes, Consumer<ScheduleBatch> callback) {
    return running && jobs.offer(new Job.Scheduled(queueId, due, id, maxBytes, callback));
  }

  /**
   * Reads one piece of a large body. Sees it from the moment on at which it was handed over, and as
   * long as somebody holds the body or refers to it.
   *
   * @param persistent as it was put
   * @param callback as with {@link #read}, or at once when the piece is in memory; gets null when
   *     it is not there, which is a failure of the store if the caller holds the body
   * @return as with {@link #read}
   */
  public boolean readPiece(
      long body, int index, boolean persistent, Consumer<byte @Nullable []> callback) {
    byte[] resident = pieces.get(body, index);
    if (resident != null) {
      callback.accept(resident);
      return true;
    }
    return running && jobs.offer(new Job.Piece(body, index, persistent, callback));
  }

  /** Ends with the first failure: what cannot be read must not look like an empty queue. */
  private void run() {
    try {
      while (running) {
        switch (jobs.take()) {
          case Job.Messages(long queueId, long from, long maxBytes, var callback) ->
              callback.accept(messages(queueId, from, maxBytes));
          case Job.Scheduled(long queueId, long due, long id, long maxBytes, var callback) ->
              callback.accept(scheduled(queueId, due, id, maxBytes));
          case Job.Piece(long body, int index, boolean persistent, var callback) ->
              callback.accept(piece(body, index, persistent));
          case Job.Stop() -> running = false;
        }
      }
    } catch (RocksDBException | StoreException e) {
      running = false;
      jobs.clear();
      // The owner says it, once.
      log.debug("the store's reader ends", e);
      onFailure.accept(new StoreException("Reading from the store failed: " + e.getMessage(), e));
    } catch (InterruptedException e) {
      // Nobody interrupts this thread.
      throw new IllegalStateException("interrupted", e);
    }
  }

  byte @Nullable [] piece(long body, int index, boolean persistent) throws RocksDBException {
    // Once more: it leaves memory only when it is in the database, but may have come meanwhile.
    byte[] resident = pieces.get(body, index);
    if (resident != null) {
      return resident;
    }
    Database database = persistent ? main : spill;
    return database.db.get(database.pieces, Keys.piece(body, index));
  }

  MessageBatch messages(long queueId, long from, long maxBytes) throws RocksDBException {
    try (Moment moment = new Moment(main, spill)) {
      return messages(moment, queueId, from, maxBytes);
    }
  }

  ScheduleBatch scheduled(long queueId, long due, long id, long maxBytes) throws RocksDBException {
    try (Moment moment = new Moment(main, spill);
        ScheduleScan lasting = new ScheduleScan(main, moment.ofMain, queueId, true, due, id);
        ScheduleScan spilled = new ScheduleScan(spill, moment.ofSpill, queueId, false, due, id)) {
      return ScheduleScan.merge(queueId, lasting, spilled, maxBytes);
    }
  }

  /** Both databases as they were when it was made. */
  private static final class Moment implements AutoCloseable {
    private final Database main;
    private final Database spill;
    private final Snapshot ofMain;
    private final Snapshot ofSpill;

    Moment(Database main, Database spill) {
      this.main = main;
      this.spill = spill;
      ofMain = main.db.getSnapshot();
      ofSpill = spill.db.getSnapshot();
    }

    @Override
    public void close() {
      main.db.releaseSnapshot(ofMain);
      ofMain.close();
      spill.db.releaseSnapshot(ofSpill);
      ofSpill.close();
    }
  }

  private MessageBatch messages(Moment moment, long queueId, long from, long maxBytes)
      throws RocksDBException {
    ChunkScan.Found persistent = ChunkScan.read(main, moment.ofMain, queueId, true, from, maxBytes);
    ChunkScan.Found spilled = ChunkScan.read(spill, moment.ofSpill, queueId, false, from, maxBytes);
    if (spilled.messages().isEmpty() && spilled.atEnd()) {
      return new MessageBatch(
          queueId,
          persistent.messages(),
          persistent.atEnd()
              ? Math.max(persistent.resumeAt(), spilled.resumeAt())
              : persistent.resumeAt(),
          persistent.atEnd());
    }
    return merge(queueId, persistent, spilled);
  }

  /** By position, as far as both were read. */
  private static MessageBatch merge(long queueId, ChunkScan.Found a, ChunkScan.Found b) {
    boolean atEnd = a.atEnd() && b.atEnd();
    long limit =
        Math.min(
            a.atEnd() ? Long.MAX_VALUE : a.resumeAt(), b.atEnd() ? Long.MAX_VALUE : b.resumeAt());
    List<StoredMessage> merged = new ArrayList<>(a.messages().size() + b.messages().size());
    int i = 0;
    int j = 0;
    while (i < a.messages().size() || j < b.messages().size()) {
      boolean left =
          j == b.messages().size()
              || i < a.messages().size()
                  && a.messages().get(i).position() < b.messages().get(j).position();
      StoredMessage next = left ? a.messages().get(i++) : b.messages().get(j++);
      if (next.position() >= limit) {
        break;
      }
      merged.add(next);
    }
    long resumeAt = atEnd ? Math.max(a.resumeAt(), b.resumeAt()) : limit;
    return new MessageBatch(queueId, merged, resumeAt, atEnd);
  }

  /** Ends the thread; reads still waiting are not answered. */
  void close() {
    running = false;
    jobs.clear();
    boolean offered = jobs.offer(new Job.Stop());
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join(100);
        offered = offered || jobs.offer(new Job.Stop());
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
