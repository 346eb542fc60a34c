package org.warrenmq.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.config.StartupException;
import org.warrenmq.engine.message.DiskMessageStore;
import org.warrenmq.store.Store;
import org.warrenmq.store.StoreException;
import org.warrenmq.store.StoreOptions;

/** The folder for everything that lasts. At a start, on the node's main thread. */
final class DataFolder {
  /** Written at once, roughly. */
  private static final long BATCH_BYTES = 16L << 20;

  private DataFolder() {}

  /**
   * Opens the store in it, and makes it when it is missing.
   *
   * @param onFailure told, on the store's thread, when the disk fails later
   * @throws StartupException when it cannot be used
   */
  static Store open(BrokerConfig config, OpenFiles files, Consumer<StoreException> onFailure)
      throws StartupException {
    Path folder = config.dataDir();
    make(folder);
    BrokerConfig.Storage storage = config.storage();
    try {
      return Store.open(
          folder,
          StoreOptions.within(storage.memory())
              .withDurability(storage.durability())
              .withWalDamage(storage.walDamage())
              .withPending(storage.pendingMemory(), BATCH_BYTES)
              .withOpenFiles(files.tables())
              .withBodyBytes(storage.bodyMemory()),
          DiskMessageStore.bodySize(),
          onFailure);
    } catch (StoreException e) {
      throw new StartupException(String.valueOf(e.getMessage()), e);
    }
  }

  private static void make(Path folder) throws StartupException {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new StartupException("the data folder " + folder + " is a file");
    }
    try {
      Store.createFolder(folder);
    } catch (IOException e) {
      throw new StartupException("cannot make the data folder " + folder + ": " + e, e);
    }
    if (!Files.isWritable(folder)) {
      throw new StartupException("the data folder " + folder + " is not writable");
    }
  }
}
