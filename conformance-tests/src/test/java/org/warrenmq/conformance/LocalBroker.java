package org.warrenmq.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.warrenmq.broker.Broker;
import org.warrenmq.broker.auth.SaslMechanism;
import org.warrenmq.broker.auth.SaslMechanisms;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.config.SecurityConfig;
import org.warrenmq.broker.config.StartupException;

/**
 * The broker of this project inside the test process; owns its data directory. Used by the test
 * thread.
 */
public final class LocalBroker implements BrokerEndpoint {
  /** Event loops, so that connections and their queues mostly live on different ones. */
  private static final int SEVERAL = 3;

  private final BrokerConfig config;
  private Broker broker;

  private LocalBroker(BrokerConfig config) throws StartupException {
    this.config = config;
    this.broker = Broker.start(config);
  }

  /** Starts one on a free port, with an empty folder. */
  public static LocalBroker start() {
    try {
      Path dataDir = Files.createTempDirectory("warren-conformance");
      BrokerConfig config =
          BrokerConfig.defaults()
              .withPort(0)
              .withManagementPort(0)
              .withDataDir(dataDir)
              .withEventLoops(SEVERAL)
              .withSecurity(asRabbitmq());
      return new LocalBroker(config);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (StartupException e) {
      throw new IllegalStateException(e);
    }
  }

  /** ANONYMOUS is offered by RabbitMQ 4.0; here where it is configured. */
  private static SecurityConfig asRabbitmq() {
    return SecurityConfig.DEFAULTS.withMechanisms(
        SaslMechanisms.DEFAULTS.offering(
            List.of(SaslMechanism.PLAIN, SaslMechanism.AMQPLAIN, SaslMechanism.ANONYMOUS)));
  }

  @Override
  public String uri() {
    return "amqp://guest:guest@127.0.0.1:" + broker.amqpPort();
  }

  @Override
  public String httpUri() {
    return "http://127.0.0.1:" + broker.httpPort();
  }

  @Override
  public boolean canRestart() {
    return true;
  }

  /** In order, on the same folder, on another port. */
  @Override
  public void restart() throws StartupException {
    broker.close();
    broker = Broker.start(config);
  }

  @Override
  public boolean canControl() {
    return true;
  }

  @Override
  public String control(List<String> words) {
    return ControlRequest.succeed(config.dataDir(), words);
  }

  @Override
  public ControlRequest.Outcome tool(List<String> words) {
    return ControlRequest.run(config.dataDir(), words);
  }

  @Override
  public void close() throws Exception {
    broker.close();
    try (Stream<Path> files = Files.walk(config.dataDir())) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
