package org.warrenmq.broker;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Has the old generation collected when most of it must be garbage. The serial collector by itself
 * lets it grow to the largest heap first: what lay in queues for a moment and was delivered would
 * make a process of gigabytes that needs a hundred megabytes. Looked at on thread "warren-heap".
 *
 * <p>A collection takes time by what is alive, and comes when twice as much has died: so it costs a
 * few percent at most, and where little lives it is short.
 */
final class OldSpace {
  /** Less is not worth a collection. */
  private static final long LEAST = 64L << 20;

  /** So many times what lives may be in it. */
  private static final int TIMES = 3;

  private final LongSupplier used;
  private final LongSupplier live;
  private final LongSupplier held;
  private final Runnable collect;

  /** What was held for clients when it was collected last. */
  private long heldThen;

  /**
   * @param used bytes in the old generation, garbage included
   * @param live the same after the last collection of it
   * @param held bytes held for clients
   */
  OldSpace(LongSupplier used, LongSupplier live, LongSupplier held, Runnable collect) {
    this.used = used;
    this.live = live;
    this.held = held;
    this.collect = collect;
  }

  /** That of this process; null where another collector looks after it. */
  static @Nullable OldSpace of(LongSupplier held) {
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      if (pool.getName().equals("Tenured Gen")) {
        return new OldSpace(
            () -> pool.getUsage().getUsed(),
            () -> pool.getCollectionUsage().getUsed(),
            held,
            System::gc);
      }
    }
    return null;
  }

  /** One look. */
  void look() {
    long now = held.getAsLong();
    long alive = live.getAsLong() + Math.max(0, now - heldThen);
    if (used.getAsLong() > Math.max(LEAST, TIMES * alive)) {
      collect.run();
      heldThen = held.getAsLong();
    }
  }
}
