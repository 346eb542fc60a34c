package org.warrenmq.broker;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.admin.node.Caller;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.broker.alarms.Alarms;
import org.warrenmq.broker.alarms.DiskSpace;
import org.warrenmq.broker.amqp.AmqpServer;
import org.warrenmq.broker.amqp.Census;
import org.warrenmq.broker.amqp.OperatorMessages;
import org.warrenmq.broker.amqp.ReplyRoutes;
import org.warrenmq.broker.amqp.Usage;
import org.warrenmq.broker.audit.AuditLog;
import org.warrenmq.broker.audit.AuditedLogins;
import org.warrenmq.broker.auth.Accounts;
import org.warrenmq.broker.auth.AuthBackend;
import org.warrenmq.broker.auth.LateRefusals;
import org.warrenmq.broker.auth.LoginAttempts;
import org.warrenmq.broker.config.AuditConfig;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.config.StartupException;
import org.warrenmq.broker.config.TlsConfig;
import org.warrenmq.broker.http.ChangeDesk;
import org.warrenmq.broker.http.NodeContents;
import org.warrenmq.broker.http.NodeLogins;
import org.warrenmq.broker.http.NodeMessages;
import org.warrenmq.broker.http.NodeState;
import org.warrenmq.broker.sockets.Admission;
import org.warrenmq.broker.sockets.Listening;
import org.warrenmq.broker.tls.ServerTls;
import org.warrenmq.broker.topology.Topology;
import org.warrenmq.broker.topology.TopologyRoom;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.loop.NodeMemory;
import org.warrenmq.engine.loop.NodeMemory.Level;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.DiskMessageStore;
import org.warrenmq.router.ExchangeTypes;
import org.warrenmq.store.Store;
import org.warrenmq.store.StoreException;

/**
 * A running broker: puts the parts together, starts them in order and stops them in reverse. Made
 * and closed by one thread; its parts run on their own.
 *
 * <p>Order of the start: the disk, the loops, what the disk has to tell, and only then clients.
 */
public final class Broker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Broker.class);
  private static final long CLOSE_SECONDS = 8;

  /** How long clients get to hear that the disk failed. */
  private static final long FAIL_SECONDS = 2;

  /** The rest is for garbage, and for what nobody counts. */
  private static final double SHARE_FOR_CLIENTS = 0.6;

  /** How often is looked whether certificates have changed. */
  private static final long REFRESH_MILLIS = 5000;

  private final BrokerConfig config;
  private final OpenFiles files;

  /** Null where no certificate is configured. */
  private final @Nullable ServerTls tls;

  /** Null where the HTTP API does not speak it. */
  private final @Nullable ServerTls httpTls;

  /** Null where nothing is to be taken down. */
  private final @Nullable AuditLog audit;

  private final Store store;
  private final Vertx vertx;
  private final ExchangeTypes types;
  private final Topology topology;
  private final List<AmqpServer> servers = new ArrayList<>();
  private final Alarms alarms;
  private final NodeMemory memory;
  private final CompletableFuture<String> told = new CompletableFuture<>();
  private final OperatorCommands commands;
  private final AuthBackend auth;
  private final LoginAttempts attempts = new LoginAttempts();

  /** Of the listeners, in their order. */
  private final List<Integer> ports = new CopyOnWriteArrayList<>();

  private volatile @Nullable Watchdog watchdog;
  private volatile @Nullable Administration admin;

  /** Where the HTTP API is. */
  private volatile List<Facts.Listener> http = List.of();

  private Broker(BrokerConfig config, Function<Accounts, AuthBackend> backend)
      throws StartupException {
    this.config = config;
    files = OpenFiles.here();
    // Before anything is made that has to be closed again.
    TlsConfig certificates = config.security().tls();
    tls = certificates == null ? null : new ServerTls(certificates);
    TlsConfig httpCertificates = config.security().managementTls();
    httpTls = httpCertificates == null ? null : new ServerTls(httpCertificates);
    store = DataFolder.open(config, files, this::storageFailed);
    DiskMessageStore messages = new DiskMessageStore(store);
    memory = new NodeMemory(Long.MAX_VALUE);
    types = ExchangeTypes.load();
    topology =
        new Topology(
            types,
            messages,
            memory,
            config.expireAtHeadOnly(),
            config.nodeLimits(),
            config.newVhosts());
    alarms =
        new Alarms(
            memory,
            config.limits().memoryWatermark(),
            DiskSpace.limit(config.storage().diskFreeLimit()),
            () -> DiskSpace.free(config.dataDir()));
    AuditConfig auditing = config.security().audit();
    audit = auditing.enabled() ? new AuditLog(auditing, config.dataDir()) : null;
    commands = new OperatorCommands(store, alarms, topology, audit);
    auth = audited(backend.apply(topology.accounts()));
    vertx =
        EventLoops.start(
            config.eventLoops(),
            Listening.on(
                config.listeners().hosts(),
                new Admission(files.connections(), this::refusesNewcomers)));
    AmqpServer.Shared shared =
        new AmqpServer.Shared(
            config,
            new LateRefusals(auth, attempts, LoginAttempts.Protocol.AMQP),
            topology,
            new Usage(config.nodeLimits()),
            new ReplyRoutes(),
            alarms,
            memory,
            messages,
            audit);
    for (int i = 0; i < config.eventLoops(); i++) {
      servers.add(new AmqpServer(shared, i));
    }
  }

  /**
   * Starts a broker; when this returns it accepts connections.
   *
   * @throws StartupException with one clear sentence when it cannot
   */
  public static Broker start(BrokerConfig config) throws StartupException {
    return start(config, new AuthBackends(config)::chain);
  }

  /**
   * @param auth makes who says who may log in, of the users that the node keeps
   */
  static Broker start(BrokerConfig config, Function<Accounts, AuthBackend> auth)
      throws StartupException {
    boolean isNew = !Store.isIn(config.dataDir());
    StartDefinitions definitions = new StartDefinitions(config.account().definitions());
    Broker broker = new Broker(config, auth);
    try {
      broker.run(config, definitions);
    } catch (StartupException e) {
      broker.closeParts();
      throw e;
    }
    List<String> hosts = config.listeners().hosts();
    for (int i = 0; i < hosts.size(); i++) {
      String what = i < config.listeners().amqp().size() ? "AMQP 0-9-1" : "AMQP 0-9-1 over TLS";
      log.info("{} listening on {}:{}", what, hosts.get(i), broker.ports.get(i));
    }
    for (Facts.Listener place : broker.http) {
      log.info("HTTP API at {}://{}:{}", place.protocol(), place.address(), place.port());
    }
    log.info("at most {} connections at a time", broker.files.connections());
    if (isNew) {
      // Who started in the wrong place would look for everything in vain.
      log.warn("the data folder {} is new: this broker begins empty", config.dataDir());
    }
    return broker;
  }

  private void run(BrokerConfig config, StartDefinitions definitions) throws StartupException {
    for (AmqpServer server : servers) {
      await(vertx.deployVerticle(server, new DeploymentOptions()));
    }
    // Before what is brought back, which is charged.
    memory.budget(memoryForClients());
    restore(config.account(), definitions);
    topology.start();
    alarms.start();
    watch(config.turnTimeout());
    NodeState state = new NodeState(config, memory, alarms, types, this::listeners);
    Census census = new Census(servers);
    NodeContents contents = new NodeContents(topology, state, census);
    ChangeDesk changes = new ChangeDesk(topology, census, store, audit);
    definitions.load(contents, changes.of(Caller.local()));
    for (BrokerConfig.Listener listener : config.listeners().amqp()) {
      listen(listener, null);
    }
    ServerTls certificates = tls;
    if (certificates != null) {
      for (BrokerConfig.Listener listener : config.listeners().amqps()) {
        listen(listener, certificates);
      }
      watch(certificates);
    }
    if (httpTls != null) {
      watch(httpTls);
    }
    administer(contents, changes);
  }

  /** Lets in who administers the node. */
  private void administer(NodeContents contents, ChangeDesk changes) throws StartupException {
    OperatorMessages messages =
        new OperatorMessages(servers.getFirst().home(), alarms, config.limits().maxMessageSize());
    Administration started =
        new Administration(
            config.listeners().management(),
            httpTls,
            files.http(),
            new NodeLogins(
                new LateRefusals(auth, attempts, LoginAttempts.Protocol.HTTP),
                attempts,
                AuthBackends.loopbackUsers(config)),
            contents,
            changes,
            new NodeMessages(topology, messages));
    admin = started;
    http = started.open(store.folder());
  }

  /** Those that are open by now. */
  private List<Facts.Listener> listeners() {
    List<Facts.Listener> all = new ArrayList<>();
    List<String> hosts = config.listeners().hosts();
    for (int i = 0; i < ports.size(); i++) {
      String protocol = i < config.listeners().amqp().size() ? "amqp" : "amqp/ssl";
      all.add(new Facts.Listener(protocol, hosts.get(i), ports.get(i)));
    }
    all.addAll(http);
    return all;
  }

  private AuthBackend audited(AuthBackend auth) {
    return audit == null ? auth : new AuditedLogins(auth, audit);
  }

  private void watch(ServerTls certificates) {
    vertx.setPeriodic(REFRESH_MILLIS, _ -> vertx.executeBlocking(() -> refreshed(certificates)));
  }

  private static boolean refreshed(ServerTls certificates) {
    certificates.refresh();
    return true;
  }

  /** A part of what the heap has beside what a start takes. */
  private static long memoryForClients() {
    Runtime runtime = Runtime.getRuntime();
    long used = runtime.totalMemory() - runtime.freeMemory();
    long largest = runtime.maxMemory();
    return (long) ((largest - Math.min(used, largest / 4)) * SHARE_FOR_CLIENTS);
  }

  private void watch(Duration turnTimeout) {
    TopologyRoom room = topology.room();
    List<Watchdog.Watched> rooms = new ArrayList<>();
    rooms.add(new Watchdog.Watched("the topology", room, room::turns, room::stackTrace));
    for (AmqpServer server : servers) {
      RoomLoop loop = server.loop();
      String name = "event loop " + rooms.size();
      rooms.add(new Watchdog.Watched(name, loop, loop::turns, loop::stackTrace));
    }
    Watchdog started = new Watchdog(turnTimeout, List.copyOf(rooms));
    watchdog = started;
    started.start();
  }

  /** Where queues hold the memory, somebody must be able to come and empty them. */
  private boolean refusesNewcomers() {
    return memory.isAtLeast(Level.REFUSING) && memory.isHeldByConnections();
  }

  /** Lets clients in there, on every loop. */
  private void listen(BrokerConfig.Listener at, @Nullable ServerTls by) throws StartupException {
    int number = ports.size() + 1;
    int port = at.port();
    try {
      for (AmqpServer server : servers) {
        port = await(server.listen(at, number, by));
      }
    } catch (StartupException e) {
      throw new StartupException(
          "cannot listen on %s:%d: %s".formatted(at.host(), port, e.getMessage()), e);
    }
    ports.add(port);
  }

  private void restore(BrokerConfig.Account account, StartDefinitions definitions)
      throws StartupException {
    try {
      List<LoopStore> homes = servers.stream().map(AmqpServer::home).toList();
      topology.restore(store.recover(), homes, definitions.bringVhosts() ? null : account.vhost());
      if (!definitions.bringUsers()) {
        topology.beginAccounts(account.user(), account.password(), account.rights());
      }
    } catch (RuntimeException e) {
      throw new StartupException(
          "what is in %s does not come back: %s".formatted(store.folder(), e.getMessage()), e);
    }
  }

  private static <T> T await(Future<T> future) throws StartupException {
    try {
      return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
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

  /** Bytes held for clients, about. Any thread. */
  long bytesHeld() {
    return memory.used();
  }

  /** The port that AMQP clients connect to, at the first of the listeners. */
  public int amqpPort() {
    return ports.getFirst();
  }

  /** The port of the HTTP API; 0 where it is there by TLS only. */
  public int httpPort() {
    return port("http");
  }

  /** Its port by TLS; 0 where there is none. */
  public int httpsPort() {
    return port("https");
  }

  private int port(String protocol) {
    return http.stream()
        .filter(place -> place.protocol().equals(protocol))
        .mapToInt(Facts.Listener::port)
        .findFirst()
        .orElse(0);
  }

  /** The ports of all AMQP listeners, in their order. */
  public List<Integer> amqpPorts() {
    return List.copyOf(ports);
  }

  /**
   * Takes what may change while it runs: the alarms' limits at once, what connections go by for
   * those to come. Any thread.
   *
   * @throws StartupException when a certificate is not what it has to be: then nothing has changed
   */
  void reload(BrokerConfig config) throws StartupException {
    List<Runnable> certificates = new ArrayList<>();
    prepare(tls, config.security().tls(), certificates);
    prepare(httpTls, config.security().managementTls(), certificates);
    certificates.forEach(Runnable::run);
    alarms.watermark(config.limits().memoryWatermark());
    alarms.diskFreeLimit(DiskSpace.limit(config.storage().diskFreeLimit()));
    servers.forEach(server -> server.configure(config));
  }

  private static void prepare(
      @Nullable ServerTls tls, @Nullable TlsConfig config, List<Runnable> prepared)
      throws StartupException {
    if (tls != null && config != null) {
      prepared.add(tls.prepare(config));
    }
  }

  /** What an operator can ask of it. */
  public OperatorCommands commands() {
    return commands;
  }

  /**
   * Completed with one sentence when the disk failed, after clients were told: nothing is confirmed
   * any more, and the process should end.
   */
  public CompletableFuture<String> failed() {
    return told;
  }

  /** On the store's thread, which has more to do than to wait for clients. */
  private void storageFailed(StoreException failure) {
    Thread.ofPlatform()
        .name("warren-failure")
        .start(() -> fail(String.valueOf(failure.getMessage())));
  }

  private void fail(String reason) {
    log.error("the node stops: {}", reason);
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(FAIL_SECONDS);
    for (AmqpServer server : servers) {
      server.fail("the node's storage failed");
    }
    for (AmqpServer server : servers) {
      server.awaitClosed(until - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
    told.complete(reason);
  }

  /** Closes connections with 320, waits for them within bounds, and stops. */
  @Override
  public void close() {
    stopWatching();
    stopAdministration();
    for (AmqpServer server : servers) {
      server.shutDown("broker forced connection closure with reason 'shutdown'");
    }
    for (AmqpServer server : servers) {
      server.awaitClosed(CLOSE_SECONDS, TimeUnit.SECONDS);
    }
    stopQueues();
    closeParts();
  }

  /** What was never delivered must not come back as redelivered: queues say how far they are. */
  private void stopQueues() {
    List<CountDownLatch> stopped = new ArrayList<>();
    topology
        .stopQueues()
        .forEach(
            (loop, mail) -> {
              CountDownLatch done = new CountDownLatch(1);
              stopped.add(done);
              loop.post(() -> mail.forEach(one -> loop.send(loop, one)));
              loop.post(() -> handOver(loop, done));
            });
    try {
      for (CountDownLatch done : stopped) {
        done.await(CLOSE_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void handOver(RoomLoop loop, CountDownLatch done) {
    loop.postOutgoing();
    done.countDown();
  }

  private void stopWatching() {
    alarms.close();
    Watchdog watching = watchdog;
    if (watching != null) {
      watching.close();
    }
  }

  private void stopAdministration() {
    Administration administration = admin;
    if (administration != null) {
      admin = null;
      administration.close();
    }
  }

  private void closeParts() {
    stopWatching();
    stopAdministration();
    try {
      await(vertx.close());
    } catch (StartupException e) {
      log.warn("event loops did not stop: {}", e.getMessage());
    }
    if (tls != null) {
      tls.close();
    }
    if (httpTls != null) {
      httpTls.close();
    }
    topology.close();
    store.close();
    if (audit != null) {
      audit.close();
    }
  }
}
