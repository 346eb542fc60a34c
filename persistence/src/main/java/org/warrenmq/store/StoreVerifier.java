package org.warrenmq.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.warrenmq.store.SettledEntry.Page;
import org.warrenmq.store.SettledEntry.Run;

/**
 * Reads a whole store and compares it with what its cursors say: checksums, versions, page bounds,
 * counts, sizes. Runs on the caller's thread, on a store that nobody writes to; memory grows with
 * the number of large bodies and nothing else.
 */
public final class StoreVerifier {
  /** Problems described at most. */
  private static final int MAX_PROBLEMS = 1_000;

  private final Database database;
  private final BodySize sizes;
  private final List<String> problems = new ArrayList<>();
  private long queues;
  private long messages;
  private long bytes;
  private long scheduled;
  private long chunks;

  private StoreVerifier(Database database, BodySize sizes) {
    this.database = database;
    this.sizes = sizes;
  }

  /**
   * What was found.
   *
   * @param messages live ones
   * @param bytes of those
   * @param scheduled messages that wait for their time, not among the others
   * @param chunks records read, settled ones that were not deleted yet included
   * @param problems empty when all is well; one sentence each, the first {@value #MAX_PROBLEMS}
   */
  public record Report(
      long definitions,
      long queues,
      long messages,
      long bytes,
      long scheduled,
      long chunks,
      List<String> problems) {
    public boolean isSound() {
      return problems.isEmpty();
    }
  }

  static Report verify(Database database, BodySize sizes) throws RocksDBException {
    return new StoreVerifier(database, sizes).run();
  }

  private Report run() throws RocksDBException {
    try {
      database.db.verifyChecksum();
    } catch (RocksDBException e) {
      problem("a block's checksum is wrong: " + e.getMessage());
    }
    try (RocksIterator cursors = database.db.newIterator(database.cursors)) {
      for (cursors.seekToFirst(); cursors.isValid(); cursors.next()) {
        queues++;
        long queueId = Keys.queueId(cursors.key());
        try {
          verifyQueue(queueId, Cursor.decode(cursors.value()));
        } catch (RocksDBException e) {
          // One queue's block: the others are looked at all the same.
          problem("queue %d does not read back: %s".formatted(queueId, e.getMessage()));
        } catch (StoreException | java.nio.BufferUnderflowException e) {
          problem("queue %d: %s".formatted(queueId, e));
        }
      }
      cursors.status();
    }
    verifySchedules();
    verifyWindows();
    try {
      verifyBodies();
    } catch (RocksDBException e) {
      problem("large bodies do not read back: " + e.getMessage());
    }
    return new Report(
        definitions(), queues, messages, bytes, scheduled, chunks, List.copyOf(problems));
  }

  /** Every owner has as many scheduled messages as it counts, and none beyond its last id. */
  private void verifySchedules() {
    try {
      ScheduleTable.owners(
          database,
          owner -> {
            try {
              verifySchedule(owner);
            } catch (RocksDBException e) {
              problem(
                  "queue %d: scheduled messages do not read back: %s"
                      .formatted(owner.queueId(), e.getMessage()));
            }
          });
    } catch (RocksDBException | StoreException | java.nio.BufferUnderflowException e) {
      problem("scheduled messages do not read back: " + e.getMessage());
    }
  }

  private void verifySchedule(ScheduleState owner) throws RocksDBException {
    long found = 0;
    try (Slice upper = new Slice(Keys.scheduledEnd(owner.queueId()));
        ReadOptions options = new ReadOptions().setIterateUpperBound(upper).setFillCache(false);
        RocksIterator it = database.db.newIterator(database.scheduled, options)) {
      for (it.seek(Keys.scheduled(owner.queueId(), 0, 0)); it.isValid(); it.next()) {
        found++;
        byte[] key = it.key();
        if (key.length != 3 * Long.BYTES || Keys.scheduledId(key) > owner.lastId()) {
          problem("queue %d: a scheduled message is out of place".formatted(owner.queueId()));
        }
        try {
          sizes.of(java.nio.ByteBuffer.wrap(it.value()));
        } catch (StoreException | java.nio.BufferUnderflowException e) {
          problem("queue %d: a scheduled message: %s".formatted(owner.queueId(), e.getMessage()));
        }
      }
      it.status();
    }
    if (found != owner.count()) {
      problem(
          "queue %d: counts %d scheduled messages, and has %d"
              .formatted(owner.queueId(), owner.count(), found));
    }
    scheduled += found;
  }

  private void verifyWindows() {
    try {
      WindowTable.windows(database, _ -> {});
    } catch (RocksDBException | StoreException | java.nio.BufferUnderflowException e) {
      problem("remembered keys do not read back: " + e.getMessage());
    }
  }

  private long definitions() throws RocksDBException {
    long count = 0;
    try (RocksIterator it = database.db.newIterator(database.definitions)) {
      for (it.seekToFirst(); it.isValid(); it.next()) {
        count++;
      }
      it.status();
    }
    return count;
  }

  /** Every body that a message refers to has all its pieces. */
  private void verifyBodies() throws RocksDBException {
    Map<Long, Integer> pieces = new HashMap<>();
    try (ReadOptions options = new ReadOptions().setFillCache(false);
        RocksIterator it = database.db.newIterator(database.pieces, options)) {
      for (it.seekToFirst(); it.isValid(); it.next()) {
        pieces.merge(Keys.bodyId(it.key()), 1, Integer::sum);
      }
      it.status();
    }
    try (RocksIterator it = database.db.newIterator(database.references)) {
      for (it.seekToFirst(); it.isValid(); it.next()) {
        BodyReferences.Reference reference = BodyReferences.Reference.decode(it.value());
        int found = pieces.getOrDefault(reference.body(), 0);
        if (found != reference.pieces()) {
          problem(
              "queue %d: of the body of the message at %d %d pieces are there, not %d"
                  .formatted(
                      Keys.queueId(it.key()), Keys.number(it.key()), found, reference.pieces()));
        }
      }
      it.status();
    }
  }

  /**
   * Walks the chunks from the very first, also those below the floor that wait for their erasure.
   */
  private void verifyQueue(long queueId, Cursor cursor) throws RocksDBException {
    if (cursor.floor() > cursor.next() || cursor.count() > cursor.next() - cursor.floor()) {
      problem("queue %d: its cursor contradicts itself: %s".formatted(queueId, cursor));
    }
    SettledPages settled = new SettledPages();
    try (Slice upper = new Slice(Keys.end(queueId));
        ReadOptions options = new ReadOptions().setIterateUpperBound(upper).setFillCache(false);
        RocksIterator entries = database.db.newIterator(database.settled, options);
        RocksIterator records = database.db.newIterator(database.chunks, options)) {
      for (entries.seek(Keys.at(queueId, 0)); entries.isValid(); entries.next()) {
        verifyEntry(queueId, cursor, settled, Keys.number(entries.key()), entries.value());
      }
      entries.status();
      Tally tally = new Tally(queueId, cursor, settled);
      for (records.seek(Keys.at(queueId, 0)); records.isValid(); records.next()) {
        chunks++;
        tally.chunk(Keys.number(records.key()), records.value());
      }
      records.status();
      if (tally.live != cursor.count()) {
        problem(
            "queue %d: its cursor counts %d messages, its log holds %d"
                .formatted(queueId, cursor.count(), tally.live));
      }
      if (tally.bodyBytes != cursor.bytes()) {
        problem(
            "queue %d: its cursor counts %d bytes, its log holds %d"
                .formatted(queueId, cursor.bytes(), tally.bodyBytes));
      }
      messages += tally.live;
      bytes += tally.liveBytes;
    }
  }

  /** An entry lies between the floor and the end of its log. */
  private void verifyEntry(
      long queueId, Cursor cursor, SettledPages settled, long page, byte[] value) {
    SettledEntry entry = SettledEntry.decode(value);
    settled.restore(page, entry);
    long end =
        switch (entry) {
          case Run run -> run.end;
          case Page _ -> page + 1;
        };
    if (end <= SettledPages.page(cursor.floor())) {
      problem("queue %d: page %d is settled twice over".formatted(queueId, page));
    }
    if (page * SettledPages.PAGE >= cursor.next()) {
      problem("queue %d: page %d was never written".formatted(queueId, page));
    }
  }

  /**
   * Counts the live messages of one queue and their bytes, and looks at the order of their
   * positions.
   */
  private final class Tally implements Chunk.Visitor {
    private final long queueId;
    private final Cursor cursor;
    private final SettledPages settled;
    private long last = -1;
    private long live;
    private long liveBytes;
    private long bodyBytes;
    private long page;

    Tally(long queueId, Cursor cursor, SettledPages settled) {
      this.queueId = queueId;
      this.cursor = cursor;
      this.settled = settled;
    }

    void chunk(long first, byte[] value) {
      page = SettledPages.page(first);
      Chunk.read(first, value, this);
    }

    @Override
    public boolean message(long position, java.nio.ByteBuffer source, int length) {
      if (position <= last || SettledPages.page(position) != page || length > source.remaining()) {
        problem("queue %d: position %d is out of place".formatted(queueId, position));
        return false;
      }
      last = position;
      if (position >= cursor.next()) {
        problem("queue %d: position %d is beyond its cursor".formatted(queueId, position));
      } else if (position >= cursor.floor() && !settled.isSettled(position)) {
        live++;
        liveBytes += length;
        bodyBytes += sizes.of(source.slice(source.position(), length));
      }
      return true;
    }
  }

  private void problem(String sentence) {
    if (problems.size() < MAX_PROBLEMS) {
      problems.add(sentence);
    }
  }
}
