package org.warrenmq.broker;

import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.config.ConfigSources;
import org.warrenmq.broker.config.Configuration;

/** What the log says of where a configuration comes from, and of what has no effect. Stateless. */
final class LoggedConfiguration {
  private static final Logger log = LoggerFactory.getLogger(LoggedConfiguration.class);

  private LoggedConfiguration() {}

  static void log(ConfigSources sources, Configuration given) {
    if (!sources.files().isEmpty()) {
      log.info(
          "configured by {}",
          sources.files().stream().map(Object::toString).collect(Collectors.joining(", ")));
    }
    sources.notes().forEach(note -> log.warn("{}", note));
    given.withoutEffect().forEach(note -> log.warn("{}", note));
  }
}
