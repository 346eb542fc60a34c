package org.warrenmq.broker.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.AdminConfig;
import org.warrenmq.store.StoreOptions;

/**
 * Everything that can be set, as one immutable record, passed to whoever needs it.
 *
 * @param listeners where the broker listens
 * @param dataDir folder for everything that lasts; made when missing
 * @param eventLoops threads that serve connections and queues, at least 1; by default half the
 *     processors: rooms that share a loop talk without waking each other, which measures a third
 *     cheaper than a loop per processor
 * @param turnTimeout how long one turn of a loop, or of the topology, may take before the node
 *     takes itself for stuck and ends, whole seconds; zero: however long
 * @param limits what a connection may do
 * @param storage how messages and definitions are kept
 * @param account the built-in user and virtual host
 * @param clusterName what connection.start announces as cluster_name
 * @param expireAtHeadOnly whether a message that is due stays in its queue as long as others are
 *     before it, as in RabbitMQ
 * @param logLevel what is logged
 * @param security how clients are told who they talk to, and the broker who they are
 * @param nodeLimits how much there may be of everything
 * @param newVhosts what virtual hosts begin with
 */
public record BrokerConfig(
    Listeners listeners,
    Path dataDir,
    int eventLoops,
    Duration turnTimeout,
    Limits limits,
    Storage storage,
    Account account,
    String clusterName,
    boolean expireAtHeadOnly,
    LogLevel logLevel,
    SecurityConfig security,
    NodeLimits nodeLimits,
    VhostDefaults newVhosts) {

  /**
   * Addresses and ports.
   *
   * @param amqp where AMQP clients are let in; one place at least, here or in the next list
   * @param amqps where they are let in by TLS
   * @param management the HTTP API
   */
  public record Listeners(List<Listener> amqp, List<Listener> amqps, AdminConfig management) {
    public Listeners {
      amqp = List.copyOf(amqp);
      amqps = List.copyOf(amqps);
    }

    /** With the usual HTTP API at another port. */
    public Listeners(List<Listener> amqp, List<Listener> amqps, int managementPort) {
      this(amqp, amqps, AdminConfig.defaults().withPort(managementPort));
    }

    /** Without TLS. */
    public Listeners(List<Listener> amqp, int managementPort) {
      this(amqp, List.of(), managementPort);
    }

    /** The hosts of all of them. */
    public List<String> hosts() {
      return Stream.concat(amqp.stream(), amqps.stream()).map(Listener::host).toList();
    }

    /** With one listener for AMQP. */
    public Listeners(String host, int port, int managementPort) {
      this(List.of(new Listener(host, port)), managementPort);
    }
  }

  /**
   * Where clients are let in.
   *
   * @param host an address of this machine, or the name of one
   * @param port 0 takes any free one
   */
  public record Listener(String host, int port) {}

  /**
   * Bounds of a connection.
   *
   * @param heartbeat interval offered in connection.tune, whole seconds; zero offers none
   * @param handshakeTimeout from accept to connection.open
   * @param frameMax largest frame offered in connection.tune, in bytes, at least 4096
   * @param initialFrameMax largest frame accepted before tune-ok, in bytes
   * @param channelMax channels per connection offered in connection.tune, 1 to 65535
   * @param maxMessageSize largest body accepted, in bytes, at most 512 MiB
   * @param memoryWatermark bytes of heap in use above which publishers are blocked
   * @param consumerTimeout how long a delivery may wait for its ack
   */
  public record Limits(
      Duration heartbeat,
      Duration handshakeTimeout,
      int frameMax,
      int initialFrameMax,
      int channelMax,
      long maxMessageSize,
      long memoryWatermark,
      ConsumerTimeout consumerTimeout) {}

  /**
   * The acknowledgement timeout.
   *
   * @param millis how long a delivery may wait for its ack where neither its queue nor its consumer
   *     says otherwise; 0: for ever
   * @param action what is done about one that has waited longer
   */
  public record ConsumerTimeout(long millis, Action action) {
    /** What is done. */
    public enum Action {
      /** It goes back to its queue, and its consumer is cancelled. */
      REQUEUE,
      /** Its channel is closed, as RabbitMQ does it. */
      CLOSE_CHANNEL
    }
  }

  /**
   * How the data folder is used.
   *
   * @param durability what a confirm proves
   * @param walDamage what a start does about synced records that do not read back
   * @param diskFreeLimit free bytes on the data folder's disk below which publishers are blocked
   * @param memory bytes for the store's caches and buffers, outside the heap
   * @param messageMemory bytes of heap for messages of all queues; beyond it they are kept on disk
   *     only and read back in time
   * @param pendingMemory bytes of heap for what waits to be written; beyond it publishers are not
   *     read
   */
  public record Storage(
      StoreOptions.Durability durability,
      StoreOptions.WalDamage walDamage,
      DiskFreeLimit diskFreeLimit,
      long memory,
      long messageMemory,
      long pendingMemory) {

    /** What holds on a heap of at most so many bytes. */
    static Storage within(long heap) {
      return new Storage(
          StoreOptions.Durability.SYNC,
          StoreOptions.WalDamage.REFUSE,
          new DiskFreeLimit.Absolute(50_000_000),
          Math.clamp(heap / 2, 64L << 20, 256L << 20),
          Math.max(8L << 20, heap / 5),
          Math.clamp(heap / 8, 8L << 20, 64L << 20));
    }

    /** The share of it that large bodies may take, which lie in pieces in the store. */
    public long bodyMemory() {
      return messageMemory / 4;
    }

    /** The share of it for everything in queues. */
    public long queueMemory() {
      return messageMemory - bodyMemory();
    }

    public Storage withDiskFreeLimit(DiskFreeLimit other) {
      return new Storage(durability, walDamage, other, memory, messageMemory, pendingMemory);
    }

    public Storage withMessageMemory(long other) {
      return new Storage(durability, walDamage, diskFreeLimit, memory, other, pendingMemory);
    }

    public Storage withDurability(StoreOptions.Durability other) {
      return new Storage(other, walDamage, diskFreeLimit, memory, messageMemory, pendingMemory);
    }
  }

  /** Free disk below which publishers are blocked. */
  public sealed interface DiskFreeLimit {
    record Absolute(long bytes) implements DiskFreeLimit {}

    /** A share of the machine's memory, as in RabbitMQ. */
    record Relative(double share) implements DiskFreeLimit {}
  }

  /**
   * What exists from the start.
   *
   * @param user name of the built-in user
   * @param password its password
   * @param loopbackOnly whether it may log in from this machine only
   * @param vhost name of the virtual host that exists then
   * @param rights what the user may do
   * @param definitions imported at each start, or null; where they bring users, the built-in one is
   *     not made, and where they bring virtual hosts, that one is not
   */
  public record Account(
      String user,
      String password,
      boolean loopbackOnly,
      String vhost,
      FirstRights rights,
      @Nullable Definitions definitions) {
    /** Who may do everything, without definitions. */
    public Account(String user, String password, boolean loopbackOnly, String vhost) {
      this(user, password, loopbackOnly, vhost, FirstRights.ALL, null);
    }

    /** Without the password: this may end up in a log. */
    @Override
    public String toString() {
      return "Account[" + user + "]";
    }
  }

  /**
   * Definitions that a start imports.
   *
   * @param path a file, or a folder of files
   * @param skipIfUnchanged whether that is not done again as long as they are the same
   */
  public record Definitions(Path path, boolean skipIfUnchanged) {}

  /** RabbitMQ's levels; those above error are errors here. */
  public enum LogLevel {
    DEBUG,
    INFO,
    NOTICE,
    WARNING,
    ERROR,
    CRITICAL,
    ALERT,
    EMERGENCY,
    NONE
  }

  /** Share of the largest heap above which publishers are blocked: RabbitMQ's share of memory. */
  private static final double DEFAULT_WATERMARK = 0.6;

  /** So much of the largest heap, in bytes. */
  static long watermark(double share) {
    return (long) (Runtime.getRuntime().maxMemory() * share);
  }

  /** What holds where nothing is set. */
  public static BrokerConfig defaults() {
    return new BrokerConfig(
        new Listeners("0.0.0.0", 5672, 15672),
        Path.of("data"),
        Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
        Duration.ofSeconds(30),
        new Limits(
            Duration.ofSeconds(60),
            Duration.ofSeconds(10),
            131072,
            4096,
            2047,
            16L << 20,
            watermark(DEFAULT_WATERMARK),
            new ConsumerTimeout(1_800_000, ConsumerTimeout.Action.REQUEUE)),
        Storage.within(Runtime.getRuntime().maxMemory()),
        new Account("guest", "guest", true, "/"),
        "warren@localhost",
        false,
        LogLevel.INFO,
        SecurityConfig.DEFAULTS,
        NodeLimits.NONE,
        VhostDefaults.NONE);
  }

  /** One AMQP listener, with another port than the first of these. */
  public BrokerConfig withPort(int port) {
    String host = listeners.amqp.isEmpty() ? "0.0.0.0" : listeners.amqp.getFirst().host();
    return withListeners(
        new Listeners(List.of(new Listener(host, port)), listeners.amqps, listeners.management));
  }

  public BrokerConfig withManagementPort(int port) {
    return withListeners(
        new Listeners(listeners.amqp, listeners.amqps, listeners.management.withPort(port)));
  }

  public BrokerConfig withListeners(Listeners other) {
    return new BrokerConfig(
        other,
        dataDir,
        eventLoops,
        turnTimeout,
        limits,
        storage,
        account,
        clusterName,
        expireAtHeadOnly,
        logLevel,
        security,
        nodeLimits,
        newVhosts);
  }

  public BrokerConfig withDataDir(Path other) {
    return new BrokerConfig(
        listeners,
        other,
        eventLoops,
        turnTimeout,
        limits,
        storage,
        account,
        clusterName,
        expireAtHeadOnly,
        logLevel,
        security,
        nodeLimits,
        newVhosts);
  }

  public BrokerConfig withEventLoops(int other) {
    return new BrokerConfig(
        listeners,
        dataDir,
        other,
        turnTimeout,
        limits,
        storage,
        account,
        clusterName,
        expireAtHeadOnly,
        logLevel,
        security,
        nodeLimits,
        newVhosts);
  }

  public BrokerConfig withTurnTimeout(Duration other) {
    return new BrokerConfig(
        listeners,
        dataDir,
        eventLoops,
        other,
        limits,
        storage,
        account,
        clusterName,
        expireAtHeadOnly,
        logLevel,
        security,
        nodeLimits,
        newVhosts);
  }

  public BrokerConfig withLimits(Limits other) {
    return new BrokerConfig(
        listeners,
        dataDir,
        eventLoops,
        turnTimeout,
        other,
        storage,
        account,
        clusterName,
        expireAtHeadOnly,
        logLevel,
        security,
        nodeLimits,
        newVhosts);
  }

  public BrokerConfig withStorage(Storage other) {
    return new BrokerConfig(
        listeners,
        dataDir,
        eventLoops,
        turnTimeout,
        limits,
        other,
        account,
        clusterName,
        expireAtHeadOnly,
        logLevel,
        security,
        nodeLimits,
        newVhosts);
  }

  public BrokerConfig withAccount(Account other) {
    return new BrokerConfig(
        listeners,
        dataDir,
        eventLoops,
        turnTimeout,
        limits,
        storage,
        other,
        clusterName,
        expireAtHeadOnly,
        logLevel,
        security,
        nodeLimits,
        newVhosts);
  }

  public BrokerConfig withExpireAtHeadOnly(boolean other) {
    return new BrokerConfig(
        listeners,
        dataDir,
        eventLoops,
        turnTimeout,
        limits,
        storage,
        account,
        clusterName,
        other,
        logLevel,
        security,
        nodeLimits,
        newVhosts);
  }

  public BrokerConfig withSecurity(SecurityConfig other) {
    return new BrokerConfig(
        listeners,
        dataDir,
        eventLoops,
        turnTimeout,
        limits,
        storage,
        account,
        clusterName,
        expireAtHeadOnly,
        logLevel,
        other,
        nodeLimits,
        newVhosts);
  }
}
