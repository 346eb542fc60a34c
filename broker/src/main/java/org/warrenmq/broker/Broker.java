package org.warrenmq.broker;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.amqp.Alarms;
import org.warrenmq.broker.amqp.AmqpServer;
import org.warrenmq.broker.amqp.ReplyRoutes;
import org.warrenmq.broker.auth.AuthBackend;
import org.warrenmq.broker.auth.DefaultUser;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.config.StartupException;
import org.warrenmq.broker.topology.Topology;
import org.warrenmq.router.ExchangeTypes;

/**
 * A running broker: puts the parts together, starts them in order and stops them in reverse. Made
 * and closed by one thread; its parts run on their own.
 */
public final class Broker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Broker.class);
  private static final long CLOSE_SECONDS = 8;

  private final Vertx vertx;
  private final Topology topology;
  private final List<AmqpServer> servers;
  private final Alarms alarms;
  private final int amqpPort;

  private Broker(
      Vertx vertx, Topology topology, List<AmqpServer> servers, Alarms alarms, int amqpPort) {
    this.vertx = vertx;
    this.topology = topology;
    this.servers = servers;
    this.alarms = alarms;
    this.amqpPort = amqpPort;
  }

  /**
   * Starts a broker; when this returns it accepts connections.
   *
   * @throws StartupException with one clear sentence when it cannot
   */
  public static Broker start(BrokerConfig config) throws StartupException {
    prepare(config.dataDir());
    BrokerConfig.Account account = config.account();
    AuthBackend auth = new DefaultUser(account.user(), account.password(), account.loopbackOnly());
    Topology topology = new Topology(ExchangeTypes.load(), account.vhost());
    topology.start();
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions()
                .setPreferNativeTransport(true)
                .setEventLoopPoolSize(config.eventLoops())
                .setWorkerPoolSize(2)
                .setInternalBlockingPoolSize(2));
    List<AmqpServer> servers = new ArrayList<>();
    ReplyRoutes replyRoutes = new ReplyRoutes();
    Alarms alarms = new Alarms(config.limits().memoryWatermark());
    alarms.start();
    AtomicInteger port = new AtomicInteger(config.listeners().port());
    try {
      for (int i = 0; i < config.eventLoops(); i++) {
        AmqpServer server = new AmqpServer(config, auth, topology, replyRoutes, alarms, port::set);
        await(vertx.deployVerticle(server, new DeploymentOptions()));
        servers.add(server);
      }
    } catch (StartupException e) {
      alarms.close();
      vertx.close();
      topology.close();
      throw new StartupException(
          "cannot listen on %s:%d: %s"
              .formatted(config.listeners().host(), port.get(), e.getMessage()),
          e);
    }
    log.info("AMQP 0-9-1 listening on {}:{}", config.listeners().host(), port.get());
    return new Broker(vertx, topology, List.copyOf(servers), alarms, port.get());
  }

  private static void prepare(Path dataDir) throws StartupException {
    if (Files.exists(dataDir) && !Files.isDirectory(dataDir)) {
      throw new StartupException("the data folder " + dataDir + " is a file");
    }
    try {
      Files.createDirectories(dataDir);
    } catch (IOException e) {
      throw new StartupException("cannot make the data folder " + dataDir + ": " + e, e);
    }
    if (!Files.isWritable(dataDir)) {
      throw new StartupException("the data folder " + dataDir + " is not writable");
    }
  }

  private static <T> void await(Future<T> future) throws StartupException {
    try {
      future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (ExecutionException | CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new StartupException(String.valueOf(cause.getMessage()), cause);
    } catch (TimeoutException e) {
      throw new StartupException("no answer within 30 s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartupException("interrupted", e);
    }
  }

  /** The port that AMQP clients connect to. */
  public int amqpPort() {
    return amqpPort;
  }

  /**
   * Sets the memory watermark of the running broker, as rabbitmqctl set_vm_memory_high_watermark
   * does; it holds within a second.
   *
   * @param bytes of heap in use above which publishers are blocked
   */
  public void setMemoryWatermark(long bytes) {
    alarms.watermark(bytes);
  }

  /** Closes connections with 320, waits for them within bounds, and stops. */
  @Override
  public void close() {
    alarms.close();
    for (AmqpServer server : servers) {
      server.shutDown("broker forced connection closure with reason 'shutdown'");
    }
    for (AmqpServer server : servers) {
      server.awaitClosed(CLOSE_SECONDS, TimeUnit.SECONDS);
    }
    try {
      await(vertx.close());
    } catch (StartupException e) {
      log.warn("event loops did not stop: {}", e.getMessage());
    }
    topology.close();
  }
}
