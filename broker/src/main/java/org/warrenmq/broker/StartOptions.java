package org.warrenmq.broker;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.config.ConfigReader;
import org.warrenmq.broker.config.ConfigSources;
import org.warrenmq.broker.config.Configuration;
import org.warrenmq.broker.config.StartupException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What a start takes from the command line, over everything else. Set by picocli, then read only.
 */
final class StartOptions {
  @Mixin private ConfigOption config = new ConfigOption();

  @Option(names = "--data", paramLabel = "DIR", description = "data folder (./data)")
  private @Nullable Path data;

  @Option(names = "--port", paramLabel = "N", description = "AMQP port (5672)")
  private @Nullable Integer port;

  @Option(names = "--management-port", paramLabel = "N", description = "HTTP API port (15672)")
  private @Nullable Integer managementPort;

  /** Where the rest comes from, as it is now. */
  ConfigSources sources() throws StartupException {
    return config.sources();
  }

  /** What holds for what was given there. */
  BrokerConfig over(Configuration given) throws StartupException {
    BrokerConfig chosen = ConfigReader.read(given, BrokerConfig.defaults());
    if (data != null) {
      chosen = chosen.withDataDir(data);
    }
    if (port != null) {
      chosen = chosen.withPort(ConfigReader.port("--port", port));
    }
    if (managementPort != null) {
      chosen = chosen.withManagementPort(ConfigReader.port("--management-port", managementPort));
    }
    return chosen;
  }
}
