package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.warrenmq.broker.TestBroker.await;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The command line as a process of its own, and where its output goes; for one test thread. */
record MainProcess(Process process, Path output) implements AutoCloseable {
  static final Duration START_LIMIT = Duration.ofSeconds(15);
  private static final Pattern LISTENING = Pattern.compile("listening on 127\\.0\\.0\\.1:(\\d+)");

  /** Starts it in a folder, in which its output goes to a file. */
  static MainProcess start(Path folder, List<String> javaOptions, String... arguments)
      throws IOException {
    return start(folder, List.of(), javaOptions, arguments);
  }

  /**
   * The same by another program.
   *
   * @param before the beginning of the command, which runs the rest of it
   */
  static MainProcess start(
      Path folder, List<String> before, List<String> javaOptions, String... arguments)
      throws IOException {
    return start(folder, before, javaOptions, classPath(), arguments);
  }

  /** The same with more on the class path than the broker. */
  static MainProcess startWith(Path more, Path folder, String... arguments) throws IOException {
    String path = classPath() + File.pathSeparator + more;
    return start(folder, List.of(), List.of(), path, arguments);
  }

  private static MainProcess start(
      Path folder,
      List<String> before,
      List<String> javaOptions,
      String classPath,
      String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(before);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1");
    // As the jar's manifest and the start script have it.
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-Xmx256m");
    command.addAll(javaOptions);
    command.add("-cp");
    command.add(classPath);
    command.add(Main.class.getName());
    command.addAll(List.of(arguments));
    Path output = Files.createTempFile(folder, "output", ".txt");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    return new MainProcess(process, output);
  }

  /** Without the test classes: their logging configuration is not the broker's. */
  private static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !entry.endsWith("test-classes") && !entry.endsWith("test-classes/"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Waits until the broker has started. */
  MainProcess awaitStarted() throws IOException {
    await("the broker has started")
        .atMost(START_LIMIT)
        .until(() -> says("started in") || !process.isAlive());
    assertThat(process.isAlive()).as("%s", lines()).isTrue();
    return this;
  }

  int port() throws IOException {
    Matcher listening = LISTENING.matcher(Files.readString(output));
    assertThat(listening.find()).isTrue();
    return Integer.parseInt(listening.group(1));
  }

  List<String> lines() throws IOException {
    return Files.readAllLines(output);
  }

  boolean says(String text) throws IOException {
    return Files.readString(output).contains(text);
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }
}
