package org.warrenmq.store;

import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** The real {@link Disk}: writes to the two databases, on the writer thread. */
final class RocksDisk implements Disk {
  private final Database main;
  private final Database spill;
  private final WriteOptions logged = new WriteOptions();
  private final WriteOptions synced = new WriteOptions().setSync(true);
  private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);

  RocksDisk(Database main, Database spill) {
    this.main = main;
    this.spill = spill;
  }

  @Override
  public void writeMain(WriteBatch batch, boolean sync) throws RocksDBException {
    main.db.write(sync ? synced : logged, batch);
  }

  @Override
  public void writeSpill(WriteBatch batch) throws RocksDBException {
    spill.db.write(unlogged, batch);
  }

  @Override
  public void sync() throws RocksDBException {
    main.db.syncWal();
  }

  @Override
  public void close() {
    logged.close();
    synced.close();
    unlogged.close();
  }
}
