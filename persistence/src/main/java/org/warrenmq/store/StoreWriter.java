package org.warrenmq.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.store.StoreOptions.Durability;

/**
 * Writes everything, on one thread of its own, "warren-store". Rooms hand over what a turn
 * produced; what gathers while one write runs becomes the next, so that many share a sync.
 *
 * <p>{@link #submit}, {@link #hasRoom}, {@link #whenRoom} and {@link #state} may be called from any
 * thread; all else happens on the writer's.
 *
 * <p>An error is the end: nothing more is written, no completion runs any more, and the owner is
 * told once. What was completed before is on disk.
 */
public final class StoreWriter {
  private static final Logger log = LoggerFactory.getLogger(StoreWriter.class);

  /** Running, stopped by {@link Store#close}, or ended by an error. */
  public enum State {
    RUNNING,
    FAILED,
    CLOSED
  }

  private final StoreOptions options;
  private final Disk disk;
  private final ResidentPieces pieces;
  private final LogTable main;
  private final LogTable spill;
  private final Tidying mainTidying;
  private final Tidying spillTidying;
  private final Fold fold;
  private final TransactionHold hold = new TransactionHold();
  private final Consumer<StoreException> onFailure;
  private final Thread thread;

  private final Intake intake = new Intake();
  private final ConcurrentLinkedQueue<Runnable> waitingForRoom = new ConcurrentLinkedQueue<>();
  private volatile boolean closing;
  private volatile State state = State.RUNNING;

  /** A failure found elsewhere, which ends the writer as well. */
  private volatile @Nullable StoreException poison;

  // The writer thread's own.
  private final List<TurnWrites> folded = new ArrayList<>();

  /** How many of those are in the fold's logs and batches. */
  private int applied;

  private long foldedBytes;
  private boolean syncWanted;
  private boolean justSynced;

  /** When the oldest write that was not synced was made, or 0. */
  private long unsyncedSince;

  StoreWriter(
      StoreOptions options,
      Disk disk,
      Database main,
      Database spill,
      ResidentPieces pieces,
      Tidying.Limits limits,
      Consumer<StoreException> onFailure) {
    this.pieces = pieces;
    this.options = options;
    this.disk = disk;
    this.main = new LogTable(main, false);
    this.spill = new LogTable(spill, true);
    this.mainTidying = new Tidying(this.main, limits);
    this.spillTidying = new Tidying(this.spill, limits);
    this.fold = new Fold(this.main, this.spill, pieces, options.memory().bodies(), limits);
    this.onFailure = onFailure;
    this.thread = Thread.ofPlatform().name("warren-store").daemon().unstarted(this::run);
  }

  /**
   * Learns which bodies and schedules an earlier run left; on the opener's thread, before the
   * start.
   *
   * @return the highest id of a body, or 0
   */
  long restore() throws RocksDBException {
    return fold.restore();
  }

  void start() {
    thread.start();
  }

  /**
   * Hands over the writes of a turn; never refuses and never waits. After a failure or the close
   * they are dropped, and their completion never runs.
   */
  public void submit(TurnWrites turn) {
    if (state != State.RUNNING) {
      return;
    }
    pieces.add(turn);
    intake.add(turn, thread);
  }

  /** False while more waits than {@link StoreOptions.Pending#bytes}: take fewer publishes. */
  public boolean hasRoom() {
    return intake.pendingBytes() < options.pending().bytes();
  }

  /**
   * Runs something once, on the writer thread, when there is room (again); for a room that stopped
   * taking publishes. Each room asks at most once at a time.
   */
  public void whenRoom(Runnable action) {
    waitingForRoom.add(action);
    LockSupport.unpark(thread);
  }

  /** Bytes handed over and not yet written. */
  public long pendingBytes() {
    return intake.pendingBytes();
  }

  public State state() {
    return state;
  }

  private void run() {
    try {
      while (step()) {
        // Each step writes what has gathered.
      }
      state = State.CLOSED;
    } catch (RocksDBException | StoreException e) {
      fail(e);
    } catch (Throwable e) {
      // No failure of the disk: the thread ends by it, and with the thread the node.
      state = State.FAILED;
      throw e;
    }
  }

  /** One round: takes what is there, or waits. False when closed and done. */
  boolean step() throws RocksDBException {
    checkPoison();
    if (justSynced && !closing) {
      justSynced = false;
      intake.gather();
    }
    List<Intake.Handed> handed = intake.mayWait() && !closing ? List.of() : intake.take();
    if (!handed.isEmpty()) {
      take(handed);
      writeFolded();
    } else if (closing) {
      finish();
      return false;
    } else {
      syncIfDue();
      tellRoom();
      await();
    }
    return true;
  }

  /**
   * Folds turns in the order in which they came, and writes whenever there is enough for a batch.
   */
  private void take(List<Intake.Handed> handed) throws RocksDBException {
    for (Intake.Handed one : handed) {
      hold.offer(one.turn(), one.bytes(), this::accept);
      foldAccepted();
      if (foldedBytes >= options.pending().batchBytes()) {
        writeFolded();
      }
    }
  }

  /** A turn that may be written now; those of one transaction come one after the other. */
  private void accept(TurnWrites turn, long bytes) {
    folded.add(turn);
    foldedBytes += bytes;
    syncWanted |= turn.needsSync();
  }

  /** Into the logs and batches; nothing is written in between, so turns let go together stay so. */
  private void foldAccepted() throws RocksDBException {
    while (applied < folded.size()) {
      for (WriteRequest request : folded.get(applied).requests()) {
        fold.apply(request);
      }
      applied++;
    }
  }

  /**
   * One atomic write per database, then the completions, then the clean-up, for which nobody should
   * wait. The spill database goes first: what is only there is never confirmed by a sync.
   */
  private void writeFolded() throws RocksDBException {
    if (folded.isEmpty()) {
      return;
    }
    fold.flushBodies();
    List<ChunkLog> spilled = fold.flushSpill();
    if (fold.spillBatch().count() > 0) {
      disk.writeSpill(fold.spillBatch());
    }
    List<ChunkLog> logged = fold.flushMain();
    boolean sync = syncWanted && options.durability() == Durability.SYNC;
    if (fold.mainBatch().count() > 0) {
      disk.writeMain(fold.mainBatch(), sync);
      wrote(sync);
      justSynced = sync;
    } else if (sync && unsyncedSince != 0) {
      // All of it was cancelled, or went to the spill database. Who asks for a sync may also mean
      // what was written before.
      disk.sync();
      wrote(true);
    }
    fold.batchesOnDisk();
    fold.clear();
    complete();
    tidy(logged, spilled);
    syncIfDue();
  }

  /** A synced write takes everything before it along: it is the same log. */
  private void wrote(boolean synced) {
    if (synced) {
      unsyncedSince = 0;
    } else if (unsyncedSince == 0) {
      unsyncedSince = now();
    }
  }

  /** Never 0, which means that nothing waits. */
  private static long now() {
    return System.nanoTime() | 1;
  }

  private void complete() {
    checkPoison();
    intake.onDisk(foldedBytes);
    List<TurnWrites> done = List.copyOf(folded);
    folded.clear();
    applied = 0;
    foldedBytes = 0;
    syncWanted = false;
    for (TurnWrites turn : done) {
      Runnable completion = turn.completion();
      if (completion != null) {
        completion.run();
      }
    }
    tellRoom();
  }

  /** One by one, as each may fill the room again. */
  private void tellRoom() {
    Runnable waiting;
    while (hasRoom() && (waiting = waitingForRoom.poll()) != null) {
      waiting.run();
    }
  }

  /** Nobody waits for it, so it is not synced; losing it in a crash loses only space. */
  private void tidy(List<ChunkLog> logged, List<ChunkLog> spilled) throws RocksDBException {
    mainTidying.collect(logged, fold.mainBatch());
    fold.mainSchedules().tidy();
    if (fold.mainBatch().count() > 0) {
      disk.writeMain(fold.mainBatch(), false);
      wrote(false);
    }
    spillTidying.collect(spilled, fold.spillBatch());
    fold.spillSchedules().tidy();
    if (fold.spillBatch().count() > 0) {
      disk.writeSpill(fold.spillBatch());
    }
    fold.clear();
    List<LogTable.Trim> trims = main.takeTrims();
    List<LogTable.Trim> ofSchedules = fold.mainSchedules().takeTrims();
    if (!(trims.isEmpty() && ofSchedules.isEmpty()) && unsyncedSince != 0) {
      // Files go at once; the settlements that made them superfluous must not be lost after that.
      disk.sync();
      wrote(true);
    }
    trim(main.database(), trims);
    trim(main.database(), ofSchedules);
    trim(spill.database(), spill.takeTrims());
    trim(spill.database(), fold.spillSchedules().takeTrims());
  }

  private static void trim(Database database, List<LogTable.Trim> trims) throws RocksDBException {
    for (LogTable.Trim trim : trims) {
      database.db.deleteFilesInRanges(trim.family(), List.of(trim.from(), trim.to()), false);
    }
  }

  /** The bound on what a power cut may take of that which nobody waited for. */
  private void syncIfDue() throws RocksDBException {
    if (unsyncedSince != 0 && now() - unsyncedSince >= options.maxUnsynced().toNanos()) {
      disk.sync();
      wrote(true);
    }
  }

  /** Parks until something urgent is handed over or due; the flag first, then a last look. */
  private void await() {
    intake.sleeps(true);
    try {
      long left = intake.sleepNanos();
      if (unsyncedSince != 0) {
        left = Math.min(left, options.maxUnsynced().toNanos() - (now() - unsyncedSince));
      }
      if (left <= 0 || closing || poison != null || (hasRoom() && !waitingForRoom.isEmpty())) {
        return;
      }
      if (left == Long.MAX_VALUE) {
        LockSupport.park(this);
      } else {
        LockSupport.parkNanos(this, left);
      }
    } finally {
      intake.sleeps(false);
    }
  }

  private void finish() throws RocksDBException {
    if (!hold.isEmpty()) {
      log.warn("closed with a transaction of which parts never came: it is not written");
    }
    if (unsyncedSince != 0) {
      disk.sync();
      unsyncedSince = 0;
    }
  }

  /** The reader found the store broken: nothing is confirmed any more either. */
  void poison(StoreException failure) {
    poison = failure;
    state = State.FAILED;
    LockSupport.unpark(thread);
  }

  private void checkPoison() {
    StoreException failure = poison;
    if (failure != null) {
      throw failure;
    }
  }

  /** The end of this thread: drops what waits, so that it holds no memory, and tells the owner. */
  private void fail(Exception cause) {
    state = State.FAILED;
    intake.drop();
    folded.clear();
    waitingForRoom.clear();
    // The owner says it, once.
    log.debug("the store's writer ends", cause);
    onFailure.accept(
        cause == poison && cause instanceof StoreException found
            ? found
            : new StoreException(
                "Writing to the store failed, nothing more is written or confirmed: "
                    + cause.getMessage(),
                cause));
  }

  /** Writes what was handed over, syncs, and ends the thread; waits for that. */
  void close() {
    closing = true;
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    fold.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
