package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Other client libraries by TLS, as processes: the broker's certificate is verified, theirs is
 * shown, and lets them in by its name alone.
 */
@Timeout(300)
class TlsClientsTest {
  private static final Path CLIENTS = Path.of("clients/tls").toAbsolutePath();
  private static final Pattern LISTENING =
      Pattern.compile("AMQP 0-9-1 over TLS listening on \\S+:(\\d+)");
  private static final long SECONDS = 60;

  @TempDir private Path folder;

  @Test
  @DisplayName("pika verifies the broker, and is let in by its certificate")
  void pika() throws Exception {
    String named = System.getenv("PYTHON");
    String python = named == null ? "/usr/bin/python3" : named;
    assumeTrue(
        run(List.of(python, "-c", "import pika")).code() == 0,
        "needs Python 3 with pika (Debian: python3-pika; or PYTHON=path of an interpreter)");
    check(python, "scenario.py");
  }

  @Test
  @DisplayName("bunny verifies the broker, and is let in by its certificate")
  void bunny() throws Exception {
    assumeTrue(
        run(List.of("ruby", "-e", "require 'bunny'")).code() == 0,
        "needs Ruby with bunny (Debian: ruby-bunny)");
    check("ruby", "scenario.rb");
  }

  private void check(String program, String scenario) throws Exception {
    Path keys = Files.createDirectory(folder.resolve("keys"));
    Ended made = run(List.of(CLIENTS.resolve("certificates").toString(), keys.toString()));
    assertThat(made.code()).as(made.output()).isZero();
    Path conf = folder.resolve("warren.conf");
    Files.writeString(
        conf,
        """
        listeners.ssl.1 = 127.0.0.1:0
        ssl_options.certfile = %1$s/server.pem
        ssl_options.keyfile = %1$s/server.key
        ssl_options.cacertfile = %1$s/ca.pem
        ssl_options.verify = verify_peer
        auth_mechanisms.1 = PLAIN
        auth_mechanisms.2 = EXTERNAL
        ssl_cert_login_from = common_name
        """
            .formatted(keys));
    BrokerProcess.Launch how =
        BrokerProcess.Launch.on(folder.resolve("data")).withArguments("--config", conf.toString());
    try (BrokerProcess broker = BrokerProcess.start(how)) {
      String port = port(broker);
      Ended ended =
          run(List.of(program, CLIENTS.resolve(scenario).toString(), port, keys.toString()));
      assertThat(ended.output()).isEqualTo(Files.readString(CLIENTS.resolve("expected.txt")));
      assertThat(ended.code()).isZero();
    }
  }

  /** By the log. */
  private static String port(BrokerProcess broker) {
    return Awaitility.await()
        .until(
            () ->
                broker.log().stream()
                    .map(LISTENING::matcher)
                    .filter(Matcher::find)
                    .map(line -> line.group(1))
                    .findFirst()
                    .orElse(""),
            found -> !found.isEmpty());
  }

  private record Ended(int code, String output) {}

  private Ended run(List<String> command) throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "output", ".txt");
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectError(folder.resolve("errors.txt").toFile())
              .redirectOutput(output.toFile())
              .start();
    } catch (IOException missing) {
      return new Ended(127, String.valueOf(missing.getMessage()));
    }
    if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    String errors = Files.readString(folder.resolve("errors.txt"), StandardCharsets.UTF_8);
    return new Ended(
        process.exitValue(), Files.readString(output) + (process.exitValue() == 0 ? "" : errors));
  }
}
