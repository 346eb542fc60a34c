package org.warrenmq.broker;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.config.ConfigSources;
import org.warrenmq.broker.config.Configuration;
import org.warrenmq.broker.config.StartupException;
import sun.misc.Signal;

/**
 * Reads the configuration again when SIGHUP comes, and gives a running broker what may change. Owns
 * what was given last; runs on a thread of the signal's, one at a time.
 */
final class Reload {
  private static final Logger log = LoggerFactory.getLogger(Reload.class);

  private final StartOptions options;
  private final Broker broker;
  private Configuration given;

  private Reload(StartOptions options, Broker broker, Configuration given) {
    this.options = options;
    this.broker = broker;
    this.given = given;
  }

  /**
   * From now on.
   *
   * @param given what the broker was started with
   */
  static void onHangUp(StartOptions options, Broker broker, Configuration given) {
    Reload reload = new Reload(options, broker, given);
    try {
      Signal.handle(new Signal("HUP"), _ -> reload.run());
    } catch (IllegalArgumentException e) {
      // Not on every system, and not with -Xrs.
      log.warn("a configuration cannot be reloaded here: {}", e.getMessage());
    }
  }

  private synchronized void run() {
    try {
      ConfigSources sources = options.sources();
      Configuration next = sources.read();
      BrokerConfig config = options.over(next);
      LoggedConfiguration.log(sources, next);
      LogLevels.apply(config.logLevel());
      broker.reload(config);
      report(next);
    } catch (StartupException e) {
      log.error("the configuration was not reloaded: {}", e.getMessage());
    }
  }

  private void report(Configuration next) {
    List<String> taken = new ArrayList<>();
    List<String> waiting = new ArrayList<>();
    for (String key : next.differences(given)) {
      (next.isReloadable(key) ? taken : waiting).add(key);
    }
    // What waits for a restart is a difference also next time.
    given = waiting.isEmpty() ? next : given;
    log.info("configuration reloaded, changed: {}", named(taken));
    if (!waiting.isEmpty()) {
      log.warn("these keys have other values since the start, and hold after a restart: {}", named(waiting));
    }
  }

  private static String named(List<String> keys) {
    return keys.isEmpty() ? "nothing" : String.join(", ", keys);
  }
}
