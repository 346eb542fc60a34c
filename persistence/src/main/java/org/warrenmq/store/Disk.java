package org.warrenmq.store;

import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * The writer's way to the disk: everything that can fail there goes through it, on the writer
 * thread. A port, so that tests can let it fail.
 */
interface Disk extends AutoCloseable {
  /** Writes a batch to the main database; with sync, returns when it has reached the disk. */
  void writeMain(WriteBatch batch, boolean sync) throws RocksDBException;

  /** Writes a batch to the spill database, which has no log. */
  void writeSpill(WriteBatch batch) throws RocksDBException;

  /** Everything written to the main database so far reaches the disk. */
  void sync() throws RocksDBException;

  @Override
  void close();
}
