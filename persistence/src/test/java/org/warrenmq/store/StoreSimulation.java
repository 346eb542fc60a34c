package org.warrenmq.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.rocksdb.FlushOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.warrenmq.store.StoreModel.QueueModel;

/**
 * One seeded run: the real store on a real disk, stepped by hand, against a {@link StoreModel},
 * with restarts, crashes and torn logs. The same seed does the same again.
 */
final class StoreSimulation {
  private static final StoreOptions OPTIONS = TestStore.SMALL;
  private static final ScheduleModel.Place START = new ScheduleModel.Place(0, 0);

  private final long seed;
  private final Path root;
  private final Random random;

  /** So low that the short life of a simulated store meets them often. */
  private final Tidying.Limits limits;

  /** With little memory for bodies, or none. */
  private final StoreOptions options;

  private final AtomicInteger completions = new AtomicInteger();
  private Path folder;
  private Store store;
  private int generation;

  /** What the store may come back as after a crash: all since the last sync, oldest first. */
  private final List<StoreModel> possible = new ArrayList<>();

  private StoreModel model = new StoreModel(() -> store.newBody());

  /** What the last run left of bodies goes with the first write. */
  private boolean wrote;

  /** The log file that was written at the last sync, and its size then. */
  private Path syncedLog = Path.of("");

  private long syncedSize;

  StoreSimulation(long seed, Path root) {
    this.seed = seed;
    this.root = root;
    this.random = new Random(seed);
    this.limits =
        new Tidying.Limits(
            256 + random.nextInt(2000), 1 << 20, 1 << 20, 1 + random.nextInt(6), 20_000);
    this.options = OPTIONS.withBodyBytes(random.nextInt(3) == 0 ? 0 : random.nextInt(10_000));
    this.folder = root.resolve("0");
  }

  void run(int steps) throws Exception {
    open(options);
    possible.add(model.copy());
    try {
      for (int step = 0; step < steps; step++) {
        switch (random.nextInt(20)) {
          case 0 -> restart();
          case 1, 2 -> crash();
          case 3 -> flush();
          case 4, 5 -> compareSomewhere();
          default -> write();
        }
      }
      compareAll();
    } finally {
      store.close();
    }
  }

  private void open(StoreOptions options) {
    store =
        Store.openStopped(
            folder,
            options,
            BodySize.WHOLE,
            failure -> {
              throw failure;
            },
            NotingDisk::new,
            limits);
    noteSync();
    wrote = false;
  }

  /** Notes how much of the log is synced, by whatever the writer syncs for. */
  private final class NotingDisk implements Disk {
    private final Disk real;

    NotingDisk(Disk real) {
      this.real = real;
    }

    @Override
    public void writeMain(WriteBatch batch, boolean sync) throws RocksDBException {
      real.writeMain(batch, sync);
      if (sync) {
        noteSync();
      }
    }

    @Override
    public void writeSpill(WriteBatch batch) throws RocksDBException {
      real.writeSpill(batch);
    }

    @Override
    public void sync() throws RocksDBException {
      real.sync();
      noteSync();
    }

    @Override
    public void close() {
      real.close();
    }
  }

  private void write() throws Exception {
    int turns = 1 + random.nextInt(4);
    boolean anySync = false;
    completions.set(0);
    for (int i = 0; i < turns; i++) {
      List<WriteRequest> requests = new ArrayList<>();
      int count = 1 + random.nextInt(6);
      for (int r = 0; r < count; r++) {
        model.change(random, requests);
      }
      boolean sync = random.nextInt(3) == 0;
      anySync |= sync;
      store.writer().submit(new TurnWrites(requests, sync, completions::incrementAndGet, null));
    }
    wrote = true;
    // One step takes all: so the turns of a step share their batch, and one disk state.
    store.writer().step();
    assertThat(completions).as("seed %d", seed).hasValue(turns);
    possible.add(model.copy());
    if (anySync) {
      onlyTheLastIsPossible();
    }
  }

  private void onlyTheLastIsPossible() {
    possible.subList(0, possible.size() - 1).clear();
  }

  private void noteSync() {
    try {
      syncedLog = WalDamageTest.newestLog(folder).getFileName();
      syncedSize = Files.size(folder.resolve("main").resolve(syncedLog));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void restart() throws Exception {
    store.close();
    open(options);
    adopt("restart");
  }

  /** To tables on disk, so that reads and settlements meet those too. */
  private void flush() throws RocksDBException {
    Database main = store.main();
    try (FlushOptions options = new FlushOptions().setWaitForFlush(true)) {
      main.db.flush(
          options,
          List.of(
              main.chunks,
              main.settled,
              main.cursors,
              main.pieces,
              main.references,
              main.scheduled));
      if (random.nextInt(3) == 0) {
        main.db.compactRange(main.chunks);
      }
    }
  }

  /** What a killed process leaves behind: a copy of the files as they are, perhaps torn. */
  private void crash() throws Exception {
    Path copy = root.resolve(String.valueOf(++generation));
    store.main().db.pauseBackgroundWork();
    copyFiles(folder, copy);
    store.main().db.continueBackgroundWork();
    store.close();
    folder = copy;
    Path log = WalDamageTest.newestLog(folder);
    // Only what came after the last sync may be missing.
    long safe = log.getFileName().equals(syncedLog) ? syncedSize : 0;
    long size = Files.size(log);
    boolean torn = size > safe && random.nextBoolean();
    if (torn) {
      long at = safe + random.nextLong(size - safe);
      if (random.nextInt(4) > 0) {
        WalDamageTest.truncate(log, at);
      } else {
        WalDamageTest.flip(log, at);
      }
    } else if (safe > 0 && random.nextInt(4) == 0) {
      refuseDamage(log, random.nextLong(safe));
    }
    open(options);
    adopt(torn ? "crash with a torn log" : "crash");
  }

  /** Damage in what was synced is refused aloud. */
  private void refuseDamage(Path log, long at) throws IOException {
    WalDamageTest.flip(log, at);
    assertThatThrownBy(() -> open(options))
        .as("seed %d, byte %d", seed, at)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("is damaged");
    WalDamageTest.flip(log, at);
  }

  private static void copyFiles(Path from, Path to) throws IOException {
    Files.createDirectories(to.resolve("main"));
    Files.copy(from.resolve("FORMAT"), to.resolve("FORMAT"));
    try (Stream<Path> files = Files.list(from.resolve("main"))) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve("main").resolve(file.getFileName()));
      }
    }
  }

  /** The reopened store must be one of the possible ones, the present one if nothing is torn. */
  private void adopt(String event) throws Exception {
    boolean torn = event.contains(" with ");
    StoreModel found = null;
    for (StoreModel candidate : possible.reversed()) {
      candidate.forgetTransient();
      if (candidate.states().equals(store.recover().queues())
          && candidate.scheduleStates().equals(store.recover().schedules())
          && sameContent(candidate)) {
        found = candidate;
        break;
      }
      if (!torn) {
        break;
      }
    }
    assertThat(found)
        .as(
            "seed %d after %s: %s is none of %s",
            seed,
            event,
            store.recover().queues(),
            possible.stream().map(StoreModel::states).toList())
        .isNotNull();
    assertThat(store.verify().problems()).as("seed %d after %s", seed, event).isEmpty();
    compareTimes();
    model = found.copy();
    possible.clear();
    possible.add(found);
  }

  private boolean sameContent(StoreModel candidate) throws RocksDBException {
    for (QueueModel queue : candidate.queues.values()) {
      if (!queue.content().equals(read(queue.id, 0, Long.MAX_VALUE))) {
        return false;
      }
    }
    for (ScheduleModel schedule : candidate.schedules.values()) {
      if (!schedule.content(START).equals(readScheduled(schedule.id, START, Long.MAX_VALUE))) {
        return false;
      }
    }
    return bodies().entrySet().containsAll(pieces(candidate).entrySet());
  }

  /** All pieces of bodies in both databases, by "database body/index". */
  private Map<String, String> bodies() throws RocksDBException {
    Map<String, String> found = new HashMap<>();
    for (Database database : List.of(store.main(), store.spill())) {
      try (RocksIterator it = database.db.newIterator(database.pieces)) {
        for (it.seekToFirst(); it.isValid(); it.next()) {
          ByteBuffer key = ByteBuffer.wrap(it.key());
          found.put(
              name(key.getLong(), key.getInt(), database == store.main()),
              new String(it.value(), StandardCharsets.ISO_8859_1));
        }
        it.status();
      }
    }
    return found;
  }

  private static Map<String, String> pieces(StoreModel model) {
    Map<String, String> pieces = new HashMap<>();
    model.bodies.forEach(
        (id, body) -> {
          for (int i = 0; i < body.pieces().size(); i++) {
            pieces.put(name(id, i, body.persistent()), body.pieces().get(i));
          }
        });
    return pieces;
  }

  private static String name(long body, int index, boolean persistent) {
    return "%s %d/%d".formatted(persistent ? "main" : "spill", body, index);
  }

  /** Neither more nor less than what somebody needs. */
  private void compareBodies() throws RocksDBException {
    if (wrote) {
      Map<String, String> found = bodies();
      Map<String, String> expected = pieces(model);
      // Those that need not last may be in memory.
      assertThat(expected.entrySet().containsAll(found.entrySet())).as("seed %d", seed).isTrue();
      expected.keySet().removeAll(found.keySet());
      assertThat(expected.keySet()).as("seed %d", seed).allMatch(name -> name.startsWith("spill"));
      for (var entry : model.bodies.entrySet()) {
        StoreModel.BodyModel body = entry.getValue();
        for (int i = 0; i < body.pieces().size(); i++) {
          byte[] piece = store.reader().piece(entry.getKey(), i, body.persistent());
          assertThat(new String(piece, StandardCharsets.ISO_8859_1))
              .as("seed %d, piece %d of body %d", seed, i, entry.getKey())
              .isEqualTo(body.pieces().get(i));
        }
      }
    }
  }

  private List<StoreModel.Content> read(long queue, long from, long maxBytes)
      throws RocksDBException {
    List<StoreModel.Content> all = new ArrayList<>();
    MessageBatch batch;
    long at = from;
    do {
      batch = store.reader().messages(queue, at, maxBytes);
      for (StoredMessage message : batch.messages()) {
        all.add(StoreModel.Content.of(message));
        assertThat(message.appended() - TestStore.TIME)
            .as("seed %d, time of %d", seed, message.position())
            .isBetween(message.position() - StoreModel.MOST - Chunk.MAX_SPAN, message.position());
      }
      assertThat(batch.resumeAt() > at || batch.atEnd()).as("seed %d progresses", seed).isTrue();
      at = batch.resumeAt();
    } while (!batch.atEnd());
    return all;
  }

  private List<ScheduleModel.Content> readScheduled(
      long owner, ScheduleModel.Place start, long maxBytes) throws RocksDBException {
    List<ScheduleModel.Content> all = new ArrayList<>();
    ScheduleBatch batch;
    ScheduleModel.Place from = start;
    do {
      batch = store.reader().scheduled(owner, from.due(), from.id(), maxBytes);
      batch.messages().forEach(message -> all.add(ScheduleModel.Content.of(message)));
      if (!batch.messages().isEmpty()) {
        ScheduledMessage last = batch.messages().getLast();
        from = new ScheduleModel.Place(last.due(), last.id() + 1);
      }
    } while (!batch.atEnd());
    return all;
  }

  private void compareSchedules(boolean somewhere) throws RocksDBException {
    for (ScheduleModel schedule : model.schedules.values()) {
      ScheduleModel.Place from =
          somewhere ? new ScheduleModel.Place(random.nextInt(5000), random.nextInt(3)) : START;
      long maxBytes = somewhere ? 1 + random.nextInt(20_000) : Long.MAX_VALUE;
      assertThat(readScheduled(schedule.id, from, maxBytes))
          .as("seed %d, scheduled of %d from %s", seed, schedule.id, from)
          .isEqualTo(schedule.content(from));
    }
  }

  private void compareSomewhere() throws RocksDBException {
    compareBodies();
    compareSchedules(true);
    for (QueueModel queue : model.queues.values()) {
      long from = queue.next == 0 ? 0 : random.nextLong(queue.next);
      assertThat(read(queue.id, from, 1 + random.nextInt(20_000)))
          .as("seed %d, queue %d from %d", seed, queue.id, from)
          .isEqualTo(queue.content().stream().filter(m -> m.position() >= from).toList());
    }
  }

  /** Also in chunks that were rewritten, where they are known to the page. */
  private void compareTimes() throws RocksDBException {
    for (Database database : List.of(store.main(), store.spill())) {
      try (RocksIterator it = database.db.newIterator(database.chunks)) {
        for (it.seekToFirst(); it.isValid(); it.next()) {
          long first = Keys.number(it.key());
          Chunk.Header header = Chunk.header(it.value());
          assertThat(header.earliest() - TestStore.TIME)
              .as("seed %d, chunk at %d", seed, first)
              .isBetween(first - StoreModel.MOST - SettledPages.PAGE, first);
          assertThat(header.latest() - TestStore.TIME)
              .as("seed %d, chunk at %d", seed, first)
              .isBetween(first - StoreModel.MOST, first + SettledPages.PAGE);
          assertThat(header.latest() - header.earliest())
              .as("seed %d, chunk at %d", seed, first)
              .isBetween(0L, Chunk.MAX_SPAN);
        }
        it.status();
      }
    }
  }

  private void compareAll() throws RocksDBException {
    compareBodies();
    compareTimes();
    compareSchedules(false);
    for (QueueModel queue : model.queues.values()) {
      assertThat(read(queue.id, 0, Long.MAX_VALUE))
          .as("seed %d, queue %d", seed, queue.id)
          .isEqualTo(queue.content());
    }
    assertThat(store.verify().problems()).as("seed %d", seed).isEmpty();
    assertThat(store.recover().queues()).as("seed %d", seed).isEqualTo(model.states());
    assertThat(store.recover().schedules()).as("seed %d", seed).isEqualTo(model.scheduleStates());
  }
}
