package org.warrenmq.benchmarks.topology;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import java.util.function.ToDoubleFunction;
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
  private static final int COLD_DROPS = 3;

  /** What can be measured. */
  enum Line {
    BIND,
    UNBIND,
    DROP,
    POLICY,
    TRAFFIC
  }

  @Parameters(paramLabel = "LINE", description = "bind, unbind, drop, policy, traffic (all)")
  private Line[] chosen = {};

  @Option(names = "--host", description = "where the broker listens (127.0.0.1)")
  private String host = "127.0.0.1";

  @Option(names = "--port", required = true, description = "its AMQP port")
  private int port;

  @Option(names = "--bindings", description = "bindings made and deleted (100000)")
  private int bindings = 100_000;

  @Option(names = "--connections", description = "connections dropped at once (10000)")
  private int connections = 10_000;

  @Option(names = "--deletions", description = "of the queue with all the bindings (9)")
  private int deletions = 9;

  @Option(names = "--queues", description = "that a policy is for (10000)")
  private int queues = 10_000;

  @Option(names = "--data", description = "the broker's data folder, for policies")
  private Path data = Path.of("data");

  @Option(names = "--seconds", description = "of traffic on all connections (30)")
  private int seconds = 30;

  @Option(names = "--pid", description = "the broker's process, for its costs of traffic")
  private long pid;

  @Option(names = "--drops", description = "windows of drop, so many times (5)")
  private int drops = 5;

  @Option(names = "--reset", description = "the connections drop with a reset")
  private boolean reset;

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
  public Integer call() throws Exception {
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
          case POLICY -> policy(factory);
          case TRAFFIC -> traffic();
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

  /** The first deletion of a broker runs cold code: it is part of the warm-up, and shown. */
  private void unbind(ConnectionFactory factory, Channel channel)
      throws IOException, TimeoutException, InterruptedException {
    List<Disturbance.Pair> measured = new ArrayList<>();
    try (BindingLoad load = new BindingLoad(factory);
        Disturbance others = new Disturbance(factory, EXCHANGE, rate, window)) {
      report("topology-unbind cold", 0, unbindOnce(channel, load, others, window));
      for (int i = 0; i < deletions; i++) {
        measured.add(unbindOnce(channel, load, others, i == 0 ? warm : window));
        report("topology-unbind", i, measured.getLast());
      }
    }
    summary("topology-unbind", "bindings", bindings, measured);
  }

  private Disturbance.Pair unbindOnce(
      Channel channel, BindingLoad load, Disturbance others, double rest)
      throws IOException, InterruptedException {
    String queue = "bench.unbound";
    channel.queueDeclare(queue, false, false, false, null);
    load.bind(EXCHANGE, List.of(queue), bindings);
    others.warm(rest);
    return others.measure(() -> channel.queueDelete(queue));
  }

  /**
   * The first drops are part of the warm-up, and shown: until the code of an end is compiled, the
   * compilers take more time than the ends.
   *
   * <p>Then in turn the broker's own connections drop, those of a sink, and those of a sink that is
   * stopped. The sink shows what it costs the machine that so many sockets close on the cores that
   * everything shares; the stopped one, how much of that the dying process takes alone, when nobody
   * answers.
   */
  private void drop(ConnectionFactory factory)
      throws IOException, TimeoutException, InterruptedException {
    List<Disturbance.Pair> ours = new ArrayList<>();
    List<Disturbance.Pair> control = new ArrayList<>();
    List<Disturbance.Pair> unanswered = new ArrayList<>();
    try (Disturbance others = new Disturbance(factory, EXCHANGE, rate, window);
        SinkProcess sink = new SinkProcess()) {
      ConnectionFactory sinkFactory = factory(sink.port());
      for (int i = 0; i < COLD_DROPS; i++) {
        report(
            "topology-drop cold",
            i,
            drop(factory, others, window, ConnectionDrop::awaitQueuesGone));
      }
      for (int i = 0; i < drops; i++) {
        double rest = i == 0 ? warm : window;
        ours.add(drop(factory, others, rest, ConnectionDrop::awaitQueuesGone));
        report("topology-drop", i, ours.getLast());
        control.add(drop(sinkFactory, others, window, _ -> sink.awaitEmpty()));
        report("topology-drop control", i, control.getLast());
        unanswered.add(dropUnanswered(sinkFactory, others, sink));
        report("topology-drop unanswered", i, unanswered.getLast());
      }
    }
    report(
        "topology-drop connections=%d %s control_p99_ms=%.3f control_event_ms=%.0f"
            + " against_control=%.3f unanswered_p99_ms=%.3f unanswered_ratio=%.3f",
        connections,
        values(ours),
        median(control, Disturbance.Pair::duringP99),
        median(control, Disturbance.Pair::eventMillis),
        median(
            IntStream.range(0, ours.size())
                .mapToDouble(i -> ours.get(i).duringP99() / control.get(i).duringP99())
                .toArray()),
        median(unanswered, Disturbance.Pair::duringP99),
        median(unanswered, Disturbance.Pair::ratio));
  }

  /** Waits until the other side is through with a drop. */
  @FunctionalInterface
  private interface Through {
    void await(ConnectionDrop drop) throws IOException;
  }

  private Disturbance.Pair drop(
      ConnectionFactory factory, Disturbance others, double rest, Through through)
      throws IOException, InterruptedException {
    try (ConnectionDrop drop = new ConnectionDrop(factory, connections, reset)) {
      others.warm(rest);
      return others.measure(
          () -> {
            drop.run();
            through.await(drop);
          });
    }
  }

  private Disturbance.Pair dropUnanswered(
      ConnectionFactory factory, Disturbance others, SinkProcess sink)
      throws IOException, InterruptedException {
    Disturbance.Pair pair;
    try (ConnectionDrop drop = new ConnectionDrop(factory, connections, reset)) {
      others.warm(window);
      sink.pause();
      pair = others.measure(drop::run);
    }
    sink.resume();
    sink.awaitEmpty();
    return pair;
  }

  private void policy(ConnectionFactory factory)
      throws IOException, TimeoutException, InterruptedException {
    List<Disturbance.Pair> measured = new ArrayList<>();
    try (PolicyChange change = new PolicyChange(factory, data, queues);
        Disturbance others = new Disturbance(factory, EXCHANGE, rate, window)) {
      others.warm(window);
      report("topology-policy cold", 0, others.measure(change::setAndClear));
      for (int i = 0; i < drops; i++) {
        others.warm(i == 0 ? warm : window);
        measured.add(others.measure(change::setAndClear));
        report("topology-policy", i, measured.getLast());
      }
    }
    summary("topology-policy", "queues", queues, measured);
  }

  private void traffic() throws Exception {
    try (Traffic traffic = new Traffic(HeldConnections.factory(host, port), connections)) {
      ProcessCosts before = ProcessCosts.of(pid);
      Traffic.Result result = traffic.run(seconds);
      ProcessCosts after = ProcessCosts.of(pid);
      report(
          "topology-traffic connections=%d published=%d received=%d wrong=%d seconds=%.1f"
              + " p50_ms=%.2f p99_ms=%.1f cpu_percent=%.1f rss_before_mb=%.0f rss_after_mb=%.0f",
          connections,
          result.published(),
          result.received(),
          result.wrong(),
          result.seconds(),
          result.medianMs(),
          result.p99Ms(),
          (after.cpuSeconds() - before.cpuSeconds()) / result.seconds() * 100,
          before.residentMegabytes(),
          after.residentMegabytes());
      if (result.received() != result.published() || result.wrong() != 0) {
        throw new IllegalStateException("messages were lost, doubled or out of order");
      }
    }
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
    report("%s %s=%d %s", line, what, count, values(pairs));
  }

  private static String values(List<Disturbance.Pair> pairs) {
    return String.format(
        Locale.ROOT,
        "pairs=%d before_p99_ms=%.3f during_p99_ms=%.3f ratio=%.3f event_ms=%.0f",
        pairs.size(),
        median(pairs, Disturbance.Pair::beforeP99),
        median(pairs, Disturbance.Pair::duringP99),
        median(pairs, Disturbance.Pair::ratio),
        median(pairs, Disturbance.Pair::eventMillis));
  }

  private static double median(
      List<Disturbance.Pair> pairs, ToDoubleFunction<Disturbance.Pair> value) {
    return median(pairs.stream().mapToDouble(value).toArray());
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
