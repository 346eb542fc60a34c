package org.warrenmq.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.store.LogRecords.Damage;
import org.warrenmq.store.StoreOptions.WalDamage;

/**
 * Looks at the logs of the main database before it is opened, and leaves them as an unbroken row of
 * whole records. What a power cut left of writes that were not synced is cut off: torn records,
 * holes, zeros, pages that are there before others that are not. Where something is wrong in what
 * was synced, the store stays closed. Lives for one start, on the opener's thread.
 *
 * <p>That something was synced is known from the {@link SyncedMark}, from the marks in records
 * behind the damage, and from the manifest: what is in tables was synced in the log before.
 */
final class LogCheck {
  private static final Logger log = LoggerFactory.getLogger(LogCheck.class);

  private final Path folder;
  private final Path main;

  /** Logs that do not keep their length, and how much of them is kept. */
  private final List<Cut> cuts = new ArrayList<>();

  /** The last sequence number before a tear or the end, or -1 while there was no record. */
  private long last = -1;

  /** The last sequence number that is in tables. */
  private long flushed;

  /** Everything up to this sequence number was synced, as far as anything says so. */
  private long proven;

  private @Nullable Tear tear;

  private record Cut(Path log, long length) {}

  private record Tear(Path log, Damage damage) {}

  private LogCheck(Path folder) {
    this.folder = folder;
    this.main = folder.resolve(Store.MAIN);
  }

  /**
   * Passes, with the logs as RocksDB may have them.
   *
   * @param folder the store's
   * @throws StoreException when the store must stay closed
   */
  static void run(Path folder, WalDamage walDamage) throws IOException {
    if (Files.exists(folder.resolve(Store.MAIN))) {
      try {
        new LogCheck(folder).run(walDamage);
      } catch (NoSuchFileException e) {
        // Another process has the store and has just deleted it, or it is missing: RocksDB says so.
        log.debug("{} is gone", e.getFile());
      } catch (StoreException e) {
        // What another process writes at this moment looks torn.
        if (!isInUse(folder)) {
          throw e;
        }
      }
    }
  }

  private static boolean isInUse(Path folder) throws IOException {
    try (FileChannel channel = lockFile(folder);
        FileLock lock = channel.tryLock()) {
      return lock == null;
    }
  }

  private static FileChannel lockFile(Path folder) throws IOException {
    return FileChannel.open(
        folder.resolve(Store.MAIN).resolve("LOCK"),
        StandardOpenOption.CREATE,
        StandardOpenOption.WRITE);
  }

  private void run(WalDamage walDamage) throws IOException {
    Manifest manifest = checkManifest();
    flushed = manifest.flushed();
    // Before the logs: if another process has the store, it only goes ahead.
    long mark = SyncedMark.read(main);
    proven = Math.max(mark, flushed);
    List<Path> logs = files(".log");
    for (Path file : logs) {
      // One that is not needed may be torn: what it held is in tables, so nobody synced it.
      if (Manifest.number(file) >= manifest.firstLog()) {
        read(file);
      }
    }
    Tear found = tear;
    // Where a log begins with the tear, all before it is in tables.
    long kept = found == null ? Math.max(last, flushed) : last < 0 ? flushed : last;
    if (found == null) {
      // What is in tables was in the log before: a log that goes less far has lost its end.
      long most = last >= 0 ? Math.max(mark, flushed) : mark;
      long reached = last >= 0 ? last : flushed;
      if (most > reached && (walDamage == WalDamage.REFUSE || flushed > reached)) {
        throw Store.damaged(
            folder, "its log ends at %d and was synced up to %d".formatted(reached, most), null);
      }
    } else if (flushed > kept
        || walDamage == WalDamage.REFUSE
            && (proven > kept || mark < 0 && !isOlderProgramsLastWrite(found, logs))) {
      throw damaged(found.damage, found.log);
    }
    if (!cuts.isEmpty() || mark > kept) {
      cut(kept, mark);
    }
  }

  /** A program that kept no mark was killed in the middle of a write: it had told nobody of it. */
  private boolean isOlderProgramsLastWrite(Tear found, List<Path> logs) {
    return found.damage.toEnd()
        && found.log.equals(logs.getLast())
        && !Files.exists(main.resolve(SyncedMark.NAME));
  }

  /**
   * No option makes up for a list of files that is wrong. Its end may be torn, when the power went
   * while RocksDB wrote a change that it had not synced, so that it had not acted on it: then every
   * log is there that the list before asks for. (The first of those need not exist; then the mark
   * tells later on whether something is missing.) Tables that are missing RocksDB finds.
   *
   * @return the list, as far as it holds
   */
  private Manifest checkManifest() throws IOException {
    Path current = main.resolve("CURRENT");
    if (!Files.exists(current)) {
      if (!files(".log").isEmpty() || !files(".sst").isEmpty()) {
        // RocksDB would begin a new database beside the files of the old one, and delete those.
        throw Store.damaged(folder, "%s is missing".formatted(folder.relativize(current)), null);
      }
      return Manifest.EMPTY;
    }
    Path file = main.resolve(Files.readString(current).strip());
    Manifest manifest = Manifest.read(file);
    Damage damage = manifest.damage();
    if (damage != null) {
      boolean synced = manifest.end() < SyncedMark.manifestSize(main, Manifest.number(file));
      boolean known = SyncedMark.read(main) != SyncedMark.UNKNOWN;
      if (synced || !known && !isThere(manifest.firstLog())) {
        throw damaged(damage, file);
      }
      cuts.add(new Cut(file, manifest.end()));
    }
    return manifest;
  }

  /** Whether no log from that one on was deleted. */
  private boolean isThere(long firstLog) throws IOException {
    return files(".log").stream().anyMatch(log -> Manifest.number(log) <= firstLog);
  }

  private StoreException damaged(Damage damage, Path file) {
    return Store.damaged(
        folder,
        "%s at %d of %s".formatted(damage.what(), damage.at(), folder.relativize(file)),
        null);
  }

  private List<Path> files(String ending) throws IOException {
    try (Stream<Path> files = Files.list(main)) {
      return files
          .filter(file -> file.getFileName().toString().matches("\\d{6,18}\\" + ending))
          // 999999.log comes before 1000000.log.
          .sorted(
              Comparator.<Path>comparingInt(file -> file.toString().length())
                  .thenComparing(Comparator.naturalOrder()))
          .toList();
    }
  }

  /** One log after the other; what follows a tear is only searched for proofs. */
  private void read(Path file) throws IOException {
    try (LogRecords records = new LogRecords(file)) {
      boolean more = records.next();
      if (tear != null) {
        if (!more || !isNext(records)) {
          cuts.add(new Cut(file, 0));
          proven = Math.max(proven, LogRecords.highestMark(file));
          return;
        }
        // An earlier start met the same tear, cut there, and went on in this log.
        tear = null;
      }
      while (more && isNext(records)) {
        last = sequence(records) + count(records) - 1;
        more = records.next();
      }
      Damage damage =
          !more
              ? records.damage()
              : new Damage(
                  follows(records) ? "a record of two" : "records missing before one",
                  records.begin());
      if (damage != null) {
        tear = new Tear(file, damage);
        cuts.add(new Cut(file, more ? records.begin() : records.end()));
        proven = Math.max(proven, LogRecords.highestMark(file));
      }
    }
  }

  private boolean isNext(LogRecords records) {
    return follows(records) && records.isBatch();
  }

  /** What comes before the first record is in tables. */
  private boolean follows(LogRecords records) {
    long sequence = sequence(records);
    return last >= 0 ? sequence == last + 1 : sequence <= flushed + 1;
  }

  /** A record of a log is a batch: its first entry's sequence number, how many, the entries. */
  private static long sequence(LogRecords records) {
    ByteBuffer head = records.head();
    return head.limit() < 12 ? -1 : head.getLong(0);
  }

  private static int count(LogRecords records) {
    ByteBuffer head = records.head();
    return head.limit() < 12 ? 0 : head.getInt(8);
  }

  /** With RocksDB's lock; if somebody has it, RocksDB says so. */
  private void cut(long kept, long mark) throws IOException {
    try (FileChannel channel = lockFile(folder);
        FileLock lock = channel.tryLock()) {
      if (lock == null) {
        return;
      }
      if (mark > kept) {
        // An operator gives up what was synced.
        SyncedMark.write(main, kept);
      }
      for (Cut cut : cuts) {
        cut(cut);
      }
    }
  }

  private void cut(Cut cut) throws IOException {
    try (FileChannel file = FileChannel.open(cut.log, StandardOpenOption.WRITE)) {
      long surplus = file.size() - cut.length;
      if (surplus > 0) {
        log.warn("{} octets at the end of {} are cut off", surplus, cut.log);
        file.truncate(cut.length);
        file.force(true);
      }
    }
  }
}
