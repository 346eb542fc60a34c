package org.warrenmq.store;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The real {@link Disk}: writes to the two databases, on the writer thread, and keeps the mark of
 * what is synced. Every batch ends with the mark as it was when the batch was made, in the log
 * alone; so whoever reads a log that is damaged finds behind the damage how much of it was synced.
 */
final class RocksDisk implements Disk {
  /** How RocksDB writes a piece of data that is for the log alone: kind, length, content. */
  private static final byte LOG_DATA = 3;

  private static final int MARK = Long.BYTES;

  private final Database main;
  private final Database spill;
  private final SyncedMark mark;
  private final WriteOptions logged = new WriteOptions();
  private final WriteOptions synced = new WriteOptions().setSync(true);
  private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);
  private final byte[] inLog = new byte[MARK];

  RocksDisk(Database main, Database spill, SyncedMark mark) {
    this.main = main;
    this.spill = spill;
    this.mark = mark;
    setInLog(main.db.getLatestSequenceNumber());
  }

  @Override
  public void writeMain(WriteBatch batch, boolean sync) throws RocksDBException {
    batch.putLogData(inLog);
    try {
      main.db.write(sync ? synced : logged, batch);
    } catch (RocksDBException e) {
      mark.failed();
      throw e;
    }
    if (sync) {
      synced();
    }
  }

  @Override
  public void writeSpill(WriteBatch batch) throws RocksDBException {
    spill.db.write(unlogged, batch);
  }

  @Override
  public void sync() throws RocksDBException {
    try {
      main.db.syncWal();
    } catch (RocksDBException e) {
      mark.failed();
      throw e;
    }
    synced();
  }

  /** A sync takes all before it along: it is one log, and nobody else writes. */
  private void synced() {
    long sequence = main.db.getLatestSequenceNumber();
    mark.advance(sequence);
    setInLog(sequence);
  }

  private void setInLog(long sequence) {
    ByteBuffer.wrap(inLog).order(ByteOrder.LITTLE_ENDIAN).putLong(0, sequence);
  }

  /** The mark at the end of a record of the log, or {@link SyncedMark#UNKNOWN}. */
  static long markIn(ByteBuffer log, int from, int length) {
    int at = from + length - MARK;
    return length >= MARK + 2 && log.get(at - 2) == LOG_DATA && log.get(at - 1) == MARK
        ? log.getLong(at)
        : SyncedMark.UNKNOWN;
  }

  @Override
  public void close() {
    logged.close();
    synced.close();
    unlogged.close();
    mark.close();
  }
}
