package org.warrenmq.benchmarks.features;

import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Loads one kind of queue for a while, and says {@code window-start} and {@code window-end} with
 * its counts, so that who started the broker can see what that cost; the main thread keeps the
 * time, another publishes. Everything that was published has to have its answer in the end.
 */
@Command(
    name = "features",
    mixinStandardHelpOptions = true,
    description = "Loads a queue that expires, sorts, drops, refuses or waits for messages.")
final class Features implements Callable<Integer> {
  private static final long PATIENCE_SECONDS = 60;
  private static final long LOOK_NANOS = 5_000_000;

  @Parameters(paramLabel = "CASE", description = "one of: ${COMPLETION-CANDIDATES}")
  private FeatureKind kind = FeatureKind.MAX_LENGTH;

  @Option(names = "--host", description = "where the broker listens (127.0.0.1)")
  private String host = "127.0.0.1";

  @Option(names = "--port", required = true, description = "its AMQP port")
  private int port;

  @Option(names = "--warm", description = "seconds before the window (10)")
  private int warm = 10;

  @Option(names = "--seconds", description = "of the window (10)")
  private int seconds = 10;

  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  public static void main(String[] arguments) {
    CommandLine line = new CommandLine(new Features());
    line.setExecutionExceptionHandler(
        (problem, command, _) -> {
          command.getErr().println("features: " + problem);
          return CommandLine.ExitCode.SOFTWARE;
        });
    System.exit(line.execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost(host);
    factory.setPort(port);
    factory.setAutomaticRecoveryEnabled(false);
    try (FeatureLoad load = new FeatureLoad(factory, kind)) {
      Thread publisher = Thread.ofPlatform().name("publisher").start(() -> publish(load));
      try {
        measure(load, publisher);
      } finally {
        load.stop();
        publisher.join();
      }
      awaitAnswers(load);
      if (load.early() > 0) {
        throw new IllegalStateException("%,d came before their time".formatted(load.early()));
      }
      say("%s published=%d left=%d", kind, load.published(), load.left());
    }
    return CommandLine.ExitCode.OK;
  }

  private void publish(FeatureLoad load) {
    try {
      load.publish();
    } catch (IOException | RuntimeException e) {
      failure.set(e);
    }
  }

  private void measure(FeatureLoad load, Thread publisher) throws InterruptedException {
    letPass(publisher, warm);
    say("window-start");
    long start = System.nanoTime();
    long published = load.published();
    long answered = load.answered();
    long refused = load.refused();
    long late = load.late();
    letPass(publisher, seconds);
    say(
        "window-end published=%d answered=%d refused=%d late=%d seconds=%.3f",
        load.published() - published,
        load.answered() - answered,
        load.refused() - refused,
        load.late() - late,
        (System.nanoTime() - start) / 1e9);
  }

  private void letPass(Thread publisher, int time) throws InterruptedException {
    if (time > 0 && publisher.join(Duration.ofSeconds(time))) {
      throw new IllegalStateException("nothing can be published", failure.get());
    }
  }

  private static void awaitAnswers(FeatureLoad load) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (load.answered() < load.published()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(
            "%,d published, and nothing became of %,d"
                .formatted(load.published(), load.published() - load.answered()));
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private static void say(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
    System.out.flush();
  }
}
