package org.warrenmq.store;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.warrenmq.store.LogRecords.Damage;

/**
 * What RocksDB's list of its files says as far as it is whole.
 *
 * @param flushed the last sequence number that is in tables
 * @param firstLog the first log that is still needed: none before it, and perhaps not itself; 0
 *     when it is not said
 * @param end where the last whole record ends
 * @param damage what follows there, or null at the end of a sound file
 */
record Manifest(long flushed, long firstLog, long end, @Nullable Damage damage) {
  /** That of a database that is not there yet. */
  static final Manifest EMPTY = new Manifest(0, 0, 0, null);

  static Manifest read(Path file) throws IOException {
    long flushed = 0;
    // Families say what they need when the file is begun, then RocksDB says it for all of them.
    long neededByFamilies = Long.MAX_VALUE;
    long neededAtAll = 0;
    try (LogRecords records = new LogRecords(file)) {
      while (records.next()) {
        ManifestEdit edit = ManifestEdit.read(records.head());
        flushed = Math.max(flushed, edit.lastSequence());
        neededAtAll = Math.max(neededAtAll, edit.minLog());
        if (edit.logNumber() > 0) {
          neededByFamilies = Math.min(neededByFamilies, edit.logNumber());
        }
      }
      return new Manifest(
          flushed,
          neededAtAll > 0 || neededByFamilies == Long.MAX_VALUE ? neededAtAll : neededByFamilies,
          records.end(),
          records.damage());
    }
  }

  /** The number in the name of a manifest, a log or a table. */
  static long number(Path file) {
    return Long.parseLong(file.getFileName().toString().replaceAll("\\D", ""));
  }
}
