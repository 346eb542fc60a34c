package org.warrenmq.conformance;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * A broker that somebody else has started, at an address from the command line; only the test
 * thread asks it. It can be restarted when a shell command for that is given.
 *
 * @param uri where it listens
 * @param restartCommand for {@code sh -c}; empty when there is none
 */
record ForeignBroker(String uri, String restartCommand) implements BrokerEndpoint {
  private static final Duration RESTART_LIMIT = Duration.ofSeconds(60);

  @Override
  public boolean canRestart() {
    return !restartCommand.isEmpty();
  }

  /** Runs the command, then waits until clients are let in. */
  @Override
  public void restart() throws Exception {
    // Into a file: a broker that the command leaves behind would hold a pipe open.
    Path output = Files.createTempFile("broker-restart", ".txt");
    try {
      Process command =
          new ProcessBuilder("sh", "-c", restartCommand)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!command.waitFor(RESTART_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        command.destroyForcibly();
        throw new IOException("no end of " + restartCommand + ": " + Files.readString(output));
      }
      if (command.exitValue() != 0) {
        throw new IOException(restartCommand + " failed: " + Files.readString(output));
      }
    } finally {
      Files.delete(output);
    }
    var factory = new ConnectionFactory();
    factory.setUri(uri);
    Awaitility.await("a connection after the restart")
        .atMost(RESTART_LIMIT)
        .pollInterval(Duration.ofMillis(100))
        .ignoreExceptions()
        .until(() -> accepts(factory));
  }

  private static boolean accepts(ConnectionFactory factory) throws Exception {
    try (Connection connection = factory.newConnection()) {
      return connection.isOpen();
    }
  }

  @Override
  public void close() {}
}
