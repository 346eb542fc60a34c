package org.warrenmq.broker.config;

import static org.warrenmq.broker.config.Setting.Reload.RESTART;
import static org.warrenmq.broker.config.Setting.of;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.warrenmq.broker.config.Setting.Reader;
import org.warrenmq.broker.config.ValueType.Flag;
import org.warrenmq.broker.config.ValueType.Secret;
import org.warrenmq.broker.config.ValueType.Size;
import org.warrenmq.broker.config.ValueType.Text;
import org.warrenmq.broker.config.ValueType.Time;
import org.warrenmq.broker.config.ValueType.Whole;
import org.warrenmq.broker.config.ValueType.WholeOr;

/**
 * The part of the table about limits of the node, and what users and virtual hosts begin with; see
 * {@link Settings}, read by {@link NodeReader}. Immutable.
 */
final class NodeSettings {
  private static final long MOST = Integer.MAX_VALUE;

  /** Nothing takes longer: ten years in milliseconds. */
  private static final long LONGEST = 315_360_000_000L;

  /** No name is longer. */
  static final int NAME = 255;

  private static final int REGEX = 1024;

  static final Setting<Long> VHOSTS = limit("vhost_max", "virtual hosts");
  static final Setting<Long> QUEUES =
      limit("cluster_queue_limit", "queues, in all virtual hosts together");
  static final Setting<Long> EXCHANGES =
      limit(
          "cluster_exchange_limit",
          "exchanges, in all virtual hosts together, with those that are always there");
  static final Setting<Long> CONNECTIONS = limit("connection_max", "AMQP connections");
  static final Setting<Long> CHANNELS =
      limit("channel_max_per_node", "channels, of all connections together");

  static final Setting<String> CONFIGURE =
      text("default_permissions.configure", Reader.USERS, ".*", "what `default_user` may declare");
  static final Setting<String> READ =
      text("default_permissions.read", Reader.USERS, ".*", "what `default_user` may read from");
  static final Setting<String> WRITE =
      text("default_permissions.write", Reader.USERS, ".*", "what `default_user` may write to");
  static final Setting<Boolean> TAG =
      of(
          "default_user_tags.$tag",
          new Flag(),
          Reader.USERS,
          "`administrator`: true",
          RESTART,
          "whether `default_user` has that tag; where one is given, no other is there by default");

  private static final String USER = "default_users.$name.";
  static final Setting<String> USER_VHOSTS =
      text(
          USER + "vhost_pattern",
          Reader.NEW_VHOSTS,
          ".*",
          "new virtual hosts where that user gets permissions; the user is made if not there");
  static final Setting<String> USER_PASSWORD =
      of(
          USER + "password",
          new Secret(),
          Reader.NEW_VHOSTS,
          "",
          RESTART,
          "the password of that user; without one, none lets in");
  static final Setting<String> USER_CONFIGURE =
      text(USER + "configure", Reader.NEW_VHOSTS, ".*", "what that user may declare there");
  static final Setting<String> USER_READ =
      text(USER + "read", Reader.NEW_VHOSTS, ".*", "what that user may read from there");
  static final Setting<String> USER_WRITE =
      text(USER + "write", Reader.NEW_VHOSTS, ".*", "what that user may write to there");
  static final Setting<String> USER_TAGS =
      text(USER + "tags", Reader.NEW_VHOSTS, "", "the tags of that user, with commas");

  private static final String LIMITS = "default_limits.vhosts.$id.";
  static final Setting<String> LIMITS_VHOSTS =
      text(LIMITS + "pattern", Reader.NEW_VHOSTS, ".*", "new virtual hosts that are limited so");
  static final Setting<Long> LIMITS_CONNECTIONS =
      number(LIMITS + "max_connections", "", "connections to each of these");
  static final Setting<Long> LIMITS_QUEUES =
      number(LIMITS + "max_queues", "", "queues in each of these");

  private static final String POLICY = "default_policies.operator.$id.";
  static final Setting<String> POLICY_VHOSTS =
      text(
          POLICY + "vhost_pattern",
          Reader.NEW_VHOSTS,
          ".*",
          "new virtual hosts that get an operator policy of that name");
  static final Setting<String> POLICY_QUEUES =
      text(POLICY + "queue_pattern", Reader.NEW_VHOSTS, ".*", "queues that it is for");
  static final Setting<String> POLICY_APPLY_TO =
      of(
          POLICY + "apply_to",
          ValueType.Any.of("all|queues|classic_queues|quorum_queues|streams|exchanges"),
          Reader.NEW_VHOSTS,
          "all",
          RESTART,
          "what it is for");

  /** What a policy says, by the names of policies. */
  static final Map<String, Setting<Long>> POLICY_KEYS = policyKeys();

  /** All of them, in the order of the documentation. */
  static final List<Setting<?>> TABLE =
      Stream.of(
              List.of(CONFIGURE, READ, WRITE, TAG),
              List.of(LIMITS_VHOSTS, LIMITS_CONNECTIONS, LIMITS_QUEUES),
              List.of(POLICY_VHOSTS, POLICY_QUEUES, POLICY_APPLY_TO),
              POLICY_KEYS.values(),
              List.of(USER_VHOSTS, USER_PASSWORD, USER_CONFIGURE, USER_READ, USER_WRITE, USER_TAGS),
              List.of(VHOSTS, QUEUES, EXCHANGES, CONNECTIONS, CHANNELS))
          .<Setting<?>>flatMap(Collection::stream)
          .toList();

  private NodeSettings() {}

  private static Setting<Long> limit(String key, String what) {
    return of(
        key,
        new WholeOr("infinity", -1, new Whole("", 0, MOST)),
        Reader.NODE,
        "infinity",
        RESTART,
        "how many there may be on the node: " + what);
  }

  private static Setting<String> text(String key, Reader reader, String byDefault, String meaning) {
    return of(key, new Text(0, REGEX), reader, byDefault, RESTART, meaning);
  }

  private static Setting<Long> number(String key, String unit, String meaning) {
    return of(key, new Whole(unit, 0, MOST), Reader.NEW_VHOSTS, "", RESTART, meaning);
  }

  private static Map<String, Setting<Long>> policyKeys() {
    Map<String, Setting<Long>> keys = new LinkedHashMap<>();
    keys.put(
        "expires", time("expires", 1, "after which a queue that nobody uses is deleted, `1h`"));
    keys.put("message-ttl", time("message_ttl", 0, "how long messages stay, `30m`"));
    keys.put("max-length", number(POLICY + "max_length", "messages", "most messages in a queue"));
    keys.put(
        "max-length-bytes",
        of(
            POLICY + "max_length_bytes",
            new Size(0, 1L << 50, 1000),
            Reader.NEW_VHOSTS,
            "",
            RESTART,
            "most octets of messages in a queue"));
    keys.put(
        "delivery-limit",
        number(POLICY + "delivery_limit", "times", "how often a message is delivered again"));
    return keys;
  }

  private static Setting<Long> time(String key, long least, String meaning) {
    return of(POLICY + key, new Time(least, LONGEST), Reader.NEW_VHOSTS, "", RESTART, meaning);
  }
}
