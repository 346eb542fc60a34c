package org.warrenmq.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The broker of this project as its users run it: a process of its own, started by {@code
 * bin/warren} on a free port and an empty data folder. Started and stopped by one thread; another
 * reads its log.
 */
final class BrokerProcess implements BrokerEndpoint {
  /** The first start may build the broker. */
  private static final long START_SECONDS = 240;

  private static final long STOP_SECONDS = 20;
  private static final Pattern LISTENING = Pattern.compile("AMQP 0-9-1 listening on \\S+:(\\d+)");
  private static final Pattern TOTAL = Pattern.compile("Total\\s+(\\d+)\\s+(\\d+)");

  private final Process process;
  private final Path dataDir;
  private final CompletableFuture<Integer> port = new CompletableFuture<>();
  private final ConcurrentLinkedQueue<String> errors = new ConcurrentLinkedQueue<>();

  private BrokerProcess(Process process, Path dataDir) {
    this.process = process;
    this.dataDir = dataDir;
    Thread.ofVirtual().name("broker-log").start(this::readLog);
  }

  /** Starts a broker with JVM options; returns when it listens. */
  static BrokerProcess start(String javaOptions) throws Exception {
    Path root = Path.of("").toAbsolutePath().getParent();
    Path dataDir = Files.createTempDirectory("warren-process");
    ProcessBuilder command =
        new ProcessBuilder(
            root.resolve("bin/warren").toString(),
            "--data",
            dataDir.toString(),
            "--port",
            "0",
            "--management-port",
            "0");
    command.environment().put("WARREN_JAVA_OPTS", javaOptions);
    command.environment().put("WARREN_LOG_LEVEL", "INFO");
    command.redirectErrorStream(true);
    var broker = new BrokerProcess(command.start(), dataDir);
    try {
      broker.port.get(START_SECONDS, TimeUnit.SECONDS);
      return broker;
    } catch (Exception e) {
      broker.close();
      throw e;
    }
  }

  private void readLog() {
    try (BufferedReader lines = process.inputReader()) {
      String line;
      while ((line = lines.readLine()) != null) {
        Matcher listening = LISTENING.matcher(line);
        if (listening.find()) {
          port.complete(Integer.valueOf(listening.group(1)));
        }
        if (line.contains(" ERROR ") || line.contains("LEAK:") || line.contains("OutOfMemory")) {
          errors.add(line);
        }
      }
    } catch (IOException e) {
      errors.add("the log cannot be read: " + e);
    }
    port.completeExceptionally(new IllegalStateException("the broker ended before it listened"));
  }

  @Override
  public String uri() {
    return "amqp://guest:guest@127.0.0.1:" + port.join();
  }

  /** Lines of its log that should not be there. */
  List<String> errors() {
    return List.copyOf(errors);
  }

  /** Octets of all objects that are alive after a full collection. */
  long liveSet() throws Exception {
    // The first run of the collector may leave what needs a second.
    jcmd("GC.run");
    Matcher total = TOTAL.matcher(histogram());
    if (!total.find()) {
      throw new IllegalStateException("jcmd gave no histogram");
    }
    return Long.parseLong(total.group(2));
  }

  /** How many objects of a class are alive. */
  long instances(String className) throws Exception {
    // A line: rank, instances, octets, class.
    Matcher line =
        Pattern.compile("(\\d+)\\s+\\d+\\s+" + Pattern.quote(className) + "(?![\\w$])")
            .matcher(histogram());
    return line.find() ? Long.parseLong(line.group(1)) : 0;
  }

  /** Every class with its live objects, after a full collection. */
  String histogram() throws Exception {
    return jcmd("GC.class_histogram");
  }

  private String jcmd(String command) throws Exception {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Process run =
        new ProcessBuilder(jcmd.toString(), Long.toString(process.pid()), command)
            .redirectErrorStream(true)
            .start();
    try (BufferedReader output = run.inputReader()) {
      String text = String.join("\n", output.lines().toList());
      if (!run.waitFor(STOP_SECONDS, TimeUnit.SECONDS) || run.exitValue() != 0) {
        run.destroyForcibly();
        throw new IllegalStateException("jcmd " + command + " failed: " + text);
      }
      return text;
    }
  }

  /** Ends it as an operator does; what ends too slowly is killed. */
  @Override
  public void close() throws Exception {
    process.destroy();
    if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor(STOP_SECONDS, TimeUnit.SECONDS);
      errors.add("the broker did not stop in " + STOP_SECONDS + " s");
    }
    try (Stream<Path> files = Files.walk(dataDir)) {
      files.sorted(Comparator.reverseOrder()).forEach(BrokerProcess::delete);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);

    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
