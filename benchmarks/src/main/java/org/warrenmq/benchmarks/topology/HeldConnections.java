package org.warrenmq.benchmarks.topology;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * A process of its own that holds connections with an exclusive queue each, says {@code HELD} and
 * waits to be killed: its kernel then closes all sockets at once and no client code runs, which
 * would take time from the broker. Every connection has its virtual threads.
 */
final class HeldConnections {
  static final String READY = "HELD";

  /** Connections made at the same time; a broker's listen backlog takes more. */
  private static final int MAKERS = 16;

  private HeldConnections() {}

  static String queue(int i) {
    return "bench.held." + i;
  }

  /** Arguments: host, port, number of connections, whether they end with a reset. */
  public static void main(String[] arguments) throws Exception {
    ConnectionFactory factory = factory(arguments[0], Integer.parseInt(arguments[1]));
    int count = Integer.parseInt(arguments[2]);
    if (Boolean.parseBoolean(arguments[3])) {
      // As the kernel does for a process that has not read everything.
      factory.setSocketConfigurator(socket -> socket.setSoLinger(true, 0));
    }
    List<Connection> held = make(count, i -> open(factory, queue(i)));
    System.out.println(READY + " " + held.size());
    System.out.flush();
    // Until it is killed, or its parent is gone and the pipe to it closed.
    while (System.in.read() >= 0) {
      LockSupport.parkNanos(1_000_000);
    }
    Runtime.getRuntime().halt(0);
  }

  /** For connections of which there are thousands: virtual threads, and patience. */
  static ConnectionFactory factory(String host, int port) {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost(host);
    factory.setPort(port);
    factory.setAutomaticRecoveryEnabled(false);
    factory.setRequestedHeartbeat(0);
    factory.setConnectionTimeout(60_000);
    factory.setHandshakeTimeout(60_000);
    factory.setThreadFactory(Thread.ofVirtual().factory());
    factory.setSharedExecutor(Executors.newVirtualThreadPerTaskExecutor());
    return factory;
  }

  /** Makes something that has to wait for the broker; may fail with whatever the client throws. */
  @FunctionalInterface
  interface Maker<T> {
    T make(int i) throws Exception;
  }

  /** Makes so many of them, several at a time. */
  static <T> List<T> make(int count, Maker<T> maker) throws Exception {
    List<T> all = new ArrayList<>();
    try (ExecutorService makers = Executors.newFixedThreadPool(MAKERS)) {
      List<Future<T>> made = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int number = i;
        made.add(makers.submit(() -> maker.make(number)));
      }
      for (Future<T> one : made) {
        all.add(one.get());
      }
    }
    return all;
  }

  private static Connection open(ConnectionFactory factory, String queue) throws Exception {
    Connection connection = factory.newConnection();
    connection.createChannel().queueDeclare(queue, false, true, false, null);
    return connection;
  }
}
