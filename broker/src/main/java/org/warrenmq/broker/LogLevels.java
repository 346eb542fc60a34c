package org.warrenmq.broker;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.config.BrokerConfig.LogLevel;

/** What is logged: {@code WARREN_LOG_LEVEL}, or else the configured level. Any thread. */
final class LogLevels {
  private LogLevels() {}

  static void apply(LogLevel level) {
    if (System.getenv("WARREN_LOG_LEVEL") == null
        && LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
      root.setLevel(level(level));
    }
  }

  private static Level level(LogLevel level) {
    return switch (level) {
      case DEBUG -> Level.DEBUG;
      case INFO, NOTICE -> Level.INFO;
      case WARNING -> Level.WARN;
      case ERROR, CRITICAL, ALERT, EMERGENCY -> Level.ERROR;
      case NONE -> Level.OFF;
    };
  }
}
