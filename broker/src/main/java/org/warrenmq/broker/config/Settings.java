package org.warrenmq.broker.config;

import static org.warrenmq.broker.config.Setting.Reload.NEW_CONNECTIONS;
import static org.warrenmq.broker.config.Setting.Reload.NOW;
import static org.warrenmq.broker.config.Setting.Reload.RESTART;
import static org.warrenmq.broker.config.Setting.of;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.warrenmq.broker.config.Setting.Reader;
import org.warrenmq.broker.config.ValueType.Address;
import org.warrenmq.broker.config.ValueType.Choice;
import org.warrenmq.broker.config.ValueType.Flag;
import org.warrenmq.broker.config.ValueType.Folder;
import org.warrenmq.broker.config.ValueType.Secret;
import org.warrenmq.broker.config.ValueType.Share;
import org.warrenmq.broker.config.ValueType.Size;
import org.warrenmq.broker.config.ValueType.Text;
import org.warrenmq.broker.config.ValueType.Whole;
import org.warrenmq.broker.config.ValueType.WholeOr;
import org.warrenmq.store.StoreOptions;

/**
 * The table of all that has an effect; {@link KnownKeys} adds what RabbitMQ knows beside it.
 * Reading, {@code config check}, {@code config show} and the documentation share it. Immutable.
 */
public final class Settings {
  /** No size is larger. */
  private static final long MAX = 1L << 50;

  /** Nothing takes longer: ten years in milliseconds, as for x-expires. */
  private static final long LONGEST = 315_360_000_000L;

  private static final int SHORT_TEXT = 255;

  static final Setting<BrokerConfig.Listener> LISTENER =
      of(
          "listeners.tcp.$name",
          new Address(),
          Reader.LISTENERS,
          "`default`: 5672",
          RESTART,
          "where AMQP clients are let in: `port` or `address:port`, an IPv6 address in brackets;"
              + " each key is a listener. `0.0.0.0` is all of IPv4, `[::]` of IPv6 and IPv4");
  static final Setting<String> NO_LISTENER =
      of(
          "listeners.tcp",
          ValueType.Any.of("none"),
          Reader.LISTENERS,
          "",
          RESTART,
          "`none`: only by TLS; refused where no listener is given, there would be no way in");
  static final Setting<Long> HEARTBEAT =
      of(
          "heartbeat",
          new Whole("seconds", 0, 65535),
          Reader.CONNECTIONS,
          "60",
          NEW_CONNECTIONS,
          "interval offered to clients; 0 offers none");
  static final Setting<Long> HANDSHAKE_TIMEOUT =
      of(
          "handshake_timeout",
          new WholeOr("infinity", 3_600_000, new Whole("milliseconds", 100, 3_600_000)),
          Reader.CONNECTIONS,
          "10000",
          NEW_CONNECTIONS,
          "from accept to an open connection; `infinity` is an hour");
  static final Setting<Long> FRAME_MAX =
      of(
          "frame_max",
          new Size(4096, 1 << 30, 1024),
          Reader.CONNECTIONS,
          "131072",
          NEW_CONNECTIONS,
          "largest frame offered to clients");
  static final Setting<Long> INITIAL_FRAME_MAX =
      of(
          "initial_frame_max",
          new Size(4096, 1 << 20, 1024),
          Reader.CONNECTIONS,
          "4096",
          NEW_CONNECTIONS,
          "largest frame accepted before tuning");
  static final Setting<Long> CHANNEL_MAX =
      of(
          "channel_max",
          new WholeOr("0", 65535, new Whole("channels", 1, 65535)),
          Reader.CONNECTIONS,
          "2047",
          NEW_CONNECTIONS,
          "channels of a connection offered to clients; 0 is as many as there can be");
  static final Setting<Long> MAX_CHANNELS =
      of(
          "max_channels_per_connection",
          CHANNEL_MAX.type(),
          Reader.CONNECTIONS,
          "",
          NEW_CONNECTIONS,
          "the same, as newer versions of RabbitMQ call it; it wins");
  static final Setting<String> CLUSTER_NAME =
      of(
          "cluster_name",
          new Text(1, SHORT_TEXT),
          Reader.CONNECTIONS,
          "warren@localhost",
          NEW_CONNECTIONS,
          "told to clients in the server properties");
  static final Setting<String> USER =
      of(
          "default_user",
          new Text(1, SHORT_TEXT),
          Reader.USERS,
          "guest",
          RESTART,
          "the user that a new data folder begins with: an administrator who may do everything in"
              + " `default_vhost`");
  static final Setting<String> PASSWORD =
      of("default_pass", new Secret(), Reader.USERS, "guest", RESTART, "the password of that user");
  static final Setting<String> VHOST =
      of(
          "default_vhost",
          new Text(1, SHORT_TEXT),
          Reader.USERS,
          "/",
          RESTART,
          "the virtual host that a new data folder begins with");
  static final Setting<String> NO_LOOPBACK_USERS =
      of(
          "loopback_users",
          ValueType.Any.of("none"),
          Reader.USERS,
          "",
          RESTART,
          "`none`: no user is limited to this machine");
  static final Setting<Boolean> LOOPBACK_USER =
      of(
          "loopback_users.$user",
          new Flag(),
          Reader.USERS,
          "`guest`: true",
          RESTART,
          "whether the user of that name may log in from this machine only");
  static final Setting<Long> MAX_MESSAGE_SIZE =
      of(
          "max_message_size",
          new Size(0, 512L << 20, 1000),
          Reader.QUEUES,
          "16777216",
          NEW_CONNECTIONS,
          "largest body accepted");
  static final Setting<Long> CONSUMER_TIMEOUT =
      of(
          "consumer_timeout",
          new WholeOr("undefined", 0, new Whole("milliseconds", 0, LONGEST)),
          Reader.QUEUES,
          "1800000",
          NEW_CONNECTIONS,
          "in which a delivery has to be acknowledged where neither its queue nor its consumer says"
              + " otherwise; 0 or `undefined`: any time. See [consumers](consumers.md)");
  static final Setting<BrokerConfig.ConsumerTimeout.Action> CONSUMER_TIMEOUT_ACTION =
      of(
          "warren.consumer_timeout_action",
          Choice.of(BrokerConfig.ConsumerTimeout.Action.class),
          Reader.QUEUES,
          "requeue",
          NEW_CONNECTIONS,
          "`requeue`: what is overdue goes back to its queue and its consumer is cancelled;"
              + " `close_channel`: the channel is closed, as RabbitMQ does it");
  static final Setting<Boolean> EXPIRE_AT_HEAD_ONLY =
      of(
          "warren.expire_at_head_only",
          new Flag(),
          Reader.QUEUES,
          "false",
          RESTART,
          "`true`: a message that is due stays in its queue as long as others are before it, as in"
              + " RabbitMQ; `false`: it leaves from wherever it is");
  static final Setting<Double> RELATIVE_WATERMARK =
      of(
          "vm_memory_high_watermark.relative",
          new Share(1),
          Reader.MEMORY_AND_DISK,
          "0.6",
          NOW,
          "share of the largest heap (`-Xmx`) above which publishers are blocked");
  static final Setting<Long> ABSOLUTE_WATERMARK =
      of(
          "vm_memory_high_watermark.absolute",
          new Size(0, Long.MAX_VALUE, 1000),
          Reader.MEMORY_AND_DISK,
          "",
          NOW,
          "the same as a size; the relative key wins");
  static final Setting<Long> ABSOLUTE_DISK_LIMIT =
      of(
          "disk_free_limit.absolute",
          new Size(0, Long.MAX_VALUE, 1000),
          Reader.MEMORY_AND_DISK,
          "50MB",
          NOW,
          "free space on the data folder's disk below which publishers are blocked");
  static final Setting<Double> RELATIVE_DISK_LIMIT =
      of(
          "disk_free_limit.relative",
          new Share(1000),
          Reader.MEMORY_AND_DISK,
          "",
          NOW,
          "the same as a share of the machine's memory; it wins");
  static final Setting<Long> MESSAGE_MEMORY =
      of(
          "warren.message_memory",
          new Size(1 << 20, MAX, 1000),
          Reader.MEMORY_AND_DISK,
          "a fifth of the heap, at least 8MiB",
          RESTART,
          "heap for messages of all queues, a quarter of it for bodies over 1 MiB; beyond it they"
              + " are kept on disk only");
  static final Setting<Long> STORE_MEMORY =
      of(
          "warren.store_memory",
          new Size(16 << 20, MAX, 1000),
          Reader.MEMORY_AND_DISK,
          "half the heap, 64MiB to 256MiB",
          RESTART,
          "memory outside the heap for the store's caches and buffers");
  static final Setting<StoreOptions.Durability> DURABILITY =
      of(
          "warren.durability",
          Choice.of(StoreOptions.Durability.class),
          Reader.MEMORY_AND_DISK,
          "sync",
          RESTART,
          "`sync`: confirms wait until the disk has synced; `buffered`: until the operating system"
              + " has the data, which a power cut may lose");
  static final Setting<StoreOptions.WalDamage> WAL_DAMAGE =
      of(
          "warren.wal_damage",
          Choice.of(StoreOptions.WalDamage.class),
          Reader.MEMORY_AND_DISK,
          "refuse",
          RESTART,
          "`cut`: start on a damaged log without what was written from the damage on; for one"
              + " start, see [DURABILITY](DURABILITY.md)");
  static final Setting<Path> DATA_DIR =
      of("warren.data_dir", new Folder(), Reader.NODE, "data", RESTART, "as `--data`");
  static final Setting<Long> EVENT_LOOPS =
      of(
          "warren.event_loops",
          new Whole("threads", 1, 256),
          Reader.NODE,
          "half the processors, at least 1",
          RESTART,
          "threads that serve connections and queues");
  static final Setting<Long> TURN_TIMEOUT =
      of(
          "warren.turn_timeout",
          new Whole("seconds", 0, 3600),
          Reader.NODE,
          "30",
          RESTART,
          "after which a thread that serves clients and does not get on counts as hung, and the"
              + " process ends with 70; 0 waits for ever");
  static final Setting<BrokerConfig.LogLevel> LOG_LEVEL =
      of(
          "log.console.level",
          Choice.of(BrokerConfig.LogLevel.class),
          Reader.NODE,
          "info",
          NOW,
          "what is logged; `WARREN_LOG_LEVEL` wins");

  private static final List<Setting<?>> OWN =
      List.of(
          LISTENER,
          NO_LISTENER,
          HEARTBEAT,
          HANDSHAKE_TIMEOUT,
          FRAME_MAX,
          INITIAL_FRAME_MAX,
          CHANNEL_MAX,
          MAX_CHANNELS,
          CLUSTER_NAME,
          USER,
          PASSWORD,
          VHOST,
          NO_LOOPBACK_USERS,
          LOOPBACK_USER,
          MAX_MESSAGE_SIZE,
          CONSUMER_TIMEOUT,
          CONSUMER_TIMEOUT_ACTION,
          EXPIRE_AT_HEAD_ONLY,
          RELATIVE_WATERMARK,
          ABSOLUTE_WATERMARK,
          ABSOLUTE_DISK_LIMIT,
          RELATIVE_DISK_LIMIT,
          MESSAGE_MEMORY,
          STORE_MEMORY,
          DURABILITY,
          WAL_DAMAGE,
          DATA_DIR,
          EVENT_LOOPS,
          TURN_TIMEOUT,
          LOG_LEVEL);

  /** All of them, in the order of the documentation. */
  static final List<Setting<?>> TABLE =
      Stream.of(
              OWN,
              DefinitionSettings.TABLE,
              NodeSettings.TABLE,
              ManagementSettings.TABLE,
              SecuritySettings.TABLE,
              BackendSettings.TABLE)
          .<Setting<?>>flatMap(List::stream)
          .toList();

  private Settings() {}
}
