package org.warrenmq.broker;

import java.util.ArrayList;
import java.util.List;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.config.ConfigReader;
import org.warrenmq.broker.config.Configuration;
import org.warrenmq.broker.config.Given;
import org.warrenmq.broker.config.StartupException;

/** Brokers for tests that are configured by the lines of a rabbitmq.conf. */
final class ConfiguredBroker {
  private ConfiguredBroker() {}

  /** Listens where tests do, unless the lines say otherwise. */
  static TestBroker start(String... lines) throws Exception {
    return TestBroker.startWith(base -> over(base, lines));
  }

  /**
   * What holds with these lines.
   *
   * @throws IllegalArgumentException when they are wrong
   */
  static BrokerConfig over(BrokerConfig base, String... lines) {
    List<Given> given = new ArrayList<>();
    for (String line : lines) {
      String[] parts = line.split(" = ", 2);
      given.add(new Given(parts[0], parts[1], "test.conf:" + (given.size() + 1)));
    }
    try {
      return ConfigReader.read(new Configuration(given), base);
    } catch (StartupException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
