package org.warrenmq.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.rocksdb.Checkpoint;
import org.rocksdb.RocksDBException;

/** Makes a copy of a running store that opens as one; runs on the caller's thread. Stateless. */
final class StoreCheckpoint {
  private StoreCheckpoint() {}

  static void create(Database main, Path target) {
    if (Files.exists(target)) {
      throw new StoreException("The folder %s for the copy exists already.".formatted(target));
    }
    try (Checkpoint checkpoint = Checkpoint.create(main.db)) {
      PrivateFolder.create(target);
      long sequence = main.db.getLatestSequenceNumber();
      Path copy = target.resolve(Store.MAIN);
      checkpoint.createCheckpoint(copy.toString());
      syncFiles(copy);
      SyncedMark.write(copy, sequence);
      // Last: without it the folder is refused, so that half a copy is never taken for a whole one.
      FormatFile.write(target);
    } catch (RocksDBException | IOException e) {
      throw new StoreException(
          "The store could not be copied to %s: %s".formatted(target, e.getMessage()), e);
    }
  }

  /** Links to tables were synced with those; of what was copied nothing is known. */
  private static void syncFiles(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Fsync.file(file);
      }
    }
    Fsync.folder(folder);
  }
}
