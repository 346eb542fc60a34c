package org.warrenmq.benchmarks.topology;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A {@link Sink} as the measuring thread sees it: its port, when it is empty, and its pauses. */
final class SinkProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;
  private final int port;

  /** Starts it and waits until it listens. */
  SinkProcess() throws IOException {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Sink.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    output = process.inputReader(StandardCharsets.UTF_8);
    port = Integer.parseInt(await(Sink.PORT).substring(Sink.PORT.length()));
  }

  int port() {
    return port;
  }

  /** Waits until the connections it had are closed; to be called once for all of them. */
  void awaitEmpty() throws IOException {
    await(Sink.EMPTY);
  }

  /** Stops it: from then on its kernel takes what arrives, and nobody reads it. */
  void pause() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** Lets it go on. */
  void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    int failed =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    if (failed != 0) {
      throw new IOException("kill -" + name + " of the sink ended with " + failed);
    }
  }

  private String await(String start) throws IOException {
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith(start)) {
        return line;
      }
    }
    throw new IOException("the sink ended before it said " + start);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
