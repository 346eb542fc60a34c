package org.warrenmq.broker;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.loop.NodeFault;

/**
 * Sees whether the process does hardly anything but collect garbage, and in vain: the collector
 * goes on like that for a long time before it lets an allocation fail, and meanwhile nobody is
 * answered. That counts as out of memory. On a thread of its own, "warren-heap".
 */
final class HeapWatch {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /** Looks in a row that find it so: a second. */
  private static final int LOOKS = 4;

  /** So much of the time, and of the heap after a collection, is too much. */
  private static final double TOO_MUCH = 0.9;

  private final LongSupplier collectingMillis;
  private final LongSupplier leftBytes;
  private final long maxBytes;
  private long lastNanos;
  private long lastMillis;
  private int inVain;

  /**
   * @param collectingMillis how long collections have taken in all
   * @param leftBytes heap in use after the last collection
   */
  HeapWatch(LongSupplier collectingMillis, LongSupplier leftBytes, long maxBytes, long nowNanos) {
    this.collectingMillis = collectingMillis;
    this.leftBytes = leftBytes;
    this.maxBytes = maxBytes;
    this.lastNanos = nowNanos;
    this.lastMillis = collectingMillis.getAsLong();
  }

  /**
   * Watches the heap of this process until it ends.
   *
   * @param held bytes held for clients
   */
  static void start(LongSupplier held) {
    List<GarbageCollectorMXBean> collectors = ManagementFactory.getGarbageCollectorMXBeans();
    List<MemoryPoolMXBean> pools =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .toList();
    HeapWatch watch =
        new HeapWatch(
            () -> collectors.stream().mapToLong(GarbageCollectorMXBean::getCollectionTime).sum(),
            () -> pools.stream().mapToLong(HeapWatch::left).sum(),
            Runtime.getRuntime().maxMemory(),
            System.nanoTime());
    OldSpace oldSpace = OldSpace.of(held);
    Thread.ofPlatform().daemon().name("warren-heap").start(() -> watch.run(oldSpace));
  }

  private static long left(MemoryPoolMXBean pool) {
    MemoryUsage usage = pool.getCollectionUsage();
    return usage == null ? 0 : usage.getUsed();
  }

  private void run(@Nullable OldSpace oldSpace) {
    while (true) {
      LockSupport.parkNanos(this, PAUSE_NANOS);
      if (oldSpace != null) {
        oldSpace.look();
      }
      if (isInVain(System.nanoTime())) {
        NodeFault.report(
            new OutOfMemoryError(
                "the collector takes all the time, and %d of %d MB of the heap are in use after it"
                    .formatted(leftBytes.getAsLong() >> 20, maxBytes >> 20)));
        return;
      }
    }
  }

  /** One look; true when it was the last that was bearable. */
  boolean isInVain(long nowNanos) {
    long millis = collectingMillis.getAsLong();
    double share = (double) TimeUnit.MILLISECONDS.toNanos(millis - lastMillis);
    share /= Math.max(1, nowNanos - lastNanos);
    lastMillis = millis;
    lastNanos = nowNanos;
    boolean full = leftBytes.getAsLong() > maxBytes * TOO_MUCH;
    inVain = share > TOO_MUCH && full ? inVain + 1 : 0;
    return inVain >= LOOKS;
  }
}
