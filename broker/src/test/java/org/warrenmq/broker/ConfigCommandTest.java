package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code warren config …}: what it prints, and how it ends. */
class ConfigCommandTest {
  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return new CommandLine(new ConfigCommand())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  private String conf(String... lines) throws IOException {
    return Files.write(folder.resolve("rabbitmq.conf"), List.of(lines)).toString();
  }

  @Test
  @DisplayName("check says all that is wrong, and what has no effect")
  void check() throws Exception {
    String file = conf("heartbeat = x", "net_ticktime = 60", "default_pas = s3cret");
    assertThat(run("check", "--config", file)).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly(
            "warren: " + file + ":1: heartbeat = x: expected a number of seconds, 0 to 65535",
            "warren: "
                + file
                + ":3: default_pas = …: there is no such key; the nearest is default_pass");
    assertThat(out.toString())
        .contains("read: " + file)
        .contains("one node: clustering is not there yet: net_ticktime (" + file + ":2)")
        .doesNotContain("no errors", "s3cret");
  }

  @Test
  @DisplayName("check of what is sound ends with 0")
  void sound() throws Exception {
    assertThat(run("check", "--config", conf("heartbeat = 5"))).isZero();
    assertThat(err.toString()).isEmpty();
    assertThat(out.toString().lines().toList().getLast()).isEqualTo("no errors");
  }

  @Test
  @DisplayName("show prints what holds, also of a folder's files")
  void show() throws Exception {
    String file = conf("heartbeat = 5", "default_pass = s3cret");
    assertThat(run("show", "--config", folder.toString())).isZero();
    assertThat(out.toString().lines())
        .contains(
            "heartbeat = 5  # " + file + ":1",
            "default_pass = …  # " + file + ":2",
            "frame_max = 131072  # by default");
    assertThat(out.toString()).doesNotContain("s3cret");
  }

  @Test
  @DisplayName("a file that is not there, and no command, are told in one line")
  void wrong() {
    assertThat(run("show", "--config", folder.resolve("none").toString())).isEqualTo(1);
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(2);
  }
}
