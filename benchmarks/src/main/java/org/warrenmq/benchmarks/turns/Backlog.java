package org.warrenmq.benchmarks.turns;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** A transient queue with many small messages; used by the measuring thread. */
final class Backlog implements AutoCloseable {
  private static final byte[] BODY = new byte[12];
  private static final long PATIENCE_SECONDS = 120;

  /** What the broker does after its answer may hold up others too. */
  private static final long AFTERMATH_NANOS = 500_000_000;

  /** Seldom enough to be nothing to the broker. */
  private static final long LOOK_NANOS = 20_000_000;

  private final Connection connection;
  private final Channel channel;
  private final String queue;
  private final int messages;

  Backlog(ConnectionFactory factory, String queue, int messages)
      throws IOException, TimeoutException {
    this.queue = queue;
    this.messages = messages;
    connection = factory.newConnection("owner of " + queue);
    channel = connection.createChannel();
  }

  String queue() {
    return queue;
  }

  /** Makes the queue if need be, and publishes what it lacks. */
  void fill() throws IOException {
    channel.queueDeclare(queue, false, false, false, null);
    for (long i = channel.messageCount(queue); i < messages; i++) {
      channel.basicPublish("", queue, MessageProperties.MINIMAL_BASIC, BODY);
    }
    awaitReady();
  }

  /** Waits until all messages are there for whoever wants them. */
  void awaitReady() throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (channel.messageCount(queue) < messages) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(
            "%d of %d messages are ready".formatted(channel.messageCount(queue), messages));
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  void purge() throws IOException {
    channel.queuePurge(queue);
  }

  void delete() throws IOException {
    channel.queueDelete(queue);
  }

  static void awaitAftermath() {
    long end = System.nanoTime() + AFTERMATH_NANOS;
    for (long left = AFTERMATH_NANOS; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  @Override
  public void close() throws IOException {
    delete();
    connection.abort(5_000);
  }
}
