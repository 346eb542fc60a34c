package org.warrenmq.broker;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.warrenmq.broker.auth.AuthBackend;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.config.StartupException;

/** A broker inside the test process on a free port; owns its data folder, unless given one. */
final class TestBroker implements AutoCloseable {
  /** Longest wait for anything a broker should do at once. */
  static final Duration LIMIT = Duration.ofSeconds(10);

  /** More than one loop, so that a connection and a queue live apart in some tests. */
  private static final int LOOPS = 2;

  private final Broker broker;
  private final Path dataDir;
  private final boolean ownsDataDir;

  private TestBroker(Broker broker, Path dataDir, boolean ownsDataDir) {
    this.broker = broker;
    this.dataDir = dataDir;
    this.ownsDataDir = ownsDataDir;
  }

  static TestBroker start() throws IOException, StartupException {
    return start(limits -> limits);
  }

  /**
   * @param change of the default limits; the memory alarm is off before it
   */
  static TestBroker start(UnaryOperator<BrokerConfig.Limits> change)
      throws IOException, StartupException {
    Path dataDir = Files.createTempDirectory("warren-broker");
    return new TestBroker(Broker.start(config(dataDir, change)), dataDir, true);
  }

  /**
   * @param auth who says who may log in
   */
  static TestBroker start(UnaryOperator<BrokerConfig.Limits> change, AuthBackend auth)
      throws IOException, StartupException {
    Path dataDir = Files.createTempDirectory("warren-broker");
    return new TestBroker(Broker.start(config(dataDir, change), _ -> auth), dataDir, true);
  }

  /** A broker on a folder that outlives it. */
  static TestBroker startOn(Path dataDir) throws StartupException {
    return startOn(dataDir, limits -> limits);
  }

  static TestBroker startOn(Path dataDir, UnaryOperator<BrokerConfig.Limits> change)
      throws StartupException {
    return new TestBroker(Broker.start(config(dataDir, change)), dataDir, false);
  }

  /** One with any other configuration. */
  static TestBroker startWith(UnaryOperator<BrokerConfig> change) throws Exception {
    Path dataDir = Files.createTempDirectory("warren-test");
    BrokerConfig config = change.apply(config(dataDir, limits -> limits));
    return new TestBroker(Broker.start(config), dataDir, true);
  }

  private static BrokerConfig config(Path dataDir, UnaryOperator<BrokerConfig.Limits> change) {
    BrokerConfig defaults = BrokerConfig.defaults();
    return defaults
        .withListeners(new BrokerConfig.Listeners("127.0.0.1", 0, 0))
        .withDataDir(dataDir)
        .withEventLoops(LOOPS)
        .withLimits(change.apply(withMemoryWatermark(defaults.limits(), Long.MAX_VALUE)));
  }

  static BrokerConfig.Limits withMemoryWatermark(BrokerConfig.Limits limits, long bytes) {
    return new BrokerConfig.Limits(
        limits.heartbeat(),
        limits.handshakeTimeout(),
        limits.frameMax(),
        limits.initialFrameMax(),
        limits.channelMax(),
        limits.maxMessageSize(),
        bytes,
        limits.consumerTimeout());
  }

  static BrokerConfig.Limits withHandshakeTimeout(BrokerConfig.Limits limits, Duration timeout) {
    return new BrokerConfig.Limits(
        limits.heartbeat(),
        timeout,
        limits.frameMax(),
        limits.initialFrameMax(),
        limits.channelMax(),
        limits.maxMessageSize(),
        limits.memoryWatermark(),
        limits.consumerTimeout());
  }

  static BrokerConfig.Limits withFrameMax(BrokerConfig.Limits limits, int bytes) {
    return new BrokerConfig.Limits(
        limits.heartbeat(),
        limits.handshakeTimeout(),
        bytes,
        limits.initialFrameMax(),
        limits.channelMax(),
        limits.maxMessageSize(),
        limits.memoryWatermark(),
        limits.consumerTimeout());
  }

  static BrokerConfig.Limits withMaxMessageSize(BrokerConfig.Limits limits, long bytes) {
    return new BrokerConfig.Limits(
        limits.heartbeat(),
        limits.handshakeTimeout(),
        limits.frameMax(),
        limits.initialFrameMax(),
        limits.channelMax(),
        bytes,
        limits.memoryWatermark(),
        limits.consumerTimeout());
  }

  static BrokerConfig.Limits withConsumerTimeout(
      BrokerConfig.Limits limits, long millis, BrokerConfig.ConsumerTimeout.Action action) {
    return new BrokerConfig.Limits(
        limits.heartbeat(),
        limits.handshakeTimeout(),
        limits.frameMax(),
        limits.initialFrameMax(),
        limits.channelMax(),
        limits.maxMessageSize(),
        limits.memoryWatermark(),
        new BrokerConfig.ConsumerTimeout(millis, action));
  }

  Path dataDir() {
    return dataDir;
  }

  Broker broker() {
    return broker;
  }

  int port() {
    return broker.amqpPort();
  }

  /** Settings of a client that neither recovers by itself nor waits for ever. */
  ConnectionFactory factory() {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(port());
    factory.setAutomaticRecoveryEnabled(false);
    factory.setTopologyRecoveryEnabled(false);
    factory.setChannelRpcTimeout((int) LIMIT.toMillis());
    return factory;
  }

  Connection connect() throws IOException, TimeoutException {
    return factory().newConnection();
  }

  /** Waits for a condition, looking often. */
  static ConditionFactory await(String what) {
    return Awaitility.await(what)
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5));
  }

  @Override
  public void close() throws IOException {
    broker.close();
    if (!ownsDataDir) {
      return;
    }
    try (Stream<Path> files = Files.walk(dataDir)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
