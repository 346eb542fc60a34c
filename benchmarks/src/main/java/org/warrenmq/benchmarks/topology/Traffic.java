package org.warrenmq.benchmarks.topology;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.warrenmq.benchmarks.latency.Latencies;

/**
 * Many connections that do little: each publishes to a queue of its own, consumes from it and
 * acknowledges every message. A few threads publish, each for a part of the connections; the
 * client's virtual threads consume.
 *
 * <p>Each message carries its number: one that is lost, doubled or out of order is counted.
 */
final class Traffic implements AutoCloseable {
  private static final int PUBLISHERS = 4;
  private static final int BODY_SIZE = 100;
  private static final int PREFETCH = 10;
  private static final long PATIENCE_SECONDS = 60;

  private final List<Connection> connections;
  private final List<Channel> channels;
  private final Latencies latencies = Latencies.measured();
  private final AtomicLong published = new AtomicLong();
  private final AtomicLong received = new AtomicLong();
  private final AtomicLong wrong = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();

  /** What came of it; latencies from when a message was due, in milliseconds. */
  record Result(
      long published, long received, long wrong, double seconds, double medianMs, double p99Ms) {}

  /** Connects, and consumes everywhere. */
  Traffic(ConnectionFactory factory, int count) throws Exception {
    connections = HeldConnections.make(count, _ -> factory.newConnection());
    channels =
        HeldConnections.make(count, i -> consume(connections.get(i), HeldConnections.queue(i)));
  }

  /** A channel to publish on; deliveries have one of their own. */
  private Channel consume(Connection connection, String queue) throws IOException {
    Channel channel = connection.createChannel();
    channel.basicQos(PREFETCH);
    channel.queueDeclare(queue, false, true, false, null);
    long[] expected = {0};
    channel.basicConsume(
        queue,
        false,
        (_, delivery) -> {
          ByteBuffer body = ByteBuffer.wrap(delivery.getBody());
          long due = body.getLong();
          if (body.getLong() != expected[0]++) {
            wrong.incrementAndGet();
          }
          channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
          latencies.end(System.nanoTime() - due);
          received.incrementAndGet();
        },
        _ -> wrong.incrementAndGet());
    return connection.createChannel();
  }

  /** Publishes once a second on every connection, and waits until all has come back. */
  Result run(int seconds) throws InterruptedException, TimeoutException {
    long start = System.nanoTime();
    List<Thread> publishers =
        IntStream.range(0, PUBLISHERS)
            .mapToObj(i -> Thread.ofPlatform().start(() -> publish(i, start, seconds)))
            .toList();
    for (Thread publisher : publishers) {
      publisher.join();
    }
    double took = (System.nanoTime() - start) / 1e9;
    if (failed.get() > 0) {
      throw new IllegalStateException(failed + " publishers failed; see the messages above");
    }
    latencies.awaitAll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    return new Result(
        published.get(),
        received.get(),
        wrong.get(),
        took,
        latencies.percentile(50),
        latencies.percentile(99));
  }

  private void publish(int first, long start, int seconds) {
    int count = channels.size();
    try {
      for (int round = 0; round < seconds; round++) {
        for (int i = first; i < count; i += PUBLISHERS) {
          long due = start + round * 1_000_000_000L + i * 1_000_000_000L / count;
          waitUntil(due);
          byte[] body = ByteBuffer.allocate(BODY_SIZE).putLong(due).putLong(round).array();
          latencies.begin();
          channels
              .get(i)
              .basicPublish("", HeldConnections.queue(i), MessageProperties.MINIMAL_BASIC, body);
          published.incrementAndGet();
        }
      }
    } catch (IOException | RuntimeException e) {
      System.err.println("a publisher failed: " + e);
      failed.incrementAndGet();
    }
  }

  private static void waitUntil(long nanos) {
    long left = nanos - System.nanoTime();
    while (left > 0) {
      LockSupport.parkNanos(left);
      left = nanos - System.nanoTime();
    }
  }

  @Override
  public void close() {
    connections.parallelStream().forEach(connection -> connection.abort(5_000));
  }
}
