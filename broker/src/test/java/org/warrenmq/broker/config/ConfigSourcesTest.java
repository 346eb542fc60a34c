package org.warrenmq.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which files are read in which order, what the environment sets, and what is said of the rest. */
class ConfigSourcesTest {
  @TempDir private Path folder;

  private Path write(String name, String... lines) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, List.of(lines));
  }

  private BrokerConfig read(Map<String, String> environment) throws StartupException {
    return ConfigReader.read(
        ConfigSources.find(null, environment, folder).read(), BrokerConfig.defaults());
  }

  @Test
  @DisplayName("nothing is there: the defaults hold, and nothing is said")
  void nothing() throws Exception {
    ConfigSources sources = ConfigSources.find(null, Map.of("HOME", "/"), folder.resolve("none"));
    assertThat(sources.files()).isEmpty();
    assertThat(sources.notes()).isEmpty();
    assertThat(read(Map.of())).isEqualTo(BrokerConfig.defaults());
  }

  @Test
  @DisplayName("rabbitmq.conf, conf.d by names, warren.yaml: what comes later wins")
  void order() throws Exception {
    Path main = write("rabbitmq.conf", "heartbeat = 1", "channel_max = 1", "frame_max = 5001");
    Path second = write("conf.d/20.conf", "channel_max = 3");
    Path first = write("conf.d/10.conf", "heartbeat = 2", "channel_max = 2");
    write("conf.d/30.txt", "nonsense");
    Path yaml = write("warren.yaml", "frame_max: 5002");
    ConfigSources sources = ConfigSources.find(null, Map.of(), folder);
    assertThat(sources.files()).containsExactly(main, first, second, yaml);
    assertThat(ConfigSources.find(main, Map.of(), Path.of("/none")).files())
        .isEqualTo(sources.files());
    assertThat(ConfigSources.find(folder, Map.of(), Path.of("/none")).files())
        .isEqualTo(sources.files());
    BrokerConfig.Limits limits = read(Map.of()).limits();
    assertThat(limits.heartbeat()).isEqualTo(Duration.ofSeconds(2));
    assertThat(limits.channelMax()).isEqualTo(3);
    assertThat(limits.frameMax()).isEqualTo(5002);
  }

  @Test
  @DisplayName("the environment names files, with or without their ending")
  void filesOfTheEnvironment() throws Exception {
    Path main = write("elsewhere/my.conf", "heartbeat = 1");
    Path more = write("more/x.conf", "heartbeat = 2");
    String name = folder.resolve("elsewhere/my").toString();
    Map<String, String> environment = new HashMap<>(Map.of("RABBITMQ_CONFIG_FILE", name));
    assertThat(ConfigSources.find(null, environment, folder).files()).containsExactly(main);
    environment.put("RABBITMQ_CONFIG_FILES", folder.resolve("more").toString());
    assertThat(ConfigSources.find(null, environment, folder).files()).containsExactly(main, more);
    environment.put("RABBITMQ_CONFIG_FILES", folder.resolve("more/*.conf").toString());
    assertThat(ConfigSources.find(null, environment, folder).files()).containsExactly(main, more);
    ConfigSources missing =
        ConfigSources.find(null, Map.of("RABBITMQ_CONFIG_FILE", name + "x"), folder);
    assertThat(missing.files()).isEmpty();
    assertThat(missing.notes()).singleElement().asString().contains("there is no file " + name);
  }

  @Test
  @DisplayName("user, password and virtual host of the image's environment win over files")
  void account() throws Exception {
    write("rabbitmq.conf", "default_user = alice", "default_pass = a");
    BrokerConfig.Account account =
        read(Map.of(
                "RABBITMQ_DEFAULT_USER", "u",
                "RABBITMQ_DEFAULT_PASS", "p",
                "RABBITMQ_DEFAULT_VHOST", "/v"))
            .account();
    assertThat(account).isEqualTo(new BrokerConfig.Account("u", "p", false, "/v"));
  }

  @Test
  @DisplayName("port and address hold where no file has a listener")
  void listener() throws Exception {
    Map<String, String> environment = Map.of("RABBITMQ_NODE_PORT", "5680");
    assertThat(read(environment).listeners().amqp())
        .containsExactly(new BrokerConfig.Listener("0.0.0.0", 5680));
    assertThat(read(Map.of("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")).listeners().amqp())
        .containsExactly(new BrokerConfig.Listener("127.0.0.1", 5672));
    write("rabbitmq.conf", "listeners.tcp.1 = 5690");
    assertThat(read(environment).listeners().amqp())
        .containsExactly(new BrokerConfig.Listener("0.0.0.0", 5690));
  }

  @Test
  @DisplayName("folder, name and level of the log")
  void node() throws Exception {
    BrokerConfig config =
        read(
            Map.of(
                "RABBITMQ_MNESIA_BASE", "/var/lib/x",
                "RABBITMQ_NODENAME", "rabbit@a",
                "RABBITMQ_LOG", "debug,+color",
                "RABBITMQ_LOGS", "-"));
    assertThat(config.dataDir()).isEqualTo(Path.of("/var/lib/x/warren"));
    assertThat(config.clusterName()).isEqualTo("rabbit@a");
    assertThat(config.logLevel()).isEqualTo(BrokerConfig.LogLevel.DEBUG);
    assertThat(read(Map.of("RABBITMQ_MNESIA_DIR", "/d", "RABBITMQ_MNESIA_BASE", "/b")).dataDir())
        .isEqualTo(Path.of("/d"));
  }

  @ParameterizedTest
  @CsvSource({
    "RABBITMQ_NODE_PORT, many, listeners.tcp.default",
    "RABBITMQ_LOG, loud, log.console.level",
    "RABBITMQ_DEFAULT_PASS, encrypted:x, default_pass"
  })
  @DisplayName("a wrong value of the environment is an error that names the variable")
  void wrong(String variable, String value, String key) {
    assertThatThrownBy(() -> read(Map.of(variable, value)))
        .isInstanceOf(StartupException.class)
        .message()
        .startsWith(variable + ": " + key + " = ");
  }

  @Test
  @DisplayName("what is found and does not apply is named; variables of others are not")
  void notes() throws Exception {
    write("advanced.config", "[].");
    write("enabled_plugins", "[rabbitmq_management,rabbitmq_consistent_hash_exchange].");
    List<String> notes =
        ConfigSources.find(
                null,
                Map.of("RABBITMQ_SSL_VERIFY", "verify_peer", "RABBITMQ_SERVICE_HOST", "10.0.0.1"),
                folder)
            .notes();
    assertThat(notes).hasSize(3);
    assertThat(notes.get(0)).startsWith(folder.resolve("advanced.config") + ": nothing of it");
    assertThat(notes.get(1))
        .endsWith(
            "there without a plug-in: rabbitmq_consistent_hash_exchange;"
                + " not there: rabbitmq_management");
    assertThat(notes.get(2)).startsWith("RABBITMQ_SSL_VERIFY is without effect: ");
  }

  @Test
  @DisplayName("show tells what holds, and where it comes from, and no password")
  void show() throws Exception {
    write("rabbitmq.conf", "default_pass = s3cret", "heartbeat = 7", "net_ticktime = 9");
    List<Configuration.Shown> shown = ConfigSources.find(null, Map.of(), folder).read().show();
    String file = folder.resolve("rabbitmq.conf").toString();
    assertThat(shown)
        .contains(
            new Configuration.Shown("default_pass", "…", file + ":1"),
            new Configuration.Shown("heartbeat", "7", file + ":2"),
            new Configuration.Shown("net_ticktime", "9", file + ":3, without effect"),
            new Configuration.Shown("channel_max", "2047", "by default"));
    assertThat(shown.toString()).doesNotContain("s3cret");
  }
}
