package org.warrenmq.benchmarks.topology;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * Connections in a process of their own that is killed, so that all of them drop at once; used by
 * the measuring thread.
 *
 * <p>It stands for clients elsewhere, so the broker and its other clients come before it: on a
 * machine that they share, its kernel's closing of so many sockets would hold them up.
 */
final class ConnectionDrop implements AutoCloseable {
  /** How many of the queues are looked up to see that the broker is through. */
  private static final int PROBES = 20;

  private static final long PATIENCE_SECONDS = 120;

  private final ConnectionFactory factory;
  private final int count;
  private final Process process;

  /**
   * Starts the process and waits until it holds all its connections.
   *
   * @param reset whether the peer sees a reset instead of an end
   */
  ConnectionDrop(ConnectionFactory factory, int count, boolean reset) throws IOException {
    this.factory = factory;
    this.count = count;
    process =
        new ProcessBuilder(
                "nice",
                "-n",
                "19",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx3g",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                HeldConnections.class.getName(),
                factory.getHost(),
                Integer.toString(factory.getPort()),
                Integer.toString(count),
                Boolean.toString(reset))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    awaitHeld();
  }

  private void awaitHeld() throws IOException {
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith(HeldConnections.READY)) {
        return;
      }
    }
    throw new IOException("could not make " + count + " connections; see the messages above");
  }

  /** Drops all connections. */
  void run() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor(10, TimeUnit.SECONDS);
  }

  /** Waits until the broker has deleted the queues of the dropped connections. */
  void awaitQueuesGone() throws IOException {
    try (Connection connection = factory.newConnection("after the drop")) {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      for (int i = 0; i < PROBES; i++) {
        // From the last one backwards: the likeliest to be still there.
        String queue = HeldConnections.queue(count - 1 - (int) ((long) i * count / PROBES));
        while (exists(connection, queue)) {
          if (System.nanoTime() - deadline > 0) {
            throw new IOException("queue " + queue + " outlived its connection");
          }
          LockSupport.parkNanos(20_000_000);
        }
      }
    } catch (TimeoutException e) {
      throw new IOException("no connection after the drop", e);
    }
  }

  /** Asks on a channel of its own, which the broker closes unless the queue is there and free. */
  private static boolean exists(Connection connection, String queue) throws IOException {
    Channel channel = connection.createChannel();
    try {
      channel.queueDeclarePassive(queue);
      return true;
    } catch (IOException e) {
      if (e.getCause() instanceof ShutdownSignalException signal
          && signal.getReason() instanceof AMQP.Channel.Close close) {
        return close.getReplyCode() != AMQP.NOT_FOUND;
      }
      throw e;
    } finally {
      channel.abort();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
