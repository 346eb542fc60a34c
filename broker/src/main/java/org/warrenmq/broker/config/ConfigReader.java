package org.warrenmq.broker.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes the broker's configuration of what was given. Stateless, any thread. */
public final class ConfigReader {
  private final Configuration given;

  private ConfigReader(Configuration given) {
    this.given = given;
  }

  /**
   * @param base what holds where nothing was given
   * @throws StartupException with what is wrong
   */
  public static BrokerConfig read(Configuration given, BrokerConfig base) throws StartupException {
    List<String> problems = given.problems();
    if (!problems.isEmpty()) {
      throw new StartupException(
          problems.size() == 1
              ? problems.getFirst()
              : "%s (and %d more: see 'config check')"
                  .formatted(problems.getFirst(), problems.size() - 1));
    }
    return new ConfigReader(given).over(base);
  }

  /** A port number from the command line. */
  public static int port(String option, int number) throws StartupException {
    if (ValueType.PORT.parse(String.valueOf(number)) == null) {
      throw new StartupException(
          "%s = %d: expected %s".formatted(option, number, ValueType.PORT.expected()));
    }
    return number;
  }

  private BrokerConfig over(BrokerConfig base) throws StartupException {
    long turnTimeout = given.get(Settings.TURN_TIMEOUT, base.turnTimeout().toSeconds());
    return new BrokerConfig(
        listeners(base.listeners()),
        given.get(Settings.DATA_DIR, base.dataDir()),
        given.get(Settings.EVENT_LOOPS, (long) base.eventLoops()).intValue(),
        Duration.ofSeconds(turnTimeout),
        limits(base.limits()),
        storage(base.storage()),
        account(base.account()),
        given.get(Settings.CLUSTER_NAME, base.clusterName()),
        given.get(Settings.EXPIRE_AT_HEAD_ONLY, base.expireAtHeadOnly()),
        given.get(Settings.LOG_LEVEL, base.logLevel()),
        SecurityReader.read(given, base.security()),
        NodeReader.limits(given, base.nodeLimits()),
        NodeReader.vhosts(given, base.newVhosts()));
  }

  /** All there are, or those of the base where there is none; in the order of their keys. */
  private BrokerConfig.Listeners listeners(BrokerConfig.Listeners base) throws StartupException {
    List<BrokerConfig.Listener> tcp = List.copyOf(given.all(Settings.LISTENER).values());
    List<BrokerConfig.Listener> tls = List.copyOf(given.all(SecuritySettings.LISTENER).values());
    if (tcp.isEmpty() && given.get(Settings.NO_LISTENER) == null) {
      tcp = base.amqp();
    }
    if (tcp.isEmpty() && tls.isEmpty()) {
      throw new StartupException(
          "%s: listeners.tcp = none: there would be no way in, give a listeners.ssl.$name"
              .formatted(given.place(Settings.NO_LISTENER)));
    }
    BrokerConfig.Listeners all =
        new BrokerConfig.Listeners(tcp, tls, ManagementReader.read(given, base.management()));
    List<String> hosts = all.hosts();
    if (hosts.contains("0.0.0.0") && hosts.stream().anyMatch(host -> host.contains(":"))) {
      throw new StartupException(
          "%s: listeners.tcp.*: 0.0.0.0 is all of IPv4 and nothing else, with IPv6 beside it write [::], which is all of both"
              .formatted(given.place(Settings.LISTENER)));
    }
    return all;
  }

  private BrokerConfig.Limits limits(BrokerConfig.Limits base) {
    long heartbeat = given.get(Settings.HEARTBEAT, base.heartbeat().toSeconds());
    long handshake = given.get(Settings.HANDSHAKE_TIMEOUT, base.handshakeTimeout().toMillis());
    long channelMax =
        given.get(Settings.MAX_CHANNELS, given.get(Settings.CHANNEL_MAX, (long) base.channelMax()));
    BrokerConfig.ConsumerTimeout timeout = base.consumerTimeout();
    return new BrokerConfig.Limits(
        Duration.ofSeconds(heartbeat),
        Duration.ofMillis(handshake),
        given.get(Settings.FRAME_MAX, (long) base.frameMax()).intValue(),
        given.get(Settings.INITIAL_FRAME_MAX, (long) base.initialFrameMax()).intValue(),
        (int) channelMax,
        given.get(Settings.MAX_MESSAGE_SIZE, base.maxMessageSize()),
        watermark(base.memoryWatermark()),
        new BrokerConfig.ConsumerTimeout(
            given.get(Settings.CONSUMER_TIMEOUT, timeout.millis()),
            given.get(Settings.CONSUMER_TIMEOUT_ACTION, timeout.action())));
  }

  private long watermark(long otherwise) {
    Double share = given.get(Settings.RELATIVE_WATERMARK);
    return share == null
        ? given.get(Settings.ABSOLUTE_WATERMARK, otherwise)
        : BrokerConfig.watermark(share);
  }

  private BrokerConfig.Storage storage(BrokerConfig.Storage base) {
    return new BrokerConfig.Storage(
        given.get(Settings.DURABILITY, base.durability()),
        given.get(Settings.WAL_DAMAGE, base.walDamage()),
        diskFreeLimit(base.diskFreeLimit()),
        given.get(Settings.STORE_MEMORY, base.memory()),
        given.get(Settings.MESSAGE_MEMORY, base.messageMemory()),
        base.pendingMemory());
  }

  private BrokerConfig.DiskFreeLimit diskFreeLimit(BrokerConfig.DiskFreeLimit otherwise) {
    Double share = given.get(Settings.RELATIVE_DISK_LIMIT);
    @Nullable Long bytes = given.get(Settings.ABSOLUTE_DISK_LIMIT);
    if (share != null) {
      return new BrokerConfig.DiskFreeLimit.Relative(share);
    }
    return bytes == null ? otherwise : new BrokerConfig.DiskFreeLimit.Absolute(bytes);
  }

  private BrokerConfig.Account account(BrokerConfig.Account base) throws StartupException {
    String user = given.get(Settings.USER, base.user());
    return new BrokerConfig.Account(
        user,
        given.get(Settings.PASSWORD, base.password()),
        isLoopbackOnly(user),
        given.get(Settings.VHOST, base.vhost()),
        NodeReader.rights(given, base.rights()),
        definitions(base.definitions()));
  }

  private BrokerConfig.@Nullable Definitions definitions(
      BrokerConfig.@Nullable Definitions otherwise) {
    return Stream.of(
            DefinitionSettings.LOAD, DefinitionSettings.LOCAL, DefinitionSettings.MANAGEMENT)
        .flatMap(key -> Stream.ofNullable(given.get(key)))
        .findFirst()
        .map(path -> new BrokerConfig.Definitions(path, given.get(DefinitionSettings.SKIP, false)))
        .orElse(otherwise);
  }

  /** loopback_users is a list of names: guest, unless somebody says otherwise. */
  private boolean isLoopbackOnly(String user) {
    Map<String, Boolean> named = given.all(Settings.LOOPBACK_USER);
    boolean listed = given.get(Settings.NO_LOOPBACK_USERS) == null && user.equals("guest");
    return named.getOrDefault(user, listed);
  }
}
