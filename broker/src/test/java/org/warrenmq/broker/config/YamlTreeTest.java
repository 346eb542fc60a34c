package org.warrenmq.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** warren.yaml: the same keys as a tree. */
class YamlTreeTest {
  @TempDir private Path folder;

  private BrokerConfig read(String yaml) throws Exception {
    Path file = Files.writeString(folder.resolve("warren.yaml"), yaml);
    return ConfigReader.read(
        ConfigSources.find(file, Map.of(), folder).read(), BrokerConfig.defaults());
  }

  @Test
  @DisplayName("names on the way are the parts of a key, lists are numbered")
  void tree() throws Exception {
    BrokerConfig config =
        read(
            """
            listeners:
              tcp: ["127.0.0.1:5672", "[::1]:5673"]
            heartbeat: 30
            vm_memory_high_watermark.absolute: 1GB
            loopback_users: {guest: false}
            default_pass: "a#b"
            warren:
              durability: buffered
            """);
    assertThat(config.listeners().amqp())
        .containsExactly(
            new BrokerConfig.Listener("127.0.0.1", 5672), new BrokerConfig.Listener("::1", 5673));
    assertThat(config.limits().heartbeat()).isEqualTo(Duration.ofSeconds(30));
    assertThat(config.limits().memoryWatermark()).isEqualTo(1_000_000_000);
    assertThat(config.account().loopbackOnly()).isFalse();
    assertThat(config.account().password()).isEqualTo("a#b");
  }

  @Test
  @DisplayName("an empty file, and one of comments, say nothing")
  void empty() throws Exception {
    assertThat(read("")).isEqualTo(BrokerConfig.defaults());
    assertThat(read("# nothing\n")).isEqualTo(BrokerConfig.defaults());
  }

  @Test
  @DisplayName("a key that nobody knows stops the start, with its line and the nearest")
  void unknown() {
    assertThatThrownBy(() -> read("heartbeat: 1\nwarren:\n  durabilty: sync\n"))
        .isInstanceOf(StartupException.class)
        .hasMessage(
            folder.resolve("warren.yaml")
                + ":3: warren.durabilty = sync: there is no such key; the nearest is"
                + " warren.durability");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a: [b",
        "just text",
        "- 1\n- 2",
        "heartbeat: 1\nheartbeat: 2",
        "? [a, b]\n: c",
        "a: &a [*a]",
        "\t:",
        "a: *b",
        "heartbeat: {a: {b: {c: {d: {e: {f: {g: {h: {i: {j: {k: {l: {m: 1}}}}}}}}}}}}}"
      })
  @DisplayName("what is no tree of keys is an error with a line")
  void wrong(String yaml) {
    assertThatThrownBy(() -> read(yaml))
        .isInstanceOf(StartupException.class)
        .message()
        .matches("(?s)\\Q" + folder.resolve("warren.yaml") + "\\E:\\d+: [^\\n]+");
  }

  @Test
  @DisplayName("a tree that multiplies itself ends early")
  void bomb() {
    StringBuilder yaml = new StringBuilder("a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n");
    for (int i = 1; i < 9; i++) {
      String below = String.join(", ", Collections.nCopies(10, "*a" + (i - 1)));
      yaml.append("a%d: &a%d [%s]\n".formatted(i, i, below));
    }
    assertThatThrownBy(() -> read(yaml.toString()))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("aliases")
        .hasMessageNotContainingAny("\n");
  }
}
