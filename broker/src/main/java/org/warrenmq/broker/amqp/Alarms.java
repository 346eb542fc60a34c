package org.warrenmq.broker.amqp;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.engine.NodeFault;

/**
 * Raises and clears the memory alarm and the disk alarm: looks at the heap once a second and at the
 * data folder's disk as often as the room above the limit asks, on a thread of its own, and tells
 * the listeners (one per event loop) when something changes.
 *
 * <p>The heap counts after a collection only, since a full heap may be all garbage: above the
 * watermark one is asked for, at most every few seconds, and what is left decides. What a heap can
 * hold is the process's real limit here; messages in memory, unsettled deliveries, transactions and
 * parked publishes all lie in it, socket buffers outside are bounded per connection, and so is what
 * the store takes.
 */
public final class Alarms implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Alarms.class);
  private static final long CHECK_MILLIS = 1000;
  private static final long SHORTEST_DISK_CHECK_MILLIS = 100;

  /** Faster than a disk fills: a gigabyte a second. */
  private static final long FILLED_PER_MILLI = 1_000_000;

  /** Checks between two collections asked for, raised or not. */
  private static final int CHECKS_WHEN_QUIET = 15;

  private static final int CHECKS_WHEN_RAISED = 2;

  private final LongSupplier used;
  private final Runnable collect;
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
  private int checksSinceCollection = CHECKS_WHEN_QUIET;

  /** Told about the alarms, on the timer's thread. */
  interface Listener {
    /**
     * @param reason what publishers are told, or null when they may go on
     */
    void alarmed(@Nullable String reason);
  }

  /**
   * Watches the heap of this process and a disk.
   *
   * @param watermark bytes of heap above which the memory alarm is raised
   * @param diskFreeLimit bytes below which the disk alarm is
   * @param diskFree bytes that are free on the disk
   */
  public Alarms(long watermark, long diskFreeLimit, LongSupplier diskFree) {
    this(
        watermark,
        () -> Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory(),
        System::gc,
        diskFreeLimit,
        diskFree);
  }

  /**
   * @param used bytes of heap in use, garbage included
   * @param collect takes the garbage away
   */
  Alarms(
      long watermark,
      LongSupplier used,
      Runnable collect,
      long diskFreeLimit,
      LongSupplier diskFree) {
    this.watermark = watermark;
    this.used = used;
    this.collect = collect;
    this.diskFreeLimit = diskFreeLimit;
    this.diskFree = diskFree;
  }

  /** Begins to watch; a disk that is full already is noticed before this returns. */
  public void start() {
    watchDisk();
    timer.scheduleWithFixedDelay(
        NodeFault.guard(this::checkMemory), CHECK_MILLIS, CHECK_MILLIS, TimeUnit.MILLISECONDS);
  }

  void listen(Listener listener) {
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

  /** Sets another watermark, in bytes; it holds from the next check on, at most a second later. */
  public void watermark(long bytes) {
    watermark = bytes;
    timer.execute(
        NodeFault.guard(
            () -> {
              checksSinceCollection = CHECKS_WHEN_QUIET;
              checkMemory();
            }));
  }

  /** Sets another limit of free disk, in bytes; it holds within a second. */
  public void diskFreeLimit(long bytes) {
    diskFreeLimit = bytes;
    timer.execute(NodeFault.guard(this::checkDisk));
  }

  private void checkMemory() {
    checksSinceCollection++;
    long bytes = used.getAsLong();
    if (bytes > watermark) {
      if (checksSinceCollection < (memoryRaised ? CHECKS_WHEN_RAISED : CHECKS_WHEN_QUIET)) {
        return;
      }
      checksSinceCollection = 0;
      collect.run();
      bytes = used.getAsLong();
    }
    boolean high = bytes > watermark;
    if (high != memoryRaised) {
      memoryRaised = high;
      log.warn(
          "memory alarm {}: {} MB in use, the watermark is {} MB",
          high ? "raised, publishers are blocked" : "cleared",
          bytes >> 20,
          watermark >> 20);
      tell();
    }
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
