package org.warrenmq.benchmarks.durable;

import com.rabbitmq.client.ConnectionFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Keeps many durable queues busy at a fixed rate in all, and says when the measured window begins
 * and ends. {@value #PACERS} threads publish, a message that is due is never skipped; the main
 * thread keeps the time, the clients' virtual threads do the rest.
 */
@Command(name = "paced", description = "Many durable queues at a fixed rate.")
final class PacedQueues implements Callable<Integer> {
  private static final int PACERS = 4;

  @Mixin private final Target target = new Target();

  @Option(names = "--queues", description = "(200)")
  private int queues = 200;

  @Option(names = "--rate", description = "messages per second in all (5000)")
  private int rate = 5_000;

  @Option(names = "--size", description = "bytes of a body (100)")
  private int size = 100;

  @Option(names = "--warm", description = "seconds before the window (30)")
  private double warm = 30;

  @Option(names = "--seconds", description = "of the window (11)")
  private double seconds = 11;

  private final List<PacedQueue> paced = new ArrayList<>();
  private final Progress failures = new Progress("publishers", Long.MAX_VALUE / 1_000_000_000);
  private volatile boolean stopping;

  @Override
  public Integer call() throws Exception {
    try {
      open();
      measure();
    } finally {
      stopping = true;
      for (PacedQueue queue : paced) {
        queue.close();
      }
    }
    return 0;
  }

  private void open() throws Exception {
    ConnectionFactory factory = target.factory();
    factory.setRequestedHeartbeat(0);
    factory.setThreadFactory(Thread.ofVirtual().factory());
    factory.setSharedExecutor(Executors.newVirtualThreadPerTaskExecutor());
    Bodies bodies = new Bodies(size);
    for (int i = 0; i < queues; i++) {
      paced.add(new PacedQueue(factory, "bench.durable.paced." + i, bodies, target.patience));
    }
  }

  private void measure() throws Exception {
    List<Thread> pacers = new ArrayList<>();
    for (int i = 0; i < PACERS; i++) {
      int first = i;
      pacers.add(Thread.ofPlatform().name("pacer " + i).start(() -> pace(first)));
    }
    failures.pause(seconds(warm));
    Target.report("window-start");
    long start = System.nanoTime();
    Counts before = counts();
    failures.pause(seconds(seconds));
    Counts after = counts();
    Target.report(
        "window-end published=%d confirmed=%d received=%d seconds=%.3f",
        after.published - before.published,
        after.confirmed - before.confirmed,
        after.received - before.received,
        Target.secondsSince(start));
    stopping = true;
    for (Thread pacer : pacers) {
      pacer.join();
    }
    failures.awaitAtLeast(0);
    for (PacedQueue queue : paced) {
      queue.finish();
    }
    Target.report("paced queues=%d messages=%d", queues, counts().published);
  }

  /** Publishes to every {@value #PACERS}th queue in turn. */
  private void pace(int first) {
    // Queue i of n is due i/n into each round; the pacers' queues interleave.
    double nanos = 1e9 / rate;
    long start = System.nanoTime();
    try {
      for (long i = first; !stopping; i += PACERS) {
        awaitTime(start + (long) (i * nanos));
        paced.get((int) (i % queues)).publish();
      }
    } catch (Exception e) {
      failures.fail(e);
    }
  }

  private static void awaitTime(long due) {
    for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
      LockSupport.parkNanos(due - now);
    }
  }

  private static long seconds(double value) {
    return (long) (value * TimeUnit.SECONDS.toNanos(1));
  }

  private Counts counts() {
    return new Counts(
        sum(PacedQueue::published), sum(PacedQueue::confirmed), sum(PacedQueue::received));
  }

  private long sum(ToLongFunction<PacedQueue> count) {
    return paced.stream().mapToLong(count).sum();
  }

  private record Counts(long published, long confirmed, long received) {}
}
