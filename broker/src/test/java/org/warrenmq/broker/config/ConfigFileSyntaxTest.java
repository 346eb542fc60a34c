package org.warrenmq.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** rabbitmq.conf's own syntax, where it differs from Java's properties. */
class ConfigFileSyntaxTest {
  @TempDir private Path folder;

  private BrokerConfig read(String... lines) throws Exception {
    Path file = Files.write(folder.resolve("rabbitmq.conf"), List.of(lines));
    return ConfigFile.read(file, BrokerConfig.defaults());
  }

  @Test
  @DisplayName("a comment may follow a value")
  void commentBehindValue() throws Exception {
    assertThat(read("heartbeat = 30 # half of the default").limits().heartbeat())
        .isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  @DisplayName("single quotes around a value do not belong to it; inside them # is no comment")
  void quotes() throws Exception {
    assertThat(read("default_pass = 'efd3!@#'").account().password()).isEqualTo("efd3!@#");
  }

  @Test
  @DisplayName("a backslash is a backslash")
  void backslash() throws Exception {
    assertThat(read("default_pass = a\\b").account().password()).isEqualTo("a\\b");
  }

  @Test
  @DisplayName("only guest is limited to this machine by default; another default user is not")
  void loopbackUsersIsAListOfNames() throws Exception {
    assertThat(read("default_user = alice").account().loopbackOnly()).isFalse();
    assertThat(read("default_user = alice", "loopback_users.alice = true").account().loopbackOnly())
        .isTrue();
    assertThat(
            read("default_user = alice", "loopback_users.guest = false").account().loopbackOnly())
        .isFalse();
  }
}
