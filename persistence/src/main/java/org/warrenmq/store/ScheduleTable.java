package org.warrenmq.store;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.WriteBatch;

/**
 * The scheduled messages in one database, as the writer thread knows them: how many each owner has,
 * and what was asked for and not been written yet. Never the messages on disk. Lives on the writer
 * thread.
 *
 * <p>Of each owner there is a record before its messages, rewritten in the same batch as what it
 * counts.
 */
final class ScheduleTable {
  private final Database database;
  private final WriteBatch batch;
  private final Tidying.Limits limits;
  private final Map<Long, Owner> owners = new HashMap<>();

  /** Not written yet, in the order in which they came; what is unscheduled before is taken out. */
  private final Map<Place, Storable> pending = new LinkedHashMap<>();

  /** Owners whose record changes with the next write. */
  private final Set<Owner> changed = new LinkedHashSet<>();

  /** Owners of whose messages some left since the last tidying. */
  private final Set<Owner> thinned = new LinkedHashSet<>();

  private final List<LogTable.Trim> trims = new ArrayList<>();

  /** Where a message stands. */
  private record Place(long queueId, long due, long id) {
    byte[] key() {
      return Keys.scheduled(queueId, due, id);
    }
  }

  /**
   * What the record of an owner says.
   *
   * @param lastId the largest id so far
   */
  record Tally(long count, long lastId) {
    private static final int VERSION = 1;

    byte[] encoded() {
      ByteBuffer target = ByteBuffer.allocate(1 + Bytes.varLength(count) + Bytes.varLength(lastId));
      target.put((byte) VERSION);
      Bytes.putVar(target, count);
      Bytes.putVar(target, lastId);
      return target.array();
    }

    static Tally decode(byte[] value) {
      ByteBuffer source = ByteBuffer.wrap(value);
      Bytes.checkVersion(source, VERSION, "the count of scheduled messages");
      return new Tally(Bytes.getVar(source), Bytes.getVar(source));
    }
  }

  private static final class Owner {
    final long id;
    long count;
    long lastId;

    /** Messages that left since a range was deleted, and about how many bytes. */
    long left;

    long leftBytes;

    /** Bytes in deleted ranges that may still fill files, about. */
    long trimmable;

    /** Mean bytes of a message, for guessing; moves slowly. */
    double meanBytes = 1024;

    /** All before was deleted as a range, and nothing was put there since. */
    byte[] erasedBelow;

    Owner(long id, Tally tally) {
      this.id = id;
      this.count = tally.count;
      this.lastId = tally.lastId;
      this.erasedBelow = Keys.scheduled(id, 0, 0);
    }
  }

  /**
   * @param batch where its changes go
   */
  ScheduleTable(Database database, WriteBatch batch, Tidying.Limits limits) {
    this.database = database;
    this.batch = batch;
    this.limits = limits;
  }

  /** The owners that an earlier run left, by number; messages are stepped over. Any thread. */
  static void owners(Database database, Consumer<ScheduleState> visitor) throws RocksDBException {
    try (ReadOptions options = new ReadOptions().setFillCache(false);
        RocksIterator it = database.db.newIterator(database.scheduled, options)) {
      it.seekToFirst();
      while (it.isValid()) {
        long queueId = Keys.queueId(it.key());
        if (it.key().length != Long.BYTES) {
          throw new StoreException(
              "queue %d has scheduled messages that nobody counted".formatted(queueId));
        }
        Tally tally = Tally.decode(it.value());
        visitor.accept(new ScheduleState(queueId, tally.count, tally.lastId));
        it.seek(Keys.queue(queueId + 1));
      }
      it.status();
    }
  }

  /** Learns what an earlier run left. */
  void restore() throws RocksDBException {
    owners(
        database,
        found ->
            owners.put(
                found.queueId(),
                new Owner(found.queueId(), new Tally(found.count(), found.lastId()))));
  }

  void schedule(WriteRequest.Schedule request) {
    Storable message = request.message();
    Owner owner = owners.computeIfAbsent(request.queueId(), id -> new Owner(id, new Tally(0, 0)));
    Place place = new Place(request.queueId(), request.due(), request.id());
    pending.put(place, message);
    owner.count++;
    owner.lastId = Math.max(owner.lastId, request.id());
    owner.meanBytes += (message.storedSize() - owner.meanBytes) / 16;
    byte[] key = place.key();
    if (Keys.compare(key, owner.erasedBelow) < 0) {
      owner.erasedBelow = key;
    }
    changed.add(owner);
  }

  void unschedule(WriteRequest.Unschedule request) throws RocksDBException {
    Owner owner = owners.get(request.queueId());
    if (owner == null) {
      throw new StoreException(
          "queue %d has no scheduled messages, and one of them left".formatted(request.queueId()));
    }
    owner.count--;
    changed.add(owner);
    Place place = new Place(request.queueId(), request.due(), request.id());
    if (pending.remove(place) == null) {
      batch.delete(database.scheduled, place.key());
      owner.left++;
      owner.leftBytes += (long) owner.meanBytes;
      thinned.add(owner);
    }
  }

  /** The owner is gone, with all it has. */
  void drop(long queueId) throws RocksDBException {
    Owner owner = owners.remove(queueId);
    if (owner == null) {
      return;
    }
    changed.remove(owner);
    thinned.remove(owner);
    pending.keySet().removeIf(place -> place.queueId == queueId);
    byte[] end = Keys.scheduledEnd(queueId);
    batch.delete(database.scheduled, Keys.queue(queueId));
    batch.deleteRange(database.scheduled, Keys.scheduled(queueId, 0, 0), end);
    double bytes = owner.trimmable + (owner.count + owner.left) * owner.meanBytes;
    if (bytes >= limits.trimBytes()) {
      trims.add(new LogTable.Trim(database.scheduled, Keys.scheduled(queueId, 0, 0), end));
    }
  }

  /** Puts everything that changed into the batch. */
  void flush() throws RocksDBException {
    for (Map.Entry<Place, Storable> each : pending.entrySet()) {
      byte[] value = new byte[each.getValue().storedSize()];
      each.getValue().store(ByteBuffer.wrap(value));
      batch.put(database.scheduled, each.getKey().key(), value);
    }
    pending.clear();
    for (Owner owner : changed) {
      batch.put(
          database.scheduled, Keys.queue(owner.id), new Tally(owner.count, owner.lastId).encoded());
    }
    changed.clear();
  }

  /**
   * Gives back the space before the first message that is left, once that is worth it: they leave
   * in the order of their time. After a write, while nothing is pending.
   */
  void tidy() throws RocksDBException {
    for (Owner owner : thinned) {
      if (owner.left >= limits.positions() || owner.leftBytes >= limits.bytesOf(owners.size())) {
        erasePrefix(owner);
      }
    }
    thinned.removeIf(owner -> owner.left == 0);
  }

  private void erasePrefix(Owner owner) throws RocksDBException {
    byte[] first = first(owner);
    if (Keys.compare(owner.erasedBelow, first) < 0) {
      batch.deleteRange(database.scheduled, owner.erasedBelow, first);
      owner.erasedBelow = first;
    }
    owner.trimmable += owner.leftBytes;
    owner.left = 0;
    owner.leftBytes = 0;
    if (owner.trimmable >= limits.trimBytes()) {
      owner.trimmable = 0;
      // From the very start: a file that crosses an earlier end is whole only now.
      trims.add(new LogTable.Trim(database.scheduled, Keys.scheduled(owner.id, 0, 0), first));
    }
  }

  /** The key of the first message it has, or the end of all keys it may have. */
  private byte[] first(Owner owner) throws RocksDBException {
    byte[] end = Keys.scheduledEnd(owner.id);
    try (Slice upper = new Slice(end);
        ReadOptions options = new ReadOptions().setIterateUpperBound(upper).setFillCache(false);
        RocksIterator it = database.db.newIterator(database.scheduled, options)) {
      it.seek(owner.erasedBelow);
      byte @Nullable [] found = it.isValid() ? it.key() : null;
      it.status();
      return found == null ? end : found;
    }
  }

  /** What may be trimmed now that everything is written. */
  List<LogTable.Trim> takeTrims() {
    if (trims.isEmpty()) {
      return List.of();
    }
    List<LogTable.Trim> taken = List.copyOf(trims);
    trims.clear();
    return taken;
  }
}
