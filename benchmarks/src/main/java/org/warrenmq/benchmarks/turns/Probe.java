package org.warrenmq.benchmarks.turns;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.warrenmq.benchmarks.latency.Latencies;
import org.warrenmq.benchmarks.latency.Pace;

/**
 * A client that declares a queue and gets from it every 10 ms, which asks the topology and an event
 * loop, and measures each round from when it was due; on a thread and a connection of its own.
 *
 * <p>While the broker keeps it waiting, the rounds behind are late too, and count as late.
 */
final class Probe implements AutoCloseable {
  private static final int PER_SECOND = 100;
  private static final String QUEUE = "bench.turns.probe";

  /** When the broker does not answer for so long the measurement has failed. */
  private static final long PATIENCE_SECONDS = 120;

  private final Connection connection;
  private final Channel channel;
  private final Thread thread;

  /** Written by the measuring thread, read by the probe's. */
  private volatile Latencies window = Latencies.ignored();

  /** Every round that was due until then is answered. */
  private volatile long answeredUpTo = System.nanoTime();

  private volatile boolean stopping;
  private volatile @Nullable Throwable failure;

  /** Connects and begins. */
  Probe(ConnectionFactory factory) throws IOException, TimeoutException {
    connection = factory.newConnection("turns probe");
    channel = connection.createChannel();
    thread = Thread.ofPlatform().name("probe").start(this::ask);
  }

  private void ask() {
    Pace pace = new Pace(PER_SECOND);
    try {
      while (!stopping) {
        long due = pace.awaitNext();
        Latencies into = window;
        into.begin();
        channel.queueDeclare(QUEUE, false, true, true, null);
        channel.basicGet(QUEUE, true);
        into.end(System.nanoTime() - due);
        answeredUpTo = pace.intended();
      }
    } catch (IOException | RuntimeException e) {
      failure = e;
    }
  }

  /** From now on rounds count; those that are late by something earlier are waited for. */
  void open(Latencies into) {
    awaitAnswered();
    window = into;
  }

  /** Rounds count no more, except those that were due until now: they are waited for. */
  void close(Latencies open) throws InterruptedException {
    awaitAnswered();
    window = Latencies.ignored();
    open.awaitAll(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private void awaitAnswered() {
    long now = System.nanoTime();
    long deadline = now + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (answeredUpTo - now < 0) {
      Throwable found = failure;
      if (found != null) {
        throw new IllegalStateException("the probe failed: " + found, found);
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException("the probe waits since " + PATIENCE_SECONDS + " s");
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Override
  public void close() throws InterruptedException {
    stopping = true;
    thread.join(5_000);
    connection.abort(5_000);
  }
}
