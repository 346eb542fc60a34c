package org.warrenmq.broker;

import java.nio.file.Path;
import org.warrenmq.broker.alarms.Alarms;
import org.warrenmq.store.Store;
import org.warrenmq.store.StoreException;

/** What whoever runs a broker in his own process can ask of it. Any thread. */
public final class OperatorCommands {
  private final Store store;
  private final Alarms alarms;

  OperatorCommands(Store store, Alarms alarms) {
    this.store = store;
    this.alarms = alarms;
  }

  /**
   * Copies everything that lasts, as of now, into a folder that must not exist; the broker goes on.
   * Another broker can be started on the copy.
   *
   * @throws StoreException when the copy cannot be made
   */
  public void backup(Path target) {
    store.checkpoint(target);
  }

  /**
   * Sets the memory watermark, as rabbitmqctl set_vm_memory_high_watermark does; it holds within a
   * second.
   *
   * @param bytes of heap in use above which publishers are blocked
   */
  public void setMemoryWatermark(long bytes) {
    alarms.watermark(bytes);
  }

  /**
   * Sets the limit of free disk, as rabbitmqctl set_disk_free_limit does; it holds within a second.
   *
   * @param bytes free on the data folder's disk below which publishers are blocked
   */
  public void setDiskFreeLimit(long bytes) {
    alarms.diskFreeLimit(bytes);
  }
}
