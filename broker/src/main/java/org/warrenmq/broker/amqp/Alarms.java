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

/**
 * Raises and clears the memory alarm: looks at the heap once a second, on a thread of its own, and
 * tells the listeners (one per event loop) when the alarm changes.
 *
 * <p>The heap counts after a collection only, since a full heap may be all garbage: above the
 * watermark one is asked for, at most every few seconds, and what is left decides. What a heap can
 * hold is the process's real limit here; messages, unsettled deliveries, transactions and parked
 * publishes all lie in it, and socket buffers outside are bounded per connection.
 */
public final class Alarms implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Alarms.class);
  private static final long CHECK_MILLIS = 1000;

  /** Checks between two collections asked for, raised or not. */
  private static final int CHECKS_WHEN_QUIET = 15;

  private static final int CHECKS_WHEN_RAISED = 2;

  /** What connection.blocked says. */
  private static final String LOW_ON_MEMORY = "low on memory";

  private final LongSupplier used;
  private final Runnable collect;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("warren-memory").unstarted(task));
  private volatile long watermark;
  private volatile boolean raised;

  // The timer thread's own.
  private int checksSinceCollection = CHECKS_WHEN_QUIET;

  /** Told about the alarm, on the timer's thread. */
  interface Listener {
    /**
     * @param reason what publishers are told, or null when they may go on
     */
    void alarmed(@Nullable String reason);
  }

  /** Watches the heap of this process. */
  public Alarms(long watermark) {
    this(
        watermark,
        () -> Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory(),
        System::gc);
  }

  /**
   * @param watermark bytes above which the alarm is raised
   * @param used bytes in use, garbage included
   * @param collect takes the garbage away
   */
  Alarms(long watermark, LongSupplier used, Runnable collect) {
    this.watermark = watermark;
    this.used = used;
    this.collect = collect;
  }

  /** Begins to watch. */
  public void start() {
    timer.scheduleWithFixedDelay(this::check, CHECK_MILLIS, CHECK_MILLIS, TimeUnit.MILLISECONDS);
  }

  void listen(Listener listener) {
    listeners.add(listener);
    listener.alarmed(reason());
  }

  private @Nullable String reason() {
    return raised ? LOW_ON_MEMORY : null;
  }

  /** Sets another watermark, in bytes; it holds from the next check on, at most a second later. */
  public void watermark(long bytes) {
    watermark = bytes;
    timer.execute(
        () -> {
          checksSinceCollection = CHECKS_WHEN_QUIET;
          check();
        });
  }

  private void check() {
    checksSinceCollection++;
    long bytes = used.getAsLong();
    if (bytes > watermark) {
      if (checksSinceCollection < (raised ? CHECKS_WHEN_RAISED : CHECKS_WHEN_QUIET)) {
        return;
      }
      checksSinceCollection = 0;
      collect.run();
      bytes = used.getAsLong();
    }
    boolean high = bytes > watermark;
    if (high != raised) {
      raised = high;
      log.warn(
          "memory alarm {}: {} MB in use, the watermark is {} MB",
          high ? "raised, publishers are blocked" : "cleared",
          bytes >> 20,
          watermark >> 20);
      listeners.forEach(listener -> listener.alarmed(reason()));
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
