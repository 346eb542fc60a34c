package org.warrenmq.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.warrenmq.store.LogHeaders.Damage;
import org.warrenmq.store.StoreOptions.WalDamage;

/**
 * Looks at the logs of the main database before it is opened, for damage that RocksDB would take
 * for their end without a word; and at its manifest, which is such a log as well. Runs on the
 * opener's thread; stateless.
 */
final class LogCheck {
  private LogCheck() {}

  /**
   * Passes, or has cut off the damage as the operator wants it.
   *
   * @param folder the store's
   * @throws StoreException when the store must stay closed
   */
  static void run(Path folder, WalDamage walDamage) throws IOException {
    Path main = folder.resolve(Store.MAIN);
    if (!Files.exists(main)) {
      return;
    }
    Path current = main.resolve("CURRENT");
    if (Files.exists(current)) {
      // No option makes up for a list of files that is wrong.
      check(folder, main.resolve(Files.readString(current).strip()), WalDamage.REFUSE);
    } else if (!files(main, ".log").isEmpty() || !files(main, ".sst").isEmpty()) {
      // RocksDB would begin a new database beside the files of the old one, and delete those.
      throw Store.damaged(folder, "%s is missing".formatted(folder.relativize(current)), null);
    }
    for (Path log : files(main, ".log")) {
      check(folder, log, walDamage);
    }
  }

  private static List<Path> files(Path main, String ending) throws IOException {
    try (Stream<Path> files = Files.list(main)) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    }
  }

  private static void check(Path folder, Path log, WalDamage walDamage) throws IOException {
    Damage damage;
    try {
      damage = LogHeaders.firstDamage(log);
    } catch (NoSuchFileException e) {
      // Another process has the store and has just deleted it, or it is missing: RocksDB says so.
      return;
    }
    if (damage == null) {
      return;
    }
    switch (walDamage) {
      case REFUSE ->
          throw Store.damaged(
              folder,
              "%s at %d of %s".formatted(damage.what(), damage.at(), folder.relativize(log)),
              null);
      case CUT -> cut(log, damage.at());
    }
  }

  /**
   * Leaves a piece of the record's header. That is an end that RocksDB notices when it is told to
   * cut, so it does not go on with a later log as if nothing were missing.
   */
  private static void cut(Path log, long at) throws IOException {
    // RocksDB's lock: it says itself that somebody has it.
    try (FileChannel channel =
            FileChannel.open(
                log.resolveSibling("LOCK"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock != null) {
        try (FileChannel file = FileChannel.open(log, StandardOpenOption.WRITE)) {
          file.truncate(at + 1);
        }
      }
    }
  }
}
