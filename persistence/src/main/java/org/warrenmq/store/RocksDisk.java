package org.warrenmq.store;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The real {@link Disk}: writes to the two databases, on the writer thread, and keeps the mark of
 * what is synced. Every batch ends with its own sequence number and the mark as it was when the
 * batch was made, in the log alone; so whoever reads a log that is damaged finds behind the damage
 * how much of it was synced, and knows an end that is another batch's.
 */
final class RocksDisk implements Disk {
  /** How RocksDB writes a piece of data that is for the log alone: kind, length, content. */
  static final byte LOG_DATA = 3;

  private static final int MARK_AT = Long.BYTES;

  /** The length of what is for the log alone. */
  static final int IN_LOG = 2 * Long.BYTES;

  private final Database main;
  private final Database spill;
  private final SyncedMark mark;
  private final WriteOptions logged = new WriteOptions();
  private final WriteOptions synced = new WriteOptions().setSync(true);
  private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);
  private final byte[] inLog = new byte[IN_LOG];
  private final ByteBuffer words = ByteBuffer.wrap(inLog).order(ByteOrder.LITTLE_ENDIAN);

  RocksDisk(Database main, Database spill, SyncedMark mark) {
    this.main = main;
    this.spill = spill;
    this.mark = mark;
    words.putLong(MARK_AT, main.db.getLatestSequenceNumber());
  }

  @Override
  public void writeMain(WriteBatch batch, boolean sync) throws RocksDBException {
    // Nobody else writes.
    words.putLong(0, main.db.getLatestSequenceNumber() + 1);
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
    words.putLong(MARK_AT, sequence);
  }

  /** The mark at the end of a record of the log, or {@link SyncedMark#UNKNOWN}. */
  static long markIn(ByteBuffer log, int from, int length) {
    int at = from + length - IN_LOG;
    return length >= IN_LOG + 2 && log.get(at - 2) == LOG_DATA && log.get(at - 1) == IN_LOG
        ? log.getLong(at + MARK_AT)
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
