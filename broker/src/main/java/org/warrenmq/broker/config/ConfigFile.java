package org.warrenmq.broker.config;

import io.vertx.config.ConfigRetriever;
import io.vertx.config.ConfigRetrieverOptions;
import io.vertx.config.ConfigStoreOptions;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.store.StoreOptions;

/**
 * Reads a configuration in rabbitmq.conf's format ({@code key = value} lines). Keys that RabbitMQ
 * knows and we do not are named in a warning and skipped, so that existing files start unchanged; a
 * value that cannot be is an error naming key and value.
 */
public final class ConfigFile {
  private static final Logger log = LoggerFactory.getLogger(ConfigFile.class);
  private static final String LISTENERS = "listeners.tcp.";
  private static final String LOOPBACK_USERS = "loopback_users.";
  private static final Pattern SIZE = Pattern.compile("(\\d{1,15})\\s*([kKmMgGtT])?(i)?[bB]?");

  /** No size is larger. */
  private static final long MAX = 1L << 50;

  /** Nothing takes longer: ten years in milliseconds, as for x-expires. */
  private static final long LONGEST = 315_360_000_000L;

  private final JsonObject values;
  private final TreeSet<String> unread;

  private ConfigFile(JsonObject values) {
    this.values = values;
    this.unread = new TreeSet<>(values.fieldNames());
  }

  /**
   * @param base what holds where the file says nothing
   */
  public static BrokerConfig read(Path file, BrokerConfig base) throws StartupException {
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new StartupException("cannot read the configuration file " + file);
    }
    ConfigFile config = new ConfigFile(load(file));
    BrokerConfig read = config.over(base);
    for (String key : config.unread) {
      log.warn("{}: the key {} is not known and was skipped", file, key);
    }
    return read;
  }

  private static JsonObject load(Path file) throws StartupException {
    Vertx vertx = Vertx.vertx();
    try {
      ConfigStoreOptions store =
          new ConfigStoreOptions()
              .setType("file")
              .setFormat(ConfLines.FORMAT)
              .setConfig(new JsonObject().put("path", file.toAbsolutePath().toString()));
      return ConfigRetriever.create(
              vertx, new ConfigRetrieverOptions().setIncludeDefaultStores(false).addStore(store))
          .getConfig()
          .toCompletionStage()
          .toCompletableFuture()
          .get(10, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      String cause = e.getCause() == null ? "" : e.getCause().getMessage();
      throw new StartupException("cannot read the configuration file " + file + ": " + cause, e);
    } catch (TimeoutException e) {
      throw new StartupException("cannot read the configuration file " + file + " in time", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartupException("interrupted", e);
    } finally {
      vertx.close();
    }
  }

  private BrokerConfig over(BrokerConfig base) throws StartupException {
    BrokerConfig.Limits limits = base.limits();
    BrokerConfig.Account account = base.account();
    String user = text("default_user", account.user());
    String cluster = text("cluster_name");
    return new BrokerConfig(
        listeners(base.listeners()),
        path("warren.data_dir", base.dataDir()),
        (int) number("warren.event_loops", base.eventLoops(), 1, 256),
        Duration.ofSeconds(number("warren.turn_timeout", base.turnTimeout().toSeconds(), 0, 3600)),
        new BrokerConfig.Limits(
            Duration.ofSeconds(number("heartbeat", limits.heartbeat().toSeconds(), 0, 65535)),
            Duration.ofMillis(
                number("handshake_timeout", limits.handshakeTimeout().toMillis(), 100, 3600_000)),
            (int) number("frame_max", limits.frameMax(), 4096, Integer.MAX_VALUE / 2),
            (int) number("initial_frame_max", limits.initialFrameMax(), 4096, 1 << 20),
            (int) number("channel_max", limits.channelMax(), 1, 65535),
            number("max_message_size", limits.maxMessageSize(), 0, 512L << 20),
            watermark(limits.memoryWatermark()),
            consumerTimeout(limits.consumerTimeout())),
        storage(base.storage()),
        new BrokerConfig.Account(
            user,
            text("default_pass", account.password()),
            loopbackOnly(user),
            text("default_vhost", account.vhost())),
        cluster == null ? base.clusterName() : cluster,
        flag("warren.expire_at_head_only", base.expireAtHeadOnly()));
  }

  /** There is none where it is 0, or undefined: so RabbitMQ's Erlang configuration says it. */
  private BrokerConfig.ConsumerTimeout consumerTimeout(BrokerConfig.ConsumerTimeout base)
      throws StartupException {
    String key = "consumer_timeout";
    boolean none = "undefined".equals(text(key));
    return new BrokerConfig.ConsumerTimeout(
        none ? 0 : number(key, base.millis(), 0, LONGEST),
        choice(
            "warren.consumer_timeout_action",
            base.action(),
            BrokerConfig.ConsumerTimeout.Action.class));
  }

  /** All there are, or those of the base where there is none; in the order of their keys. */
  private BrokerConfig.Listeners listeners(BrokerConfig.Listeners base) throws StartupException {
    List<BrokerConfig.Listener> amqp = new ArrayList<>();
    for (String key : new TreeSet<>(values.fieldNames())) {
      if (key.startsWith(LISTENERS)) {
        amqp.add(listener(key, text(key, "")));
      }
    }
    List<String> hosts = amqp.stream().map(BrokerConfig.Listener::host).toList();
    if (hosts.contains("0.0.0.0") && hosts.stream().anyMatch(host -> host.contains(":"))) {
      throw new StartupException(
          "%s*: 0.0.0.0 is all of IPv4 and nothing else, with IPv6 beside it write [::], which is all of both"
              .formatted(LISTENERS));
    }
    return new BrokerConfig.Listeners(
        amqp.isEmpty() ? base.amqp() : amqp,
        (int) number("management.tcp.port", base.managementPort(), 0, 65535));
  }

  /** A port on all of IPv4, or an address and a port. */
  private static BrokerConfig.Listener listener(String key, String value) throws StartupException {
    int colon = value.lastIndexOf(':');
    String host = colon > 0 ? value.substring(0, colon).replaceAll("[\\[\\]]", "") : "0.0.0.0";
    return new BrokerConfig.Listener(host, (int) parse(key, value.substring(colon + 1), 0, 65535));
  }

  private BrokerConfig.Storage storage(BrokerConfig.Storage base) throws StartupException {
    return new BrokerConfig.Storage(
        choice("warren.durability", base.durability(), StoreOptions.Durability.class),
        choice("warren.wal_damage", base.walDamage(), StoreOptions.WalDamage.class),
        diskFreeLimit(base.diskFreeLimit()),
        memory("warren.store_memory", base.memory(), 16),
        memory("warren.message_memory", base.messageMemory(), 1),
        base.pendingMemory());
  }

  private BrokerConfig.DiskFreeLimit diskFreeLimit(BrokerConfig.DiskFreeLimit otherwise)
      throws StartupException {
    Double share = share("disk_free_limit.relative", 1000);
    long bytes = bytes("disk_free_limit.absolute", -1);
    if (share != null) {
      return new BrokerConfig.DiskFreeLimit.Relative(share);
    }
    return bytes < 0 ? otherwise : new BrokerConfig.DiskFreeLimit.Absolute(bytes);
  }

  /** One of an enum's constants, in lower case. */
  private boolean flag(String key, boolean otherwise) throws StartupException {
    return switch (text(key)) {
      case null -> otherwise;
      case "true" -> true;
      case "false" -> false;
      case String value ->
          throw new StartupException("%s = %s: expected true or false".formatted(key, value));
    };
  }

  private <E extends Enum<E>> E choice(String key, E otherwise, Class<E> type)
      throws StartupException {
    String value = text(key);
    if (value == null) {
      return otherwise;
    }
    for (E constant : type.getEnumConstants()) {
      if (constant.name().toLowerCase(Locale.ROOT).equals(value)) {
        return constant;
      }
    }
    throw new StartupException(
        "%s = %s: expected one of %s"
            .formatted(
                key,
                value,
                Arrays.stream(type.getEnumConstants())
                    .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                    .collect(Collectors.joining(", "))));
  }

  private long watermark(long otherwise) throws StartupException {
    Double share = share("vm_memory_high_watermark.relative", 1);
    long bytes = bytes("vm_memory_high_watermark.absolute", otherwise);
    return share == null ? bytes : BrokerConfig.watermark(share);
  }

  /** A number above 0, up to the given one; null when it is not set. */
  private @Nullable Double share(String key, double most) throws StartupException {
    String value = text(key);
    if (value == null) {
      return null;
    }
    try {
      double parsed = Double.parseDouble(value);
      if (parsed > 0 && parsed <= most) {
        return parsed;
      }
    } catch (NumberFormatException e) {
      throw new StartupException("%s = %s: expected a number".formatted(key, value), e);
    }
    throw new StartupException("%s = %s: expected 0 to %s".formatted(key, value, plain(most)));
  }

  private static String plain(double number) {
    return new DecimalFormat("0.##", DecimalFormatSymbols.getInstance(Locale.ROOT)).format(number);
  }

  /** A size as RabbitMQ writes it: a number, or one with kB, MB, GB, KiB, MiB, GiB behind it. */
  private long bytes(String key, long otherwise) throws StartupException {
    String value = text(key);
    if (value == null) {
      return otherwise;
    }
    Matcher size = SIZE.matcher(value);
    if (!size.matches()) {
      throw new StartupException("%s = %s: expected a size such as 512MiB".formatted(key, value));
    }
    long base = size.group(3) == null ? 1000 : 1024;
    String unit = size.group(2) == null ? "" : size.group(2).toLowerCase(Locale.ROOT);
    int power = " kmgt".indexOf(unit.isEmpty() ? ' ' : unit.charAt(0));
    double factor = Math.pow(base, power);
    return (long) (Long.parseLong(size.group(1)) * factor);
  }

  /** A size of at least so many MiB. */
  private long memory(String key, long otherwise, int leastMiB) throws StartupException {
    long bytes = bytes(key, otherwise);
    if (bytes < (long) leastMiB << 20 || bytes > MAX) {
      throw new StartupException(
          "%s = %s: expected %dMiB to 1024TiB".formatted(key, text(key, ""), leastMiB));
    }
    return bytes;
  }

  /** loopback_users is a list of names: guest, unless the file says otherwise. */
  private boolean loopbackOnly(String user) throws StartupException {
    boolean none = "none".equals(text("loopback_users"));
    boolean listed = !none && user.equals("guest");
    for (String key : values.fieldNames()) {
      if (key.startsWith(LOOPBACK_USERS)) {
        String value = text(key, "");
        if (!value.equals("true") && !value.equals("false")) {
          throw new StartupException("%s = %s: expected true or false".formatted(key, value));
        }
        if (key.equals(LOOPBACK_USERS + user)) {
          listed = value.equals("true");
        }
      }
    }
    return listed;
  }

  private @Nullable String text(String key) {
    unread.remove(key);
    Object value = values.getValue(key);
    return value == null ? null : value.toString().strip();
  }

  private String text(String key, String otherwise) {
    String value = text(key);
    return value == null ? otherwise : value;
  }

  private Path path(String key, Path otherwise) {
    String value = text(key);
    return value == null ? otherwise : Path.of(value);
  }

  private long number(String key, long otherwise, long least, long most) throws StartupException {
    String value = text(key);
    return value == null ? otherwise : parse(key, value, least, most);
  }

  private static long parse(String key, String value, long least, long most)
      throws StartupException {
    long number;
    try {
      number = Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new StartupException("%s = %s: expected a number".formatted(key, value), e);
    }
    return within(key, number, least, most);
  }

  private static long within(String key, long number, long least, long most)
      throws StartupException {
    if (number < least || number > most) {
      throw new StartupException("%s = %d: expected %d to %d".formatted(key, number, least, most));
    }
    return number;
  }

  /** A port number from the command line. */
  public static int port(String option, int number) throws StartupException {
    return (int) within(option, number, 0, 65535);
  }
}
