package org.warrenmq.store;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Measures the store by itself, a line per run: {@code StoreSpike FOLDER [name of a run]...}.
 * Numbers to decide on formats and bounds with; nothing is asserted.
 */
final class StoreSpike {
  private final Path folder;
  private Store store;

  // Since start().
  private long nanos;
  private long cpu;
  private long written;

  private StoreSpike(Path folder) {
    this.folder = folder;
  }

  public static void main(String[] args) throws Exception {
    StoreSpike spike = new StoreSpike(Path.of(args[0]));
    List<String> wanted = List.of(args).subList(1, args.length);
    for (String run :
        wanted.isEmpty()
            ? List.of("batches", "sync", "consumers", "queues", "random", "deep")
            : wanted) {
      spike.run(run);
    }
    System.exit(0);
  }

  private void run(String name) throws Exception {
    switch (name) {
      case "batches" -> {
        for (int size : new int[] {64, 512, 4096}) {
          batches(size, 100, 1);
          batches(size, 100, 8);
        }
        batches(64, 1024, 8);
        batches(512, 1024, 8);
      }
      case "sync" -> {
        for (int every : new int[] {1, 10, 100, 1_000_000}) {
          sync(every);
        }
      }
      case "consumers" -> {
        for (int lag : new int[] {0, 1, 100, 5_000}) {
          consumers(lag);
        }
      }
      case "queues" -> {
        queues(false);
        queues(true);
      }
      case "random" -> random();
      case "deep" -> deep();
      default -> throw new IllegalArgumentException("no run is called " + name);
    }
  }

  private void open() throws IOException {
    delete();
    reopen();
  }

  private double reopen() {
    long before = System.nanoTime();
    store =
        Store.open(
            folder,
            StoreOptions.defaults(),
            BodySize.WHOLE,
            failure -> {
              System.out.println(failure.getMessage());
              System.exit(1);
            });
    store.recover();
    return (System.nanoTime() - before) / 1e6;
  }

  private void start() throws IOException {
    nanos = System.nanoTime();
    cpu = cpuNanos();
    written = writtenBytes();
  }

  private void report(String what, long messages, String more) throws IOException {
    double seconds = (System.nanoTime() - nanos) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "%-44s %9.0f msg/s  %6.2f us CPU/msg  %7.1f B written/msg  %s%n",
        what,
        messages / seconds,
        (cpuNanos() - cpu) / 1e3 / messages,
        (writtenBytes() - written) / (double) messages,
        more);
  }

  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  /** What this process had written to storage, in bytes. */
  private static long writtenBytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/io")).stream()
        .filter(line -> line.startsWith("write_bytes"))
        .mapToLong(line -> Long.parseLong(line.split(" ")[1]))
        .sum();
  }

  private long diskMiB() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum()
          >> 20;
    }
  }

  private static String rss() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS"))
        .findFirst()
        .map(line -> "RSS " + Long.parseLong(line.replaceAll("\\D", "")) / 1024 + " MiB")
        .orElse("");
  }

  private void delete() throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private static List<Storable> messages(int count, int size) {
    return new ArrayList<>(Collections.nCopies(count, Storable.of(new byte[size], true)));
  }

  /** Submits and blocks while more than some turns are out. */
  private void submit(Semaphore window, boolean sync, List<WriteRequest> requests) {
    window.acquireUninterruptibly();
    store.writer().submit(new TurnWrites(requests, sync, window::release, null));
  }

  private static void drain(Semaphore window, int size) {
    window.acquireUninterruptibly(size);
    window.release(size);
  }

  private void batches(int size, int bytes, int outstanding) throws IOException {
    open();
    Semaphore window = new Semaphore(outstanding);
    List<Storable> batch = messages(size, bytes);
    start();
    long next = 0;
    long end = System.nanoTime() + 4_000_000_000L;
    while (System.nanoTime() < end && next * bytes < 3L << 30) {
      submit(window, true, List.of(new WriteRequest.Append(1, next, TestStore.TIME, batch)));
      next += size;
    }
    drain(window, outstanding);
    report("append %d x %d B, synced, %d turns out".formatted(size, bytes, outstanding), next, "");
    store.close();
  }

  private void sync(int every) throws IOException {
    open();
    Semaphore window = new Semaphore(4);
    List<Storable> batch = messages(64, 100);
    start();
    long next = 0;
    long turn = 0;
    long end = System.nanoTime() + 4_000_000_000L;
    while (System.nanoTime() < end) {
      submit(
          window,
          ++turn % every == 0,
          List.of(new WriteRequest.Append(1, next, TestStore.TIME, batch)));
      next += 64;
    }
    drain(window, 4);
    report("append 64 x 100 B, sync wanted by 1 turn of %d".formatted(every), next, "");
    store.close();
  }

  /** Appends and settles in order, the settlement some turns behind. */
  private void consumers(int lag) throws IOException {
    open();
    Semaphore window = new Semaphore(4);
    List<Storable> batch = messages(64, 100);
    start();
    long turns = 0;
    long end = System.nanoTime() + 6_000_000_000L;
    while (System.nanoTime() < end) {
      List<WriteRequest> requests = new ArrayList<>();
      requests.add(new WriteRequest.Append(1, turns * 64, TestStore.TIME, batch));
      if (turns >= lag) {
        requests.add(TestStore.settle(1, 64 * 100, range((turns - lag) * 64, 64)));
      }
      submit(window, true, requests);
      turns++;
    }
    drain(window, 4);
    report(
        "append + settle 64 x 100 B, %d turns behind".formatted(lag),
        turns * 64,
        "disk %d MiB".formatted(diskMiB()));
    store.close();
  }

  private static long[] range(long from, int count) {
    long[] positions = new long[count];
    Arrays.setAll(positions, i -> from + i);
    return positions;
  }

  /** 10,000 queues, each gets a small message per second and settles the one before. */
  private void queues(boolean flatOut) throws IOException {
    open();
    int queues = 10_000;
    int perTurn = 200;
    Semaphore window = new Semaphore(4);
    List<Storable> one = messages(1, 100);
    AtomicLong slowest = new AtomicLong();
    start();
    long sent = 0;
    long begin = System.nanoTime();
    while (System.nanoTime() - begin < 20_000_000_000L) {
      long due = flatOut ? Long.MAX_VALUE : (System.nanoTime() - begin) / 100_000;
      if (sent >= due) {
        LockSupport.parkNanos(1_000_000);
        continue;
      }
      List<WriteRequest> requests = new ArrayList<>();
      for (int i = 0; i < perTurn; i++) {
        long queue = 1 + sent % queues;
        long position = sent / queues;
        requests.add(new WriteRequest.Append(queue, position, TestStore.TIME, one));
        if (position > 0) {
          requests.add(TestStore.settle(queue, 100, position - 1));
        }
        sent++;
      }
      long asked = System.nanoTime();
      window.acquireUninterruptibly();
      store
          .writer()
          .submit(
              TurnWrites.synced(
                  requests,
                  () -> {
                    slowest.accumulateAndGet(System.nanoTime() - asked, Math::max);
                    window.release();
                  }));
    }
    drain(window, 4);
    report(
        "10,000 queues, " + (flatOut ? "as fast as it goes" : "1 msg/s each"),
        sent,
        "slowest turn %.1f ms, disk %d MiB".formatted(slowest.get() / 1e6, diskMiB()));
    store.close();
    System.out.printf(Locale.ROOT, "%-44s %.0f ms%n", "  open and recover 10,000 queues", reopen());
    store.close();
  }

  private void random() throws IOException {
    open();
    int depth = 1_000_000;
    Semaphore window = new Semaphore(4);
    for (int next = 0; next < depth; next += 1000) {
      submit(
          window,
          true,
          List.of(new WriteRequest.Append(1, next, TestStore.TIME, messages(1000, 100))));
    }
    drain(window, 4);
    List<Long> order = new ArrayList<>(depth);
    for (long position = 1; position < depth; position++) {
      order.add(position);
    }
    Collections.shuffle(order, new Random(1));
    start();
    for (int at = 0; at < order.size(); at += 512) {
      long[] positions =
          order.subList(at, Math.min(order.size(), at + 512)).stream().mapToLong(p -> p).toArray();
      submit(window, false, List.of(TestStore.settle(1, positions.length * 100L, positions)));
      if (at / 512 == order.size() / 1024) {
        drain(window, 4);
        report(
            "settle at random, 512 per turn, first half", at, "disk %d MiB".formatted(diskMiB()));
        readAll("half settled");
        start();
      }
    }
    drain(window, 4);
    report("settle at random, 512 per turn, second half", depth / 2, "disk " + diskMiB() + " MiB");
    readAll("all but one settled");
    store.close();
    System.out.printf(Locale.ROOT, "%-44s %.0f ms%n", "  open and recover", reopen());
    store.close();
  }

  private void readAll(String what) {
    long before = System.nanoTime();
    long[] state = {0, 0, 0};
    while (state[2] == 0) {
      Semaphore answered = new Semaphore(0);
      store
          .reader()
          .read(
              1,
              state[0],
              1 << 18,
              batch -> {
                state[0] = batch.resumeAt();
                state[1] += batch.messages().size();
                state[2] = batch.atEnd() ? 1 : 0;
                answered.release();
              });
      answered.acquireUninterruptibly();
    }
    double millis = (System.nanoTime() - before) / 1e6;
    System.out.printf(
        Locale.ROOT, "  read all (%s): %d messages in %.1f ms%n", what, state[1], millis);
  }

  /** Fills with 1-KiB messages, opens again, drains. */
  private void deep() throws IOException {
    open();
    Semaphore window = new Semaphore(8);
    List<Storable> batch = messages(512, 1024);
    start();
    long next = 0;
    long end = System.nanoTime() + 28_000_000_000L;
    while (System.nanoTime() < end && next < 5_000_000) {
      submit(window, true, List.of(new WriteRequest.Append(1, next, TestStore.TIME, batch)));
      next += 512;
    }
    drain(window, 8);
    report("fill 512 x 1 KiB, synced", next, rss() + ", disk " + diskMiB() + " MiB");
    store.close();
    System.out.printf(
        Locale.ROOT,
        "%-44s %.0f ms, count %d%n",
        "  open and recover",
        reopen(),
        store.recover().queues().getFirst().count());
    drainDeep(window, next);
    store.close();
  }

  private void drainDeep(Semaphore window, long messages) throws IOException {
    start();
    long[] state = {0, 0};
    long end = System.nanoTime() + 28_000_000_000L;
    while (state[1] == 0 && System.nanoTime() < end) {
      Semaphore answered = new Semaphore(0);
      List<StoredMessage> read = new ArrayList<>();
      store
          .reader()
          .read(
              1,
              state[0],
              1 << 19,
              batch -> {
                state[0] = batch.resumeAt();
                state[1] = batch.atEnd() ? 1 : 0;
                read.addAll(batch.messages());
                answered.release();
              });
      answered.acquireUninterruptibly();
      submit(
          window,
          false,
          List.of(
              TestStore.settle(
                  1,
                  read.size() * 1024L,
                  read.stream().mapToLong(StoredMessage::position).toArray())));
    }
    drain(window, 8);
    report(
        "read and settle 512 KiB at a time",
        state[0],
        rss() + ", disk " + diskMiB() + " MiB of " + messages + " msg");
  }
}
