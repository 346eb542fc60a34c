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
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost(arguments[0]);
    factory.setPort(Integer.parseInt(arguments[1]));
    factory.setAutomaticRecoveryEnabled(false);
    factory.setRequestedHeartbeat(0);
    factory.setConnectionTimeout(60_000);
    factory.setHandshakeTimeout(60_000);
    factory.setThreadFactory(Thread.ofVirtual().factory());
    factory.setSharedExecutor(Executors.newVirtualThreadPerTaskExecutor());
    int count = Integer.parseInt(arguments[2]);
    if (Boolean.parseBoolean(arguments[3])) {
      // As the kernel does for a process that has not read everything.
      factory.setSocketConfigurator(socket -> socket.setSoLinger(true, 0));
    }
    List<Connection> held = hold(factory, count);
    System.out.println(READY + " " + held.size());
    System.out.flush();
    // Until it is killed, or its parent is gone and the pipe to it closed.
    while (System.in.read() >= 0) {
      LockSupport.parkNanos(1_000_000);
    }
    Runtime.getRuntime().halt(0);
  }

  private static List<Connection> hold(ConnectionFactory factory, int count) throws Exception {
    List<Connection> held = new ArrayList<>();
    try (ExecutorService makers = Executors.newFixedThreadPool(MAKERS)) {
      List<Future<Connection>> made = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        String queue = queue(i);
        made.add(makers.submit(() -> open(factory, queue)));
      }
      for (Future<Connection> connection : made) {
        held.add(connection.get());
      }
    }
    return held;
  }

  private static Connection open(ConnectionFactory factory, String queue) throws Exception {
    Connection connection = factory.newConnection();
    connection.createChannel().queueDeclare(queue, false, true, false, null);
    return connection;
  }
}
