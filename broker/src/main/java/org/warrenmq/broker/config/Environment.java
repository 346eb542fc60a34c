package org.warrenmq.broker.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * RabbitMQ's variables of the environment: which keys they set, and which change nothing. Others
 * that begin like them are nobody's business: Kubernetes makes some for every service of that name.
 * Stateless.
 */
final class Environment {
  /** The keys that are a variable's value as it is. These win over files. */
  static final Map<String, Setting<?>> KEYS =
      Map.of(
          "RABBITMQ_DEFAULT_USER", Settings.USER,
          "RABBITMQ_DEFAULT_PASS", Settings.PASSWORD,
          "RABBITMQ_DEFAULT_VHOST", Settings.VHOST,
          "RABBITMQ_MNESIA_DIR", Settings.DATA_DIR);

  /** Those with rules of their own, and what they do. */
  static final Map<String, String> RULES =
      Map.of(
          "RABBITMQ_NODE_PORT",
          "`listeners.tcp.default`, where no file has a listener",
          "RABBITMQ_NODE_IP_ADDRESS",
          "the address of that listener",
          "RABBITMQ_NODENAME",
          "`cluster_name`, where no file has one",
          "RABBITMQ_MNESIA_BASE",
          "`warren.data_dir` is the folder `warren` in it, unless `RABBITMQ_MNESIA_DIR` is set",
          "RABBITMQ_LOG",
          "`log.console.level`, its first word",
          "RABBITMQ_CONFIG_FILE",
          "the configuration file, with or without `.conf`, where `--config` is not given",
          "RABBITMQ_CONFIG_FILES",
          "a folder, or a name with `*`, in the place of `conf.d`",
          "RABBITMQ_ADVANCED_CONFIG_FILE",
          "in the place of `advanced.config`",
          "RABBITMQ_ENABLED_PLUGINS_FILE",
          "in the place of `enabled_plugins`");

  private static final String ERLANG = "there is no Erlang machine";
  private static final String IMAGE = "RabbitMQ's image does not take it any more";
  private static final String METRICS = "the HTTP API and metrics are not there yet";
  private static final String NAMES = "it is one node, and has no other names and folders";

  /** Those that change nothing, and why. */
  static final Map<String, String> WITHOUT_EFFECT =
      Map.ofEntries(
          Map.entry("RABBITMQ_DEFAULT_USER_FILE", IMAGE),
          Map.entry("RABBITMQ_DEFAULT_PASS_FILE", IMAGE),
          Map.entry("RABBITMQ_VM_MEMORY_HIGH_WATERMARK", IMAGE),
          Map.entry("RABBITMQ_HIPE_COMPILE", IMAGE),
          Map.entry("RABBITMQ_SSL_CACERTFILE", IMAGE),
          Map.entry("RABBITMQ_SSL_CERTFILE", IMAGE),
          Map.entry("RABBITMQ_SSL_DEPTH", IMAGE),
          Map.entry("RABBITMQ_SSL_FAIL_IF_NO_PEER_CERT", IMAGE),
          Map.entry("RABBITMQ_SSL_KEYFILE", IMAGE),
          Map.entry("RABBITMQ_SSL_VERIFY", IMAGE),
          Map.entry("RABBITMQ_MANAGEMENT_SSL_CACERTFILE", IMAGE),
          Map.entry("RABBITMQ_MANAGEMENT_SSL_CERTFILE", IMAGE),
          Map.entry("RABBITMQ_MANAGEMENT_SSL_DEPTH", IMAGE),
          Map.entry("RABBITMQ_MANAGEMENT_SSL_FAIL_IF_NO_PEER_CERT", IMAGE),
          Map.entry("RABBITMQ_MANAGEMENT_SSL_KEYFILE", IMAGE),
          Map.entry("RABBITMQ_MANAGEMENT_SSL_VERIFY", IMAGE),
          Map.entry("RABBITMQ_ERLANG_COOKIE", ERLANG),
          Map.entry("RABBITMQ_SERVER_ERL_ARGS", ERLANG),
          Map.entry("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", ERLANG),
          Map.entry("RABBITMQ_SERVER_START_ARGS", ERLANG),
          Map.entry("RABBITMQ_CTL_ERL_ARGS", ERLANG),
          Map.entry("RABBITMQ_CTL_DIST_PORT_MIN", ERLANG),
          Map.entry("RABBITMQ_CTL_DIST_PORT_MAX", ERLANG),
          Map.entry("RABBITMQ_DISTRIBUTION_BUFFER_SIZE", ERLANG),
          Map.entry("RABBITMQ_IO_THREAD_POOL_SIZE", ERLANG),
          Map.entry("RABBITMQ_MAX_NUMBER_OF_PROCESSES", ERLANG),
          Map.entry("RABBITMQ_MAX_NUMBER_OF_ATOMS", ERLANG),
          Map.entry("RABBITMQ_MAX_OPEN_FILES", "`ulimit -n` counts"),
          Map.entry("RABBITMQ_DIST_PORT", ERLANG),
          Map.entry("RABBITMQ_USE_LONGNAME", NAMES),
          Map.entry("RABBITMQ_QUORUM_DIR", NAMES),
          Map.entry("RABBITMQ_STREAM_DIR", NAMES),
          Map.entry("RABBITMQ_PID_FILE", NAMES),
          Map.entry("RABBITMQ_KEEP_PID_FILE_ON_EXIT", NAMES),
          Map.entry("RABBITMQ_PLUGINS_DIR", "there are no plug-ins"),
          Map.entry("RABBITMQ_PLUGINS_EXPAND_DIR", "there are no plug-ins"),
          Map.entry("RABBITMQ_ENABLED_PLUGINS", "there are no plug-ins"),
          Map.entry("RABBITMQ_FEATURE_FLAGS", "there are no feature flags"),
          Map.entry("RABBITMQ_FEATURE_FLAGS_FILE", "there are no feature flags"),
          Map.entry("RABBITMQ_CONF_ENV_FILE", "set the variables themselves"),
          Map.entry("RABBITMQ_LOGS", "the log goes to standard output"),
          Map.entry("RABBITMQ_LOG_BASE", "the log goes to standard output"),
          Map.entry("RABBITMQ_MOTD_FILE", "nothing is shown of it"),
          Map.entry("RABBITMQ_PRODUCT_NAME", "clients are told RabbitMQ's"),
          Map.entry("RABBITMQ_PRODUCT_VERSION", "clients are told RabbitMQ's"),
          Map.entry("RABBITMQ_PROMETHEUS_SSL_CERTFILE", METRICS));

  private Environment() {}

  /**
   * What it adds to what files say.
   *
   * @param files what they said
   */
  static List<Given> given(Map<String, String> environment, List<Given> files) {
    List<Given> given = new ArrayList<>();
    String base = text(environment, "RABBITMQ_MNESIA_BASE");
    if (base != null) {
      given.add(new Given(Settings.DATA_DIR.key(), base + "/warren", "RABBITMQ_MNESIA_BASE"));
    }
    new TreeMap<>(KEYS)
        .forEach(
            (variable, setting) -> {
              String value = text(environment, variable);
              if (value != null) {
                given.add(new Given(setting.key(), value, variable));
              }
            });
    String name = text(environment, "RABBITMQ_NODENAME");
    if (name != null && files.stream().noneMatch(one -> one.key().equals("cluster_name"))) {
      given.add(new Given("cluster_name", name, "RABBITMQ_NODENAME"));
    }
    String log = text(environment, "RABBITMQ_LOG");
    if (log != null) {
      given.add(new Given(Settings.LOG_LEVEL.key(), log.split(",", 2)[0], "RABBITMQ_LOG"));
    }
    if (files.stream().noneMatch(one -> one.key().startsWith("listeners.tcp."))) {
      addListener(environment, given);
    }
    return given;
  }

  private static void addListener(Map<String, String> environment, List<Given> given) {
    String port = text(environment, "RABBITMQ_NODE_PORT");
    String address = text(environment, "RABBITMQ_NODE_IP_ADDRESS");
    if (port == null && address == null) {
      return;
    }
    String number = port == null ? "5672" : port;
    given.add(
        new Given(
            "listeners.tcp.default",
            address == null ? number : address + ":" + number,
            port == null ? "RABBITMQ_NODE_IP_ADDRESS" : "RABBITMQ_NODE_PORT"));
  }

  /** The variables that are set in vain, a sentence each. */
  static List<String> withoutEffect(Map<String, String> environment) {
    return new TreeMap<>(WITHOUT_EFFECT)
        .entrySet().stream()
            .filter(entry -> isInVain(environment, entry.getKey()))
            .map(entry -> entry.getKey() + " is without effect: " + entry.getValue())
            .toList();
  }

  private static boolean isInVain(Map<String, String> environment, String variable) {
    String value = text(environment, variable);
    // A log on standard output is what there is.
    return value != null && !(variable.equals("RABBITMQ_LOGS") && value.equals("-"));
  }

  private static @Nullable String text(Map<String, String> environment, String variable) {
    String value = environment.get(variable);
    return value == null || value.isEmpty() ? null : value;
  }
}
