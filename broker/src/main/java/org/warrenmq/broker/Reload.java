package org.warrenmq.broker;

import java.util.List;
import java.util.concurrent.RejectedExecutionException;
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
  private final Configuration started;
  private Configuration last;

  private Reload(StartOptions options, Broker broker, Configuration started) {
    this.options = options;
    this.broker = broker;
    this.started = started;
    last = started;
  }

  /**
   * From now on.
   *
   * @param started what the broker was started with
   */
  static void onHangUp(StartOptions options, Broker broker, Configuration started) {
    Reload reload = new Reload(options, broker, started);
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
    } catch (RejectedExecutionException e) {
      // Who closes a terminal may send this and a signal to stop at once.
      log.warn("the configuration was not reloaded, the broker stops");
    }
  }

  private void report(Configuration next) {
    List<String> taken = next.differences(last).stream().filter(next::isReloadable).toList();
    // These are different until there is a restart.
    List<String> waiting =
        next.differences(started).stream().filter(key -> !next.isReloadable(key)).toList();
    last = next;
    log.info("configuration reloaded, changed: {}", named(taken));
    if (!waiting.isEmpty()) {
      log.warn("other values than at the start, which hold after a restart: {}", named(waiting));
    }
  }

  private static String named(List<String> keys) {
    return keys.isEmpty() ? "nothing" : String.join(", ", keys);
  }
}
