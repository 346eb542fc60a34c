package org.warrenmq.broker.alarms;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.engine.loop.NodeFault;
import org.warrenmq.engine.loop.NodeMemory;
import org.warrenmq.engine.loop.NodeMemory.Level;

/**
 * Raises and clears the memory alarm and the disk alarm, on a thread of its own, and tells the
 * listeners (one per event loop) when something changes. Looks once a second, at the disk as often
 * as the room above the limit asks, and at the memory at once when its account says so.
 *
 * <p>Memory is short when the {@link NodeMemory} is nearly used up, or when more of the heap than
 * the watermark is in use after a collection, whoever uses it. Collections come when the JVM makes
 * them. Only an alarm that the heap raised asks for some, since nothing else may end it: when much
 * of what clients held is gone, and else every half minute.
 */
public final class Alarms implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Alarms.class);
  private static final long CHECK_MILLIS = 1000;
  private static final long SHORTEST_DISK_CHECK_MILLIS = 100;

  /** Faster than a disk fills: a gigabyte a second. */
  private static final long FILLED_PER_MILLI = 1_000_000;

  /** Checks after which a raised alarm asks for a collection, whatever has happened. */
  private static final int MANY_CHECKS = 30;

  /** An alarm that comes back within this time has not ended, as far as the log goes. */
  private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(900);

  /** So much of the watermark that is not held any more is worth a collection. */
  private static final int PART_GONE = 8;

  private final NodeMemory node;
  private final Heap heap;
  private final LongSupplier diskFree;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("warren-alarms").unstarted(task));
  private volatile long watermark;
  private volatile long diskFreeLimit;
  private volatile boolean memoryRaised;
  private volatile boolean diskRaised;

  // The timer thread's own.
  private int checksSinceCollection;
  private long heldAtCollection;
  private long changedAt;

  /** What the log says. */
  private boolean memoryLogged;

  /** Told about the alarms, on the timer's thread. */
  public interface Listener {
    /**
     * @param reason what publishers are told, or null when they may go on
     */
    void alarmed(@Nullable String reason);
  }

  /** The heap, as far as it matters here. */
  interface Heap {
    /** Bytes in use after the last collection. */
    long left();

    /** Has everything collected. */
    void collect();
  }

  /** That of this process. */
  private static final class ProcessHeap implements Heap {
    private final List<MemoryPoolMXBean> pools =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .toList();

    @Override
    public long left() {
      return pools.stream()
          .map(MemoryPoolMXBean::getCollectionUsage)
          .filter(Objects::nonNull)
          .mapToLong(MemoryUsage::getUsed)
          .sum();
    }

    @Override
    public void collect() {
      System.gc();
    }
  }

  /**
   * Watches the memory of this process and a disk.
   *
   * @param node what is held for clients
   * @param watermark bytes of heap in use after a collection above which the memory alarm is raised
   * @param diskFreeLimit bytes below which the disk alarm is
   * @param diskFree bytes that are free on the disk
   */
  public Alarms(NodeMemory node, long watermark, long diskFreeLimit, LongSupplier diskFree) {
    this(node, watermark, new ProcessHeap(), diskFreeLimit, diskFree);
  }

  Alarms(NodeMemory node, long watermark, Heap heap, long diskFreeLimit, LongSupplier diskFree) {
    this.node = node;
    this.watermark = watermark;
    this.heap = heap;
    this.diskFreeLimit = diskFreeLimit;
    this.diskFree = diskFree;
  }

  /** Begins to watch; a disk that is full already is noticed before this returns. */
  public void start() {
    watchDisk();
    node.listen(_ -> timer.execute(NodeFault.guard(this::checkMemory)));
    timer.scheduleWithFixedDelay(
        NodeFault.guard(this::checkMemory), CHECK_MILLIS, CHECK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** From now on somebody is told of changes, and at once of how it is. */
  public void listen(Listener listener) {
    listeners.add(listener);
    listener.alarmed(reason());
  }

  /** As RabbitMQ words it. */
  private @Nullable String reason() {
    if (memoryRaised) {
      return diskRaised ? "low on memory & disk" : "low on memory";
    }
    return diskRaised ? "low on disk" : null;
  }

  private void tell() {
    listeners.forEach(listener -> listener.alarmed(reason()));
  }

  /** Sets another watermark, in bytes; it holds at once, after a collection. */
  public void watermark(long bytes) {
    watermark = bytes;
    timer.execute(
        NodeFault.guard(
            () -> {
              collect();
              checkMemory();
            }));
  }

  /** Sets another limit of free disk, in bytes; it holds within a second. */
  public void diskFreeLimit(long bytes) {
    diskFreeLimit = bytes;
    timer.execute(NodeFault.guard(this::checkDisk));
  }

  private void checkMemory() {
    boolean held = node.isAtLeast(Level.ALARM);
    boolean heapIsFull = heap.left() > watermark;
    if (memoryRaised && !held && heapIsFull && isWorthCollecting()) {
      collect();
      heapIsFull = heap.left() > watermark;
    }
    boolean high = held || heapIsFull;
    if (high != memoryRaised) {
      memoryRaised = high;
      changedAt = System.nanoTime();
      tell();
    }
    logMemory();
  }

  /** Where much is done at the edge an alarm comes and goes many times a second: that is one. */
  private void logMemory() {
    boolean over = !memoryRaised && System.nanoTime() - changedAt >= QUIET_NANOS;
    if (memoryRaised ? memoryLogged : !memoryLogged || !over) {
      return;
    }
    memoryLogged = memoryRaised;
    log.warn(
        "memory alarm {}: {} of {} MB are held for clients (kB: {}); {} MB of the heap are in use"
            + " after a collection, the watermark is {} MB",
        memoryRaised ? "raised, publishers are blocked" : "cleared",
        node.used() >> 20,
        node.budget() >> 20,
        node.byKind(),
        heap.left() >> 20,
        watermark >> 20);
  }

  private boolean isWorthCollecting() {
    return ++checksSinceCollection >= MANY_CHECKS
        || heldAtCollection - node.used() > watermark / PART_GONE;
  }

  private void collect() {
    checksSinceCollection = 0;
    heldAtCollection = node.used();
    heap.collect();
  }

  /** Looks, and again before what is left above the limit could be gone. */
  private void watchDisk() {
    long free = checkDisk();
    timer.schedule(
        NodeFault.guard(this::watchDisk),
        millisToNextDiskCheck(free, diskFreeLimit),
        TimeUnit.MILLISECONDS);
  }

  /** Between a tenth of a second and a second. */
  static long millisToNextDiskCheck(long free, long limit) {
    return Math.clamp((free - limit) / FILLED_PER_MILLI, SHORTEST_DISK_CHECK_MILLIS, CHECK_MILLIS);
  }

  /** Returns the bytes that are free. */
  private long checkDisk() {
    long free = diskFree.getAsLong();
    boolean low = free < diskFreeLimit;
    if (low != diskRaised) {
      diskRaised = low;
      log.warn(
          "disk alarm {}: {} MB are free, the limit is {} MB",
          low ? "raised, publishers are blocked" : "cleared",
          free / 1_000_000,
          diskFreeLimit / 1_000_000);
      tell();
    }
    return free;
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
