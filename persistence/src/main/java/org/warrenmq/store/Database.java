package org.warrenmq.store;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBufferManager;

/**
 * One RocksDB database with the store's column families, main or spill; opened and closed on the
 * opener's thread, written by the writer thread, read by any. Owns its native objects.
 */
final class Database implements AutoCloseable {
  private static final long MIB = 1 << 20;
  private static final String[] FAMILIES = {
    "default",
    "chunks",
    "settled",
    "cursors",
    "definitions",
    "pieces",
    "bodies",
    "references",
    "scheduled",
    "remembered"
  };

  final RocksDB db;
  final ColumnFamilyHandle chunks;
  final ColumnFamilyHandle settled;
  final ColumnFamilyHandle cursors;
  final ColumnFamilyHandle definitions;
  final ColumnFamilyHandle pieces;
  final ColumnFamilyHandle bodies;
  final ColumnFamilyHandle references;
  final ColumnFamilyHandle scheduled;
  final ColumnFamilyHandle remembered;

  /** Closed in reverse order of creation, as RocksDB wants it. */
  private final Deque<AutoCloseable> owned;

  private Database(RocksDB db, List<ColumnFamilyHandle> handles, Deque<AutoCloseable> owned) {
    this.db = db;
    this.chunks = handles.get(1);
    this.settled = handles.get(2);
    this.cursors = handles.get(3);
    this.definitions = handles.get(4);
    this.pieces = handles.get(5);
    this.bodies = handles.get(6);
    this.references = handles.get(7);
    this.scheduled = handles.get(8);
    this.remembered = handles.get(9);
    this.owned = owned;
  }

  /** What the two databases share; closed by the store, after both. */
  record Shared(Cache cache, WriteBufferManager memtables) {}

  static Database open(Path folder, StoreOptions options, Shared shared) throws RocksDBException {
    Deque<AutoCloseable> owned = new ArrayDeque<>();
    try {
      DBOptions dbOptions = own(owned, dbOptions(options, shared));
      BloomFilter bloom = own(owned, new BloomFilter(10));
      List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
      for (String family : FAMILIES) {
        ColumnFamilyOptions familyOptions = own(owned, family(family, options, shared, bloom));
        descriptors.add(
            new ColumnFamilyDescriptor(
                family.getBytes(java.nio.charset.StandardCharsets.US_ASCII), familyOptions));
      }
      List<ColumnFamilyHandle> handles = new ArrayList<>();
      RocksDB db = RocksDB.open(dbOptions, folder.toString(), descriptors, handles);
      owned.push(db);
      handles.forEach(owned::push);
      return new Database(db, handles, owned);
    } catch (RocksDBException | RuntimeException e) {
      closeAll(owned);
      throw e;
    }
  }

  /** For both databases; the spill database simply never writes to its log. */
  private static DBOptions dbOptions(StoreOptions options, Shared shared) {
    return new DBOptions()
        .setCreateIfMissing(true)
        .setCreateMissingColumnFamilies(true)
        .setWriteBufferManager(shared.memtables())
        .setMaxBackgroundJobs(2)
        .setBytesPerSync(MIB)
        // Not all there are: a deep queue must not take the files that connections may have.
        .setMaxOpenFiles(options.openFiles())
        // One writer: the lock-free memtable insert only costs.
        .setAllowConcurrentMemtableWrite(false)
        // Recycled logs and a strict end exclude each other, and a flipped byte in a recycled log
        // ends the replay silently: confirmed messages would go without a word.
        .setRecycleLogFileNum(0)
        // The logs were looked at: what is not whole now was not seen by LogCheck.
        .setWalRecoveryMode(WALRecoveryMode.AbsoluteConsistency)
        // A family that is rarely written would keep all logs alive.
        .setMaxTotalWalSize(Math.max(16 * MIB, 2 * options.memory().memtables()))
        .setAvoidFlushDuringRecovery(true)
        // The log has it all; the spill database is wiped anyway.
        .setAvoidFlushDuringShutdown(true)
        .setSkipStatsUpdateOnDbOpen(true)
        .setMaxManifestFileSize(16 * MIB)
        .setKeepLogFileNum(2)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setStatsDumpPeriodSec(0);
  }

  /** Messages get the memory, everything else is small and rewritten often. */
  private static ColumnFamilyOptions family(
      String name, StoreOptions options, Shared shared, BloomFilter bloom) {
    boolean messages = name.equals("chunks") || name.equals("pieces") || name.equals("scheduled");
    BlockBasedTableConfig table =
        new BlockBasedTableConfig()
            .setBlockCache(shared.cache())
            .setBlockSize(16 << 10)
            // Inside the budget, or indexes would grow with depth beside it.
            .setCacheIndexAndFilterBlocks(true)
            .setPinL0FilterAndIndexBlocksInCache(true);
    if (name.equals("cursors") || name.equals("definitions")) {
      // Asked for by exact key, often in vain; the others are walked.
      table.setFilterPolicy(bloom);
    }
    return new ColumnFamilyOptions()
        .setTableFormatConfig(table)
        // LZ4 would cost more CPU than it saves.
        .setCompressionType(CompressionType.NO_COMPRESSION)
        .setWriteBufferSize(
            messages
                ? options.memory().chunkMemtable()
                : Math.min(16 * MIB, options.memory().chunkMemtable()))
        .setMaxWriteBufferNumber(messages ? options.memory().chunkMemtables() : 2);
  }

  private static <T extends AutoCloseable> T own(Deque<AutoCloseable> owned, T object) {
    owned.push(object);
    return object;
  }

  @Override
  public void close() {
    closeAll(owned);
  }

  private static void closeAll(Deque<AutoCloseable> owned) {
    while (!owned.isEmpty()) {
      try {
        owned.pop().close();
      } catch (Exception e) {
        throw new StoreException("the store did not close: " + e.getMessage(), e);
      }
    }
  }
}
