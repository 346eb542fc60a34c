package org.warrenmq.benchmarks.turns;

import com.rabbitmq.client.ConnectionFactory;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.warrenmq.benchmarks.latency.Latencies;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Measures how long a broker takes to answer one client by itself, then while others do what could
 * take it long, and prints a line of values; runs on the main thread.
 *
 * <p>It says {@code control-start}, {@code control-end}, and the same of {@code cold} and {@code
 * case}, around each window, so that who started the broker can see what it did meanwhile.
 */
@Command(
    name = "turns",
    mixinStandardHelpOptions = true,
    description = "How long a broker keeps one client waiting while others have it do much.")
final class Turns implements Callable<Integer> {
  /**
   * What is over in a moment is done again until that adds up to the seconds wanted, or until so
   * many seconds have passed with what was to be prepared.
   */
  private static final int MOST_SECONDS = 60;

  @Parameters(paramLabel = "CASE", description = "one of: ${COMPLETION-CANDIDATES}")
  private CaseKind kind = CaseKind.FANOUT;

  @Option(names = "--host", description = "where the broker listens (127.0.0.1)")
  private String host = "127.0.0.1";

  @Option(names = "--port", required = true, description = "its AMQP port")
  private int port;

  @Option(
      names = "--warm",
      description = "seconds of probing, then of the case, that do not count (10)")
  private int warm = 10;

  @Option(names = "--seconds", description = "measured, of each: without and with the case (10)")
  private int seconds = 10;

  @Option(names = "--messages", description = "in the queue of requeue and purge (1000000)")
  private int messages = 1_000_000;

  public static void main(String[] arguments) {
    CommandLine line = new CommandLine(new Turns());
    line.setExecutionExceptionHandler(
        (failure, command, _) -> {
          command.getErr().println("turns: " + failure);
          return CommandLine.ExitCode.SOFTWARE;
        });
    System.exit(line.execute(arguments));
  }

  /** What the probe saw while the case went on. */
  private record Disturbed(Latencies answers, int rounds, long events, long ownCollectionMillis) {}

  @Override
  public Integer call() throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost(host);
    factory.setPort(port);
    factory.setAutomaticRecoveryEnabled(false);
    try (Probe probe = new Probe(factory)) {
      sleep(warm);
      Latencies control = control(probe);
      try (Case disturbance = kind.make(factory, messages)) {
        // Until the code is compiled a turn is longer, and the compilers take the cores.
        Disturbed cold = disturbed(probe, disturbance, "cold", warm);
        Disturbed disturbed = disturbed(probe, disturbance, "case", MOST_SECONDS);
        report(control, cold, disturbed, disturbance.figures());
      }
    }
    return CommandLine.ExitCode.OK;
  }

  private Latencies control(Probe probe) throws InterruptedException {
    Latencies control = Latencies.measured();
    probe.open(control);
    say("control-start");
    sleep(seconds);
    probe.close(control);
    say("control-end");
    return control;
  }

  private Disturbed disturbed(Probe probe, Case disturbance, String name, int mostSeconds)
      throws Exception {
    Latencies during = Latencies.measured();
    long begun = System.nanoTime();
    long most = TimeUnit.SECONDS.toNanos(mostSeconds);
    long left = TimeUnit.SECONDS.toNanos(seconds);
    long events = 0;
    long collecting = 0;
    int rounds = 0;
    while (left > 0 && (rounds == 0 || System.nanoTime() - begun < most)) {
      disturbance.prepare();
      probe.open(during);
      say(name + "-start");
      long collected = ownCollectionMillis();
      long start = System.nanoTime();
      events += disturbance.disturb(start + left);
      probe.close(during);
      left -= System.nanoTime() - start;
      collecting += ownCollectionMillis() - collected;
      say(name + "-end");
      rounds++;
    }
    return new Disturbed(during, rounds, events, collecting);
  }

  /** Collections of this program hold up the probe, and are none of the broker's. */
  private static long ownCollectionMillis() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionTime)
        .sum();
  }

  private void report(Latencies control, Disturbed cold, Disturbed disturbed, String figures) {
    Latencies answers = disturbed.answers();
    double worst = answers.percentile(100);
    double controlWorst = control.percentile(100);
    say(
        "turns-%s rounds=%d events=%d answers=%d p50_ms=%.3f p99_ms=%.3f worst_ms=%.3f"
            + " control_p50_ms=%.3f control_p99_ms=%.3f control_worst_ms=%.3f"
            + " over_control_ms=%.3f cold_p99_ms=%.3f cold_worst_ms=%.3f own_collections_ms=%d%s",
        kind,
        disturbed.rounds(),
        disturbed.events(),
        answers.count(),
        answers.percentile(50),
        answers.percentile(99),
        worst,
        control.percentile(50),
        control.percentile(99),
        controlWorst,
        worst - controlWorst,
        cold.answers().percentile(99),
        cold.answers().percentile(100),
        disturbed.ownCollectionMillis(),
        figures);
  }

  private static void sleep(int seconds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private static void say(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
    System.out.flush();
  }
}
