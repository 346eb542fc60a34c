package org.warrenmq.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** rabbitmq.conf's own syntax, where it differs from Java's properties. */
class ConfLinesTest {
  @TempDir private Path folder;

  private BrokerConfig read(String... lines) throws Exception {
    Path file = Files.write(folder.resolve("rabbitmq.conf"), List.of(lines));
    return ConfigReader.read(
        ConfigSources.find(file, Map.of(), folder).read(), BrokerConfig.defaults());
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

  @Test
  @DisplayName("other files are included in their place, by names with stars, in their order")
  void includes() throws Exception {
    Path more = Files.createDirectories(folder.resolve("more"));
    Files.writeString(more.resolve("1.conf"), "heartbeat = 11\nchannel_max = 11\n");
    Files.writeString(more.resolve("2.conf"), "channel_max = 12\n");
    BrokerConfig.Limits limits =
        read("channel_max = 10", "include more/*.conf", "heartbeat = 13", "include none/*.conf")
            .limits();
    assertThat(limits.channelMax()).isEqualTo(12);
    assertThat(limits.heartbeat()).isEqualTo(Duration.ofSeconds(13));
  }

  @Test
  @DisplayName("a value may be the content of a file")
  void contentOfFile() throws Exception {
    Files.writeString(folder.resolve("secret"), "a = #b\n");
    assertThat(read("default_pass = $(<secret)").account().password()).isEqualTo("a = #b");
  }
}
