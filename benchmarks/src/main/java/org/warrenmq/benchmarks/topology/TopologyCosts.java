package org.warrenmq.benchmarks.topology;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Measures what changes of the topology cost a running broker, and prints one line of names and
 * values for each result; runs on the main thread.
 */
@Command(
    name = "topology",
    mixinStandardHelpOptions = true,
    description = "Bindings per second, and what mass deletions do to the confirms of others.")
final class TopologyCosts implements Callable<Integer> {
  private static final String EXCHANGE = "bench.topology";
  private static final int QUEUES = 100;

  /** What can be measured. */
  enum Line {
    BIND,
    UNBIND,
    DROP
  }

  @Parameters(paramLabel = "LINE", description = "bind, unbind, drop (all of them)")
  private Line[] chosen = {};

  @Option(names = "--host", description = "where the broker listens (127.0.0.1)")
  private String host = "127.0.0.1";

  @Option(names = "--port", required = true, description = "its AMQP port")
  private int port;

  @Option(names = "--bindings", description = "bindings made and deleted (100000)")
  private int bindings = 100_000;

  @Option(names = "--connections", description = "connections dropped at once (10000)")
  private int connections = 10_000;

  @Option(
      names = "--held-port",
      description = "port of another broker that the dropped connections go to (--port)")
  private int heldPort;

  @Option(names = "--pairs", description = "windows before and during, so many times (3)")
  private int pairs = 3;

  @Option(names = "--warm", description = "seconds before the first window (10)")
  private double warm = 10;

  @Option(names = "--window", description = "seconds of a window, at least (2)")
  private double window = 2;

  @Option(names = "--rate", description = "messages per second of the other publishers (2000)")
  private int rate = 2_000;

  public static void main(String[] arguments) {
    CommandLine line = new CommandLine(new TopologyCosts());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler(
        (failure, command, _) -> {
          command.getErr().println("topology: " + failure);
          return CommandLine.ExitCode.SOFTWARE;
        });
    System.exit(line.execute(arguments));
  }

  @Override
  public Integer call() throws IOException, TimeoutException, InterruptedException {
    ConnectionFactory factory = factory(port);
    Set<Line> lines =
        new LinkedHashSet<>(Arrays.asList(chosen.length > 0 ? chosen : Line.values()));
    try (Connection control = factory.newConnection("topology control")) {
      for (Line line : lines) {
        Channel channel = control.createChannel();
        channel.exchangeDelete(EXCHANGE);
        channel.exchangeDeclare(EXCHANGE, "topic", false, false, null);
        switch (line) {
          case BIND -> bind(factory, channel);
          case UNBIND -> unbind(factory, channel);
          case DROP -> drop(factory);
        }
        channel.exchangeDelete(EXCHANGE);
        channel.close();
      }
    }
    return CommandLine.ExitCode.OK;
  }

  private ConnectionFactory factory(int brokerPort) {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost(host);
    factory.setPort(brokerPort);
    factory.setAutomaticRecoveryEnabled(false);
    // Deleting many bindings may take a broker long; that is what is measured.
    factory.setChannelRpcTimeout(300_000);
    return factory;
  }

  private void bind(ConnectionFactory factory, Channel channel)
      throws IOException, TimeoutException, InterruptedException {
    List<String> queues = IntStream.range(0, QUEUES).mapToObj(i -> "bench.bound." + i).toList();
    for (String queue : queues) {
      channel.queueDelete(queue);
      channel.queueDeclare(queue, false, false, false, null);
    }
    double seconds;
    try (BindingLoad load = new BindingLoad(factory)) {
      seconds = load.bind(EXCHANGE, queues, bindings);
    }
    for (String queue : queues) {
      channel.queueDelete(queue);
    }
    report(
        "topology-bind bindings=%d seconds=%.2f rate=%.0f", bindings, seconds, bindings / seconds);
  }

  private void unbind(ConnectionFactory factory, Channel channel)
      throws IOException, TimeoutException, InterruptedException {
    String queue = "bench.unbound";
    List<Disturbance.Pair> measured = new ArrayList<>();
    try (BindingLoad load = new BindingLoad(factory);
        Disturbance others = new Disturbance(factory, EXCHANGE, rate, window)) {
      for (int i = 0; i < pairs; i++) {
        channel.queueDeclare(queue, false, false, false, null);
        load.bind(EXCHANGE, List.of(queue), bindings);
        others.warm(i == 0 ? warm : window);
        measured.add(others.measure(() -> channel.queueDelete(queue)));
        report("topology-unbind", i, measured.getLast());
      }
    }
    summary("topology-unbind", "bindings", bindings, measured);
  }

  private void drop(ConnectionFactory factory)
      throws IOException, TimeoutException, InterruptedException {
    // With another broker behind them the drop shows what it costs the machine alone.
    ConnectionFactory held = heldPort == 0 ? factory : factory(heldPort);
    List<Disturbance.Pair> measured = new ArrayList<>();
    try (Disturbance others = new Disturbance(factory, EXCHANGE, rate, window)) {
      for (int i = 0; i < pairs; i++) {
        try (ConnectionDrop drop = new ConnectionDrop(held, connections)) {
          others.warm(i == 0 ? warm : window);
          measured.add(others.measure(drop::run));
        }
        report("topology-drop", i, measured.getLast());
      }
    }
    summary("topology-drop", "connections", connections, measured);
  }

  private static void report(String line, int i, Disturbance.Pair pair) {
    report(
        "  %s pair %d: p99 before %.2f ms, during %.2f ms (%.2f x), event %.0f ms, %d confirms",
        line,
        i + 1,
        pair.beforeP99(),
        pair.duringP99(),
        pair.ratio(),
        pair.eventMillis(),
        pair.samples());
  }

  /** Each median for itself: the ratio is that of a pair, not of two medians. */
  private static void summary(String line, String what, int count, List<Disturbance.Pair> pairs) {
    report(
        "%s %s=%d pairs=%d before_p99_ms=%.3f during_p99_ms=%.3f ratio=%.3f event_ms=%.0f",
        line,
        what,
        count,
        pairs.size(),
        median(pairs.stream().mapToDouble(Disturbance.Pair::beforeP99).toArray()),
        median(pairs.stream().mapToDouble(Disturbance.Pair::duringP99).toArray()),
        median(pairs.stream().mapToDouble(Disturbance.Pair::ratio).toArray()),
        median(pairs.stream().mapToDouble(Disturbance.Pair::eventMillis).toArray()));
  }

  /** The middle value, or the mean of the two in the middle. */
  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private static void report(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
    System.out.flush();
  }
}
