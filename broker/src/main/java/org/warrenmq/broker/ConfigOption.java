package org.warrenmq.broker;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.config.ConfigSources;
import org.warrenmq.broker.config.StartupException;
import picocli.CommandLine.Option;

/** Where the command line says that the configuration is. Set by picocli, then read only. */
final class ConfigOption {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "settings, as rabbitmq.conf or warren.yaml, or a folder with them")
  private @Nullable Path config;

  /** What there is now. */
  ConfigSources sources() throws StartupException {
    return ConfigSources.find(config, System.getenv());
  }
}
