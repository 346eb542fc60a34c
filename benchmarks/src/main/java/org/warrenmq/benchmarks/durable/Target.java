package org.warrenmq.benchmarks.durable;

import com.rabbitmq.client.ConnectionFactory;
import java.util.Locale;
import picocli.CommandLine.Option;

/** The broker a program talks to, as its command line says; used by its main thread. */
final class Target {
  /** Nothing happened for so long: a broker that has to write is slow at times, not that slow. */
  @Option(names = "--patience", description = "seconds without any progress that fail it (120)")
  long patience = 120;

  @Option(names = "--host", description = "where the broker listens (127.0.0.1)")
  private String host = "127.0.0.1";

  @Option(names = "--port", required = true, description = "its AMQP port")
  private int port;

  ConnectionFactory factory() {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost(host);
    factory.setPort(port);
    factory.setAutomaticRecoveryEnabled(false);
    // Deleting a deep queue may take a broker long.
    factory.setChannelRpcTimeout(300_000);
    return factory;
  }

  /** A line of the program's result: a name, then {@code key=value} pairs. */
  static void report(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
    System.out.flush();
  }

  static double secondsSince(long startNanos) {
    return (System.nanoTime() - startNanos) / 1e9;
  }
}
