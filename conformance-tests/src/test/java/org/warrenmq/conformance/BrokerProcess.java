package org.warrenmq.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The broker of this project as its users run it: a process of its own, started by {@code
 * bin/warren} on a free port. Started, hurt and stopped by one thread; another reads its log, of
 * which the last lines are kept.
 */
public final class BrokerProcess implements AutoCloseable {
  /** The first start may build the broker. */
  private static final long START_SECONDS = 240;

  private static final long STOP_SECONDS = 20;
  private static final int MOST_LINES = 5_000;
  private static final Pattern LISTENING = Pattern.compile("AMQP 0-9-1 listening on \\S+:(\\d+)");
  private static final Pattern TOTAL = Pattern.compile("Total\\s+(\\d+)\\s+(\\d+)");

  private final Process process;
  private final CompletableFuture<Integer> port = new CompletableFuture<>();
  private final ConcurrentLinkedQueue<String> errors = new ConcurrentLinkedQueue<>();
  private final Deque<String> log = new ArrayDeque<>();
  private final Thread logReader;

  /** The next line of the log is read when this is open. */
  private volatile CountDownLatch ears = new CountDownLatch(0);

  /** Deleted at the end; null when it belongs to somebody else. */
  private final @Nullable Path ownedFolder;

  private BrokerProcess(Process process, @Nullable Path ownedFolder) {
    this.process = process;
    this.ownedFolder = ownedFolder;
    this.logReader = Thread.ofVirtual().name("broker-log").start(this::readLog);
  }

  /**
   * How a broker is to be started.
   *
   * @param dataDir its data folder, which outlives it
   * @param javaOptions further options of its JVM, separated by spaces
   * @param arguments further ones of its command line
   * @param environment further variables
   */
  public record Launch(
      Path dataDir, String javaOptions, List<String> arguments, Map<String, String> environment) {

    /** With a heap in which a leak shows. */
    public static Launch on(Path dataDir) {
      return new Launch(dataDir, "-Xmx256m", List.of(), Map.of());
    }

    public Launch withArguments(String... further) {
      return new Launch(dataDir, javaOptions, List.of(further), environment);
    }

    public Launch withJavaOptions(String further) {
      return new Launch(dataDir, javaOptions + " " + further, arguments, environment);
    }

    public Launch withEnvironment(Map<String, String> further) {
      return new Launch(dataDir, javaOptions, arguments, further);
    }
  }

  /** Starts a broker with JVM options on an empty folder of its own; returns when it listens. */
  public static BrokerProcess start(String javaOptions) throws Exception {
    Path folder = Files.createTempDirectory("warren-process");
    return awaitListening(launch(new Launch(folder, javaOptions, List.of(), Map.of()), folder));
  }

  /** Starts a broker on a folder that somebody else owns; returns when it listens. */
  public static BrokerProcess start(Launch how) throws Exception {
    return awaitListening(launch(how));
  }

  /** The same without waiting: it may be killed before it listens, or refuse to start. */
  public static BrokerProcess launch(Launch how) throws IOException {
    return launch(how, null);
  }

  /** {@code bin/warren}. */
  public static Path script() {
    return Path.of("").toAbsolutePath().getParent().resolve("bin/warren");
  }

  private static BrokerProcess launch(Launch how, @Nullable Path ownedFolder) throws IOException {
    var command = new ArrayList<String>();
    command.add(script().toString());
    command.addAll(List.of("--data", how.dataDir().toString()));
    command.addAll(List.of("--port", "0", "--management-port", "0"));
    command.addAll(how.arguments());
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    var environment = new HashMap<>(how.environment());
    environment.put("WARREN_JAVA_OPTS", how.javaOptions());
    environment.putIfAbsent("WARREN_LOG_LEVEL", "INFO");
    builder.environment().putAll(environment);
    return new BrokerProcess(builder.start(), ownedFolder);
  }

  private static BrokerProcess awaitListening(BrokerProcess broker) throws Exception {
    try {
      broker.awaitPort();
      return broker;
    } catch (Exception e) {
      broker.close();
      throw e;
    }
  }

  /**
   * Waits until it listens.
   *
   * @throws IllegalStateException with the end of its log when it ends before
   */
  public void awaitPort() throws Exception {
    port.handle((_, _) -> true).get(START_SECONDS, TimeUnit.SECONDS);
    if (port.isCompletedExceptionally()) {
      throw new IllegalStateException(
          "the broker ended before it listened; its last lines:\n" + String.join("\n", log()));
    }
  }

  private void readLog() {
    try (BufferedReader lines = process.inputReader()) {
      String line;
      while ((line = lines.readLine()) != null) {
        note(line);
        ears.await();
      }
    } catch (IOException | InterruptedException e) {
      errors.add("the log cannot be read: " + e);
    }
    port.completeExceptionally(new IllegalStateException("the broker has ended"));
  }

  private void note(String line) {
    synchronized (log) {
      log.addLast(line);
      if (log.size() > MOST_LINES) {
        log.removeFirst();
      }
    }
    Matcher listening = LISTENING.matcher(line);
    if (listening.find()) {
      port.complete(Integer.valueOf(listening.group(1)));
    }
    if (line.contains(" ERROR ") || line.contains("LEAK:") || line.contains("OutOfMemory")) {
      errors.add(line);
    }
  }

  /** Where it listens, as {@code amqp://user:password@host:port}. */
  public String uri() {
    return "amqp://guest:guest@127.0.0.1:" + port.join();
  }

  /** Lines of its log that should not be there. */
  public List<String> errors() {
    return List.copyOf(errors);
  }

  /** The last lines of its output; all of them once it has ended. */
  public List<String> log() {
    synchronized (log) {
      return List.copyOf(log);
    }
  }

  /** Its output is read no more until it has ended: what it says from now on fills a pipe. */
  public void stopListening() {
    ears = new CountDownLatch(1);
  }

  // ---------------------------------------------------------------- signals and the end

  /** Whether it has said where it listens; it may have ended since. */
  public boolean isListening() {
    return port.isDone() && !port.isCompletedExceptionally();
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** SIGKILL; returns when it is dead. */
  public void kill() throws Exception {
    // The handle, not the process: that would close the pipe with what is still in it.
    process.toHandle().destroyForcibly();
    awaitExit(Duration.ofSeconds(STOP_SECONDS));
  }

  /** SIGTERM; it has not ended yet when this returns. */
  public void terminate() {
    process.toHandle().destroy();
  }

  /** SIGSTOP: it stands still, and its sockets stay open. */
  public void freeze() throws Exception {
    signal("STOP");
  }

  /** SIGCONT. */
  public void thaw() throws Exception {
    signal("CONT");
  }

  private void signal(String name) throws Exception {
    run(List.of("kill", "-" + name, Long.toString(process.pid())));
  }

  /** Waits for its end and for the last of its output; 128 plus a signal's number when killed. */
  public int awaitExit(Duration limit) throws Exception {
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new TimeoutException("the broker has not ended within " + limit);
    }
    ears.countDown();
    logReader.join(Duration.ofSeconds(STOP_SECONDS));
    return process.exitValue();
  }

  /** Ends it as an operator does; what ends too slowly is killed. */
  @Override
  public void close() throws Exception {
    terminate();
    if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
      kill();
      errors.add("the broker did not stop in " + STOP_SECONDS + " s");
    }
    if (ownedFolder != null) {
      FileTree.delete(ownedFolder);
    }
  }

  // ---------------------------------------------------------------- looks inside

  /** Octets of all objects that are alive after a full collection. */
  public long liveSet() throws Exception {
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
  public String histogram() throws Exception {
    return jcmd("GC.class_histogram");
  }

  /** The most memory that it had at any time, as the system says it: {@code 123456 kB}. */
  public String peakRss() throws IOException {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    try (Stream<String> lines = Files.exists(status) ? Files.lines(status) : Stream.empty()) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .map(line -> line.replace("VmHWM:", "").strip())
          .findFirst()
          .orElse("unknown");
    }
  }

  /** What its threads are at. */
  public String threads() throws Exception {
    return jcmd("Thread.print");
  }

  private String jcmd(String command) throws Exception {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    return run(List.of(jcmd.toString(), Long.toString(process.pid()), command));
  }

  private static String run(List<String> command) throws Exception {
    Process run = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (BufferedReader output = run.inputReader()) {
      String text = String.join("\n", output.lines().toList());
      if (!run.waitFor(STOP_SECONDS, TimeUnit.SECONDS) || run.exitValue() != 0) {
        run.destroyForcibly();
        throw new IllegalStateException(command + " failed: " + text);
      }
      return text;
    }
  }
}
