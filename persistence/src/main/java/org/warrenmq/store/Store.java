package org.warrenmq.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Status;
import org.rocksdb.WriteBufferManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.store.Recovered.Definition;

/**
 * The node's store in one folder: a main database with a write-ahead log, and a spill database that
 * is wiped at start. Opened and closed by the node's main thread; its writer and reader have a
 * thread each and may be used from any.
 */
public final class Store implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Store.class);

  static final String MAIN = "main";
  static final String SPILL = "spill";

  /** Where RocksDB's native library is unpacked. */
  private static final String NATIVE = "native";

  private final Path folder;
  private final LRUCache cache;
  private final WriteBufferManager memtables;
  private final Database main;
  private final Database spill;
  private final Disk disk;
  private final StoreWriter writer;
  private final StoreReader reader;
  private final BodySize sizes;
  private final Consumer<StoreException> onFailure;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final AtomicLong lastBody = new AtomicLong();

  /** Read-locked by callers that use the databases on threads of their own: the end waits. */
  private final ReentrantReadWriteLock inUse = new ReentrantReadWriteLock();

  private Store(
      Path folder,
      StoreOptions options,
      BodySize sizes,
      Natives natives,
      UnaryOperator<Disk> wrapping,
      Tidying.Limits limits,
      Consumer<StoreException> onFailure) {
    this.folder = folder;
    this.sizes = sizes;
    this.cache = natives.cache;
    this.memtables = natives.memtables;
    this.main = natives.main;
    this.spill = natives.spill;
    this.disk = wrapping.apply(new RocksDisk(main, spill, natives.mark));
    // Reader and writer may both find the disk broken; the owner hears it once.
    AtomicBoolean told = new AtomicBoolean();
    Consumer<StoreException> once =
        failure -> {
          if (told.compareAndSet(false, true)) {
            onFailure.accept(failure);
          }
        };
    this.onFailure = once;
    ResidentPieces pieces = new ResidentPieces();
    this.writer = new StoreWriter(options, disk, main, spill, pieces, limits, once);
    this.reader =
        new StoreReader(
            options,
            main,
            spill,
            pieces,
            failure -> {
              writer.poison(failure);
              once.accept(failure);
            });
  }

  private record Natives(
      LRUCache cache,
      WriteBufferManager memtables,
      Database main,
      Database spill,
      SyncedMark mark) {}

  /**
   * Opens a store, or makes one in an empty or missing folder. One of a format version before is
   * brought to the present one first, and cannot be opened by older programs after that.
   *
   * @param sizes tells how large the bodies of stored messages are
   * @param onFailure run at most once, on the writer's or reader's thread, when the disk failed: no
   *     completion runs after that, and the node must stop confirming and end
   * @throws StoreException when the folder is in use, belongs to another program or version, or
   *     does not read back
   */
  public static Store open(
      Path folder, StoreOptions options, BodySize sizes, Consumer<StoreException> onFailure) {
    return open(folder, options, sizes, onFailure, UnaryOperator.identity());
  }

  /**
   * Makes a folder for a store, if it is missing, and those above it, each to stay. Nobody but its
   * owner may look into it.
   */
  public static void createFolder(Path folder) throws IOException {
    PrivateFolder.create(folder);
  }

  /** Whether a folder holds a store, of whatever version; {@link #open} would make one if not. */
  public static boolean isIn(Path folder) {
    return Files.isRegularFile(folder.resolve(FormatFile.NAME));
  }

  static Store open(
      Path folder,
      StoreOptions options,
      BodySize sizes,
      Consumer<StoreException> onFailure,
      UnaryOperator<Disk> wrapping) {
    Store store = openStopped(folder, options, sizes, onFailure, wrapping, Tidying.Limits.NORMAL);
    store.writer.start();
    store.reader.start();
    return store;
  }

  /** With threads that do not run: a simulation takes their steps itself. */
  static Store openStopped(
      Path folder,
      StoreOptions options,
      BodySize sizes,
      Consumer<StoreException> onFailure,
      UnaryOperator<Disk> wrapping,
      Tidying.Limits limits) {
    Natives natives;
    boolean old;
    try {
      PrivateFolder.create(folder);
      try (FormatFile format = FormatFile.begin(folder)) {
        PrivateFolder.close(folder);
        NativeLibrary.load(folder.resolve(NATIVE));
        natives = openNatives(folder, options);
        format.finish();
        old = format.isOld();
      }
    } catch (IOException e) {
      throw new StoreException("The folder %s cannot be used: %s".formatted(folder, e), e);
    }
    Store store = new Store(folder, options, sizes, natives, wrapping, limits, onFailure);
    store.restore(old);
    return store;
  }

  /**
   * Before the writer starts.
   *
   * @param old whether it has a format version before
   */
  private void restore(boolean old) {
    try {
      if (old) {
        Migration.run(main, disk, sizes);
        FormatFile.write(folder);
      }
      lastBody.set(writer.restore());
    } catch (RocksDBException | IOException | RuntimeException e) {
      writer.close();
      closeNatives();
      throw e instanceof StoreException damage ? damage : refusal(folder, e);
    }
  }

  private static Natives openNatives(Path folder, StoreOptions options) {
    LRUCache cache = new LRUCache(options.memory().total());
    WriteBufferManager memtables = new WriteBufferManager(options.memory().memtables(), cache);
    Database.Shared shared = new Database.Shared(cache, memtables);
    Database main = null;
    try {
      LogCheck.run(folder, options.walDamage());
      syncWhatIsRead(folder.resolve(MAIN));
      // The main database first: it holds the lock, and only its owner may wipe the other.
      main = Database.open(folder.resolve(MAIN), options, shared);
      SyncedMark mark = mark(folder.resolve(MAIN), main);
      wipe(folder.resolve(SPILL));
      Database spill = Database.open(folder.resolve(SPILL), options, shared);
      Fsync.folder(folder);
      return new Natives(cache, memtables, main, spill, mark);
    } catch (RocksDBException | IOException | RuntimeException e) {
      if (main != null) {
        main.close();
      }
      memtables.close();
      cache.close();
      throw e instanceof StoreException refusal ? refusal : refusal(folder, e);
    }
  }

  /** All that was read is synced, and so is what RocksDB wrote to open. */
  private static SyncedMark mark(Path folder, Database main) throws RocksDBException, IOException {
    RocksDB.LiveFiles files = main.db.getLiveFiles(false);
    long manifest =
        files.files.stream()
            .filter(name -> name.contains("MANIFEST-"))
            .mapToLong(name -> Manifest.number(Path.of(name)))
            .max()
            .orElse(0);
    return SyncedMark.open(
        folder, main.db.getLatestSequenceNumber(), manifest, files.manifestFileSize);
  }

  /** One sentence an operator understands, for what RocksDB says in its own words. */
  private static StoreException refusal(Path folder, Exception cause) {
    if (cause instanceof RocksDBException e && e.getStatus() != null) {
      String text = String.valueOf(e.getMessage());
      if (e.getStatus().getCode() == Status.Code.IOError && text.contains("lock")) {
        return new StoreException(
            "The store in %s is in use by another process (%s).".formatted(folder, text), e);
      }
      if (e.getStatus().getCode() == Status.Code.Corruption) {
        return damaged(folder, text, e);
      }
    }
    return new StoreException(
        "The store in %s does not open: %s".formatted(folder, cause.getMessage()), cause);
  }

  static StoreException damaged(Path folder, String what, @Nullable Exception cause) {
    return new StoreException(
        "The store in %s is damaged (%s); it stays closed, because confirmed messages would be lost."
            .formatted(folder, what),
        cause);
  }

  /**
   * A killed process may have left in the operating system's cache what it had not synced. From now
   * on others build on it, and their syncs are about their own log. Where a sync has failed,
   * another one of the same file proves nothing. RocksDB writes its manifest anew by itself.
   */
  private static void syncWhatIsRead(Path main) throws IOException {
    if (!Files.exists(main)) {
      return;
    }
    boolean rewrite = SyncedMark.hasFailed(main);
    try (Stream<Path> files = Files.list(main)) {
      for (Path file : files.filter(Store::isReadAtStart).toList()) {
        if (rewrite && file.toString().endsWith(".log")) {
          Fsync.rewrite(file);
        } else {
          Fsync.file(file);
        }
      }
    } catch (NoSuchFileException e) {
      // Another process has the store and has just deleted it: RocksDB says so.
      log.debug("{} is gone", e.getFile());
    }
    Fsync.folder(main);
  }

  /** Tables are synced before anything names them. */
  private static boolean isReadAtStart(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".log") || name.startsWith("MANIFEST-") || name.equals("CURRENT");
  }

  /** Nothing in the spill database outlives its process. */
  static void wipe(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  public Path folder() {
    return folder;
  }

  public StoreWriter writer() {
    return writer;
  }

  public StoreReader reader() {
    return reader;
  }

  /** An id for a large body, used for no other one in the store. Any thread. */
  public long newBody() {
    return lastBody.incrementAndGet();
  }

  /** The owner found that something is missing: the same as an error of the disk. Any thread. */
  public void fail(StoreException failure) {
    writer.poison(failure);
    onFailure.accept(failure);
  }

  /**
   * All definitions, and where each queue stands; on the caller's thread, meant for the start.
   *
   * @throws StoreException when a record does not read back
   */
  public Recovered recover() {
    List<Definition> definitions = new ArrayList<>();
    List<QueueState> queues = new ArrayList<>();
    try (RocksIterator it = main.db.newIterator(main.definitions)) {
      for (it.seekToFirst(); it.isValid(); it.next()) {
        definitions.add(new Definition(DefinitionKey.decode(it.key()), it.value()));
      }
      it.status();
    } catch (RocksDBException e) {
      throw unreadable(e);
    }
    try (RocksIterator it = main.db.newIterator(main.cursors)) {
      for (it.seekToFirst(); it.isValid(); it.next()) {
        Cursor cursor = Cursor.decode(it.value());
        queues.add(
            new QueueState(
                Keys.queueId(it.key()),
                cursor.floor(),
                cursor.next(),
                cursor.count(),
                cursor.bytes(),
                cursor.delivered(),
                cursor.expiring()));
      }
      it.status();
    } catch (RocksDBException e) {
      throw unreadable(e);
    }
    List<ScheduleState> schedules = new ArrayList<>();
    try {
      ScheduleTable.owners(main, schedules::add);
    } catch (RocksDBException e) {
      throw unreadable(e);
    }
    List<WindowState> windows = new ArrayList<>();
    try {
      WindowTable.windows(main, windows::add);
    } catch (RocksDBException e) {
      throw unreadable(e);
    }
    return new Recovered(definitions, queues, schedules, windows);
  }

  private StoreException unreadable(RocksDBException e) {
    return new StoreException(
        "The store in %s does not read back: %s".formatted(folder, e.getMessage()), e);
  }

  /** What the store occupies now; from any thread, some microseconds. */
  public MemoryUse memoryUse() {
    try {
      return new MemoryUse(
          cache.getUsage(),
          cache.getPinnedUsage(),
          property("rocksdb.cur-size-all-mem-tables"),
          property("rocksdb.estimate-table-readers-mem"),
          writer.pendingBytes());
    } catch (RocksDBException e) {
      throw unreadable(e);
    }
  }

  private long property(String name) throws RocksDBException {
    return main.db.getAggregatedLongProperty(name) + spill.db.getAggregatedLongProperty(name);
  }

  /**
   * Copies the main database, as of the last write, into a folder that must not exist; hard links
   * where possible. On the caller's thread, while everything goes on. The copy opens as a store.
   */
  public void checkpoint(Path target) {
    inUse.readLock().lock();
    try {
      if (closed.get()) {
        throw new StoreException("The store in %s is closed.".formatted(folder));
      }
      StoreCheckpoint.create(main, target);
    } finally {
      inUse.readLock().unlock();
    }
  }

  /** Reads everything; see {@link StoreVerifier}. On the caller's thread. */
  public StoreVerifier.Report verify() {
    try {
      return StoreVerifier.verify(main, sizes);
    } catch (RocksDBException e) {
      throw unreadable(e);
    }
  }

  /** For tests that look behind the counter. */
  Database main() {
    return main;
  }

  /** The same. */
  Database spill() {
    return spill;
  }

  /**
   * Writes what was handed over, runs its completions, syncs and closes. Waits for that, and for a
   * copy that is being made; a second call does nothing. Nobody else may use the store meanwhile.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    writer.close();
    reader.close();
    // Native memory: whoever still used it would take the process down.
    inUse.writeLock().lock();
    try {
      closeNatives();
    } finally {
      inUse.writeLock().unlock();
    }
  }

  private void closeNatives() {
    disk.close();
    spill.close();
    main.close();
    memtables.close();
    cache.close();
  }
}
