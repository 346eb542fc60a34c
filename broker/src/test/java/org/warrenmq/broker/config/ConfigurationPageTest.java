package org.warrenmq.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page about configuration is the table. */
class ConfigurationPageTest {
  @Test
  @DisplayName("docs/configuration.md is what the table says")
  void isCurrent() throws Exception {
    Path page = Path.of("").toAbsolutePath().getParent().resolve("docs/configuration.md");
    assertThat(Files.readString(page))
        .as("it is stale: run 'bin/warren config page > docs/configuration.md'")
        .isEqualTo(ConfigurationPage.text());
  }

  @ParameterizedTest
  @CsvSource({
    "heartbeat, heartbeat",
    "listeners.tcp.any, listeners.tcp.$name",
    "default_users.a\\.b.password, default_users.$name.password",
    "auth_backends.1.authn, auth_backends.$num.authn",
    "management.sample_retention_policies.global.minute,"
        + " management.sample_retention_policies.$section.$interval"
  })
  @DisplayName("keys are found by their parts")
  void find(String key, String row) {
    Setting<?> found = new KnownKeys().find(key);
    assertThat(found).isNotNull();
    assertThat(found.key()).isEqualTo(row);
  }

  @ParameterizedTest
  @CsvSource({"listeners.tcp.", "listeners..x", "listeners", "$name", "heartbeat.x", "''"})
  @DisplayName("others are not")
  void findNot(String key) {
    assertThat(new KnownKeys().find(key)).isNull();
  }
}
