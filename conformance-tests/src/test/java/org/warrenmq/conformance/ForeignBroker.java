package org.warrenmq.conformance;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * A broker that somebody else has started, at an address from the command line; only the test
 * thread asks it. It can be restarted when a shell command for that is given.
 *
 * @param uri where it listens
 * @param httpUri where its HTTP API is; empty when nobody knows
 * @param restartCommand for {@code sh -c}; empty when there is none
 * @param controlCommand rabbitmqctl, with words before the command's own; empty when there is none
 */
record ForeignBroker(String uri, String httpUri, String restartCommand, String controlCommand)
    implements BrokerEndpoint {
  private static final Duration RESTART_LIMIT = Duration.ofSeconds(60);

  @Override
  public boolean canRestart() {
    return !restartCommand.isEmpty();
  }

  /** Runs the command, then waits until clients are let in. */
  @Override
  public void restart() throws Exception {
    run(List.of("sh", "-c", restartCommand));
    var factory = new ConnectionFactory();
    factory.setUri(uri);
    Awaitility.await("a connection after the restart")
        .atMost(RESTART_LIMIT)
        .pollInterval(Duration.ofMillis(100))
        .ignoreExceptions()
        .until(() -> accepts(factory));
  }

  @Override
  public boolean canControl() {
    return !controlCommand.isEmpty();
  }

  @Override
  public String control(List<String> words) throws Exception {
    List<String> command = new ArrayList<>(List.of(controlCommand.split(" ")));
    command.addAll(words);
    try {
      return run(command);
    } catch (IOException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  @Override
  public ControlRequest.Outcome tool(List<String> words) throws Exception {
    List<String> command = new ArrayList<>(List.of(controlCommand.split(" ")));
    command.addAll(words);
    Path out = Files.createTempFile("broker-command", ".txt");
    Path err = Files.createTempFile("broker-command", ".txt");
    try {
      Process tool =
          new ProcessBuilder(command)
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      if (!tool.waitFor(RESTART_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        tool.destroyForcibly();
        throw new IOException("no end of " + command);
      }
      return new ControlRequest.Outcome(
          tool.exitValue(), Files.readString(out), Files.readString(err));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  private static String run(List<String> words) throws IOException, InterruptedException {
    // Into a file: a broker that the command leaves behind would hold a pipe open.
    Path output = Files.createTempFile("broker-command", ".txt");
    try {
      Process command =
          new ProcessBuilder(words)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!command.waitFor(RESTART_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        command.destroyForcibly();
        throw new IOException("no end of " + words + ": " + Files.readString(output));
      }
      if (command.exitValue() != 0) {
        throw new IOException(words + " failed: " + Files.readString(output));
      }
      return Files.readString(output);
    } finally {
      Files.delete(output);
    }
  }

  private static boolean accepts(ConnectionFactory factory) throws Exception {
    try (Connection connection = factory.newConnection()) {
      return connection.isOpen();
    }
  }

  @Override
  public void close() {}
}
