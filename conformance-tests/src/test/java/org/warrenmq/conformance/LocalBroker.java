package org.warrenmq.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.warrenmq.broker.Broker;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.config.StartupException;

/** The broker of this project inside the test process; owns its data directory. */
final class LocalBroker implements BrokerEndpoint {
  /** Event loops, so that connections and their queues mostly live on different ones. */
  private static final int SEVERAL = 3;

  private final Broker broker;
  private final Path dataDir;

  private LocalBroker(Broker broker, Path dataDir) {
    this.broker = broker;
    this.dataDir = dataDir;
  }

  static LocalBroker start() {
    try {
      Path dataDir = Files.createTempDirectory("warren-conformance");
      BrokerConfig config =
          BrokerConfig.defaults()
              .withPort(0)
              .withManagementPort(0)
              .withDataDir(dataDir)
              .withEventLoops(SEVERAL);
      return new LocalBroker(Broker.start(config), dataDir);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (StartupException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String uri() {
    return "amqp://guest:guest@127.0.0.1:" + broker.amqpPort();
  }

  @Override
  public void close() throws Exception {
    broker.close();
    try (Stream<Path> files = Files.walk(dataDir)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
