package org.warrenmq.broker;

import com.sun.management.OperatingSystemMXBean;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.transport.Transport;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.amqp.Alarms;
import org.warrenmq.broker.amqp.AmqpServer;
import org.warrenmq.broker.amqp.ReplyRoutes;
import org.warrenmq.broker.auth.AuthBackend;
import org.warrenmq.broker.auth.DefaultUser;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.config.StartupException;
import org.warrenmq.broker.control.ControlSocket;
import org.warrenmq.broker.sockets.Admission;
import org.warrenmq.broker.sockets.Listening;
import org.warrenmq.broker.sockets.PatientTransport;
import org.warrenmq.broker.sockets.SelectorTransport;
import org.warrenmq.broker.topology.Topology;
import org.warrenmq.broker.topology.TopologyRoom;
import org.warrenmq.engine.loop.NodeFault;
import org.warrenmq.engine.loop.NodeMemory;
import org.warrenmq.engine.loop.NodeMemory.Level;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.DiskMessageStore;
import org.warrenmq.router.ExchangeTypes;
import org.warrenmq.store.Store;
import org.warrenmq.store.StoreException;
import org.warrenmq.store.StoreOptions;

/**
 * A running broker: puts the parts together, starts them in order and stops them in reverse. Made
 * and closed by one thread; its parts run on their own.
 *
 * <p>Order of the start: the disk, the loops, what the disk has to tell, and only then clients.
 */
public final class Broker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Broker.class);
  private static final long CLOSE_SECONDS = 8;

  /** Written at once, roughly. */
  private static final long BATCH_BYTES = 16L << 20;

  /** How long clients get to hear that the disk failed. */
  private static final long FAIL_SECONDS = 2;

  private final OpenFiles files;

  /** The rest is for garbage, and for what nobody counts. */
  private static final double SHARE_FOR_CLIENTS = 0.6;

  private final Store store;
  private final Vertx vertx;
  private final Topology topology;
  private final List<AmqpServer> servers = new ArrayList<>();
  private final Alarms alarms;
  private final NodeMemory memory;
  private final CompletableFuture<String> told = new CompletableFuture<>();
  private final AtomicInteger port;
  private volatile @Nullable Watchdog watchdog;
  private volatile @Nullable ControlSocket control;

  private Broker(BrokerConfig config, AuthBackend auth) throws StartupException {
    port = new AtomicInteger(config.listeners().port());
    files = OpenFiles.here();
    store = open(config, files, this::storageFailed);
    DiskMessageStore messages = new DiskMessageStore(store);
    memory = new NodeMemory(Long.MAX_VALUE);
    topology = new Topology(ExchangeTypes.load(), config.account().vhost(), messages, memory);
    alarms =
        new Alarms(
            memory,
            config.limits().memoryWatermark(),
            diskFreeLimit(config.storage().diskFreeLimit()),
            () -> diskFree(config.dataDir()));
    vertx =
        vertx(
            config.eventLoops(),
            Listening.on(
                config.listeners().host(),
                new Admission(files.connections(), this::refusesNewcomers)));
    AmqpServer.Shared shared =
        new AmqpServer.Shared(config, auth, topology, new ReplyRoutes(), alarms, memory, messages);
    for (int i = 0; i < config.eventLoops(); i++) {
      servers.add(new AmqpServer(shared, port::set));
    }
  }

  private static Vertx vertx(int eventLoops, Listening listening) {
    VertxBuilder builder =
        Vertx.builder()
            .with(
                new VertxOptions()
                    .setPreferNativeTransport(true)
                    // Or each start makes a folder for files of the class path, which we never ask
                    // for, and a killed process leaves it there.
                    .setFileSystemOptions(
                        new FileSystemOptions()
                            .setFileCachingEnabled(false)
                            .setClassPathResolvingEnabled(false))
                    .setEventLoopPoolSize(eventLoops)
                    .setWorkerPoolSize(2)
                    .setInternalBlockingPoolSize(2));
    Transport patient = new PatientTransport(listening);
    if (!patient.available() && System.getProperty("os.name").equals("Linux")) {
      log.warn(
          "sockets are slower without epoll: {} ({})",
          "its library did not load, perhaps since java.io.tmpdir is mounted noexec",
          String.valueOf(patient.unavailabilityCause()));
    }
    Transport transport = patient.available() ? patient : new SelectorTransport(listening);
    Vertx vertx = builder.withTransport(transport).build();
    // What fails in a context of Vert.x: there, sockets are accepted.
    vertx.exceptionHandler(NodeFault::report);
    return vertx;
  }

  /**
   * Starts a broker; when this returns it accepts connections.
   *
   * @throws StartupException with one clear sentence when it cannot
   */
  public static Broker start(BrokerConfig config) throws StartupException {
    BrokerConfig.Account account = config.account();
    return start(
        config, new DefaultUser(account.user(), account.password(), account.loopbackOnly()));
  }

  /**
   * @param auth who says who may log in
   */
  static Broker start(BrokerConfig config, AuthBackend auth) throws StartupException {
    Broker broker = new Broker(config, auth);
    try {
      broker.run(config);
    } catch (StartupException e) {
      broker.closeParts();
      throw e;
    }
    log.info("AMQP 0-9-1 listening on {}:{}", config.listeners().host(), broker.port.get());
    log.info("at most {} connections at a time", broker.files.connections());
    return broker;
  }

  private void run(BrokerConfig config) throws StartupException {
    for (AmqpServer server : servers) {
      await(vertx.deployVerticle(server, new DeploymentOptions()));
    }
    // Before what is brought back, which is charged.
    memory.budget(memoryForClients());
    restore();
    topology.start();
    alarms.start();
    watch(config.turnTimeout());
    for (AmqpServer server : servers) {
      listen(server);
    }
    try {
      control = ControlSocket.open(store.folder(), this::command);
    } catch (IOException e) {
      log.warn("{}: backup of the running broker is not possible", e.getMessage());
    }
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

  /** What can be asked of a running broker; on the control socket's thread. */
  private String command(String request) {
    String[] words = request.split(" ", 2);
    if (words.length == 2 && words[0].equals("backup")) {
      backup(Path.of(words[1]));
      return "copied to " + words[1];
    }
    if (request.equals("memory")) {
      return "%d of %d bytes are held for clients, level %s; in kB: %s"
          .formatted(memory.used(), memory.budget(), memory.level(), memory.byKind());
    }
    throw new IllegalArgumentException("unknown command " + words[0]);
  }

  private void listen(AmqpServer server) throws StartupException {
    try {
      await(server.listen());
    } catch (StartupException e) {
      throw new StartupException(
          "cannot listen on %s:%d: %s"
              .formatted(server.settings().listeners().host(), port.get(), e.getMessage()),
          e);
    }
  }

  private void restore() throws StartupException {
    try {
      topology.restore(store.recover(), servers.stream().map(AmqpServer::home).toList());
    } catch (RuntimeException e) {
      throw new StartupException(
          "what is in %s does not come back: %s".formatted(store.folder(), e.getMessage()), e);
    }
  }

  private static Store open(
      BrokerConfig config, OpenFiles files, Consumer<StoreException> onFailure)
      throws StartupException {
    BrokerConfig.Storage storage = config.storage();
    Path folder = config.dataDir();
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new StartupException("the data folder " + folder + " is a file");
    }
    try {
      Store.createFolder(folder);
    } catch (IOException e) {
      throw new StartupException("cannot make the data folder " + folder + ": " + e, e);
    }
    if (!Files.isWritable(folder)) {
      throw new StartupException("the data folder " + folder + " is not writable");
    }
    try {
      return Store.open(
          folder,
          StoreOptions.within(storage.memory())
              .withDurability(storage.durability())
              .withWalDamage(storage.walDamage())
              .withPending(storage.pendingMemory(), BATCH_BYTES)
              .withOpenFiles(files.tables())
              .withBodyBytes(storage.bodyMemory()),
          DiskMessageStore.bodySize(),
          onFailure);
    } catch (StoreException e) {
      throw new StartupException(String.valueOf(e.getMessage()), e);
    }
  }

  private static long diskFreeLimit(BrokerConfig.DiskFreeLimit limit) {
    return switch (limit) {
      case BrokerConfig.DiskFreeLimit.Absolute(long bytes) -> bytes;
      case BrokerConfig.DiskFreeLimit.Relative(double share) ->
          ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
              ? (long) (system.getTotalMemorySize() * share)
              : 0;
    };
  }

  /** A disk that does not tell is no reason to stop: its errors are. */
  private static long diskFree(Path folder) {
    try {
      FileStore disk = Files.getFileStore(folder);
      return disk.getUsableSpace();
    } catch (IOException e) {
      log.warn("free space of {} is not known: {}", folder, e.toString());
      return Long.MAX_VALUE;
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

  /** The port that AMQP clients connect to. */
  public int amqpPort() {
    return port.get();
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

  /**
   * Sets the memory watermark of the running broker, as rabbitmqctl set_vm_memory_high_watermark
   * does; it holds within a second.
   *
   * @param bytes of heap in use above which publishers are blocked
   */
  public void setMemoryWatermark(long bytes) {
    alarms.watermark(bytes);
  }

  /**
   * Sets the limit of free disk of the running broker, as rabbitmqctl set_disk_free_limit does; it
   * holds within a second.
   *
   * @param bytes free on the data folder's disk below which publishers are blocked
   */
  public void setDiskFreeLimit(long bytes) {
    alarms.diskFreeLimit(bytes);
  }

  /**
   * Copies everything that lasts, as of now, into a folder that must not exist; the broker goes on.
   * Another broker can be started on the copy.
   *
   * @throws StoreException when the copy cannot be made
   */
  public void backup(Path target) {
    store.checkpoint(target);
  }

  /** Closes connections with 320, waits for them within bounds, and stops. */
  @Override
  public void close() {
    stopWatching();
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

  private void closeParts() {
    stopWatching();
    ControlSocket socket = control;
    if (socket != null) {
      socket.close();
    }
    try {
      await(vertx.close());
    } catch (StartupException e) {
      log.warn("event loops did not stop: {}", e.getMessage());
    }
    topology.close();
    store.close();
  }
}
