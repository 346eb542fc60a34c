package org.warrenmq.benchmarks.topology;

import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.warrenmq.benchmarks.latency.Latencies;

/**
 * Publishers that go on all the time, and what an event does to their confirms: a window of the
 * same length before it and one from its beginning on. Used by the measuring thread.
 *
 * <p>Half of the publishers use the default exchange, half a topic exchange: the one whose bindings
 * change is their neighbour or their own.
 */
final class Disturbance implements AutoCloseable {
  private static final int PUBLISHERS = 4;

  /** When the broker does not confirm for so long the measurement has failed. */
  private static final long PATIENCE_SECONDS = 120;

  private final List<PacedPublisher> publishers = new ArrayList<>();
  private final long windowNanos;

  /** Written by the measuring thread, read by the publishers. */
  private volatile Latencies window = Latencies.ignored();

  /**
   * One event seen through the confirms of others, in milliseconds.
   *
   * @param beforeP99 99th percentile without it
   * @param duringP99 99th percentile from its beginning on
   * @param eventMillis how long the event itself took
   * @param samples confirms in the smaller of the two windows
   */
  record Pair(double beforeP99, double duringP99, double eventMillis, int samples) {
    double ratio() {
      return duringP99 / beforeP99;
    }
  }

  /** Something done to the broker; returns when the broker is through with it. */
  @FunctionalInterface
  interface Event {
    void run() throws IOException, InterruptedException;
  }

  /**
   * Starts the publishers.
   *
   * @param exchange the topic exchange half of them use
   * @param perSecond messages per second of all of them together
   * @param windowSeconds the shortest window; one is longer while its event lasts
   */
  Disturbance(ConnectionFactory factory, String exchange, int perSecond, double windowSeconds)
      throws IOException, TimeoutException {
    this.windowNanos = (long) (windowSeconds * 1e9);
    for (int i = 0; i < PUBLISHERS; i++) {
      publishers.add(
          new PacedPublisher(
              factory,
              i % 2 == 0 ? "" : exchange,
              "bench.paced." + i,
              Math.max(1, perSecond / PUBLISHERS),
              () -> window));
    }
  }

  /** Lets the publishers run for a while, so that compilers and caches are warm. */
  void warm(double seconds) {
    waitUntil(System.nanoTime() + (long) (seconds * 1e9));
    check();
  }

  /** Measures a window without and one with the event. */
  Pair measure(Event event) throws IOException, InterruptedException {
    Latencies before = Latencies.measured();
    window = before;
    waitUntil(System.nanoTime() + windowNanos);
    close(before);

    Latencies during = Latencies.measured();
    window = during;
    long start = System.nanoTime();
    event.run();
    long took = System.nanoTime() - start;
    waitUntil(start + windowNanos);
    close(during);
    check();
    return new Pair(
        before.percentile(99),
        during.percentile(99),
        took / 1e6,
        Math.min(before.count(), during.count()));
  }

  /** Waits for what was due in the window, published or not, then for its confirms. */
  private void close(Latencies open) throws InterruptedException {
    long end = System.nanoTime();
    long deadline = end + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    for (PacedPublisher publisher : publishers) {
      while (!publisher.hasPublishedUpTo(end)) {
        publisher.check();
        if (System.nanoTime() - deadline > 0) {
          throw new IllegalStateException("a publisher was held up for " + PATIENCE_SECONDS + " s");
        }
        LockSupport.parkNanos(1_000_000);
      }
    }
    window = Latencies.ignored();
    // A publisher may have read the window just before: it takes its place with the next message.
    long switched = System.nanoTime();
    for (PacedPublisher publisher : publishers) {
      while (!publisher.hasPublishedUpTo(switched) && System.nanoTime() - deadline < 0) {
        publisher.check();
        LockSupport.parkNanos(1_000_000);
      }
    }
    open.awaitAll(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private void check() {
    publishers.forEach(PacedPublisher::check);
  }

  private static void waitUntil(long nanos) {
    long left = nanos - System.nanoTime();
    while (left > 0) {
      LockSupport.parkNanos(left);
      left = nanos - System.nanoTime();
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    for (PacedPublisher publisher : publishers) {
      publisher.close();
    }
  }
}
