package org.warrenmq.broker;

import java.nio.file.Path;
import org.warrenmq.broker.alarms.Alarms;
import org.warrenmq.engine.loop.NodeMemory;
import org.warrenmq.store.Store;
import org.warrenmq.store.StoreException;

/** What an operator can ask of a running broker. Any thread. */
public final class OperatorCommands {
  private final Store store;
  private final NodeMemory memory;
  private final Alarms alarms;

  OperatorCommands(Store store, NodeMemory memory, Alarms alarms) {
    this.store = store;
    this.memory = memory;
    this.alarms = alarms;
  }

  /**
   * Carries out what came as a line, and says what came of it.
   *
   * @throws IllegalArgumentException when there is no such command
   */
  String run(String line) {
    String[] words = line.split(" ", 2);
    if (words.length == 2 && words[0].equals("backup")) {
      backup(Path.of(words[1]));
      return "copied to " + words[1];
    }
    if (line.equals("memory")) {
      return memory();
    }
    throw new IllegalArgumentException("unknown command " + words[0]);
  }

  /** What is held for clients, and for what. */
  private String memory() {
    return "%d of %d bytes are held for clients, level %s; in kB: %s"
        .formatted(memory.used(), memory.budget(), memory.level(), memory.byKind());
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
