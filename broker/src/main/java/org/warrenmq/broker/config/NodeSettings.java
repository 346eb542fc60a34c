package org.warrenmq.broker.config;

import static org.warrenmq.broker.config.Setting.Reload.RESTART;
import static org.warrenmq.broker.config.Setting.of;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.auth.Limits;
import org.warrenmq.broker.auth.PermissionPattern;
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
 * {@link Settings}. Immutable.
 */
final class NodeSettings {
  private static final long MOST = Integer.MAX_VALUE;

  /** Nothing takes longer: ten years in milliseconds. */
  private static final long LONGEST = 315_360_000_000L;

  private static final int NAME = 255;
  private static final int REGEX = 1024;

  private static final Setting<Long> VHOSTS = limit("vhost_max", "virtual hosts");
  private static final Setting<Long> QUEUES =
      limit("cluster_queue_limit", "queues, in all virtual hosts together");
  private static final Setting<Long> EXCHANGES =
      limit(
          "cluster_exchange_limit",
          "exchanges, in all virtual hosts together, with those that are always there");
  private static final Setting<Long> CONNECTIONS = limit("connection_max", "AMQP connections");
  private static final Setting<Long> CHANNELS =
      limit("channel_max_per_node", "channels, of all connections together");

  private static final Setting<String> CONFIGURE =
      text("default_permissions.configure", Reader.USERS, ".*", "what `default_user` may declare");
  private static final Setting<String> READ =
      text("default_permissions.read", Reader.USERS, ".*", "what `default_user` may read from");
  private static final Setting<String> WRITE =
      text("default_permissions.write", Reader.USERS, ".*", "what `default_user` may write to");
  private static final Setting<Boolean> TAG =
      of(
          "default_user_tags.$tag",
          new Flag(),
          Reader.USERS,
          "`administrator`: true",
          RESTART,
          "whether `default_user` has that tag; where one is given, no other is there by default");

  private static final String USER = "default_users.$name.";
  private static final Setting<String> USER_VHOSTS =
      text(
          USER + "vhost_pattern",
          Reader.NEW_VHOSTS,
          ".*",
          "new virtual hosts where that user gets permissions; the user is made if not there");
  private static final Setting<String> USER_PASSWORD =
      of(
          USER + "password",
          new Secret(),
          Reader.NEW_VHOSTS,
          "",
          RESTART,
          "the password of that user; without one, none lets in");
  private static final Setting<String> USER_CONFIGURE =
      text(USER + "configure", Reader.NEW_VHOSTS, ".*", "what that user may declare there");
  private static final Setting<String> USER_READ =
      text(USER + "read", Reader.NEW_VHOSTS, ".*", "what that user may read from there");
  private static final Setting<String> USER_WRITE =
      text(USER + "write", Reader.NEW_VHOSTS, ".*", "what that user may write to there");
  private static final Setting<String> USER_TAGS =
      text(USER + "tags", Reader.NEW_VHOSTS, "", "the tags of that user, with commas");

  private static final String LIMITS = "default_limits.vhosts.$id.";
  private static final Setting<String> LIMITS_VHOSTS =
      text(LIMITS + "pattern", Reader.NEW_VHOSTS, ".*", "new virtual hosts that are limited so");
  private static final Setting<Long> LIMITS_CONNECTIONS =
      number(LIMITS + "max_connections", "", "connections to each of these");
  private static final Setting<Long> LIMITS_QUEUES =
      number(LIMITS + "max_queues", "", "queues in each of these");

  private static final String POLICY = "default_policies.operator.$id.";
  private static final Setting<String> POLICY_VHOSTS =
      text(
          POLICY + "vhost_pattern",
          Reader.NEW_VHOSTS,
          ".*",
          "new virtual hosts that get an operator policy of that name");
  private static final Setting<String> POLICY_QUEUES =
      text(POLICY + "queue_pattern", Reader.NEW_VHOSTS, ".*", "queues that it is for");
  private static final Setting<String> POLICY_APPLY_TO =
      of(
          POLICY + "apply_to",
          ValueType.Any.of("all|queues|classic_queues|quorum_queues|streams|exchanges"),
          Reader.NEW_VHOSTS,
          "all",
          RESTART,
          "what it is for");

  /** What a policy says, by the names of policies. */
  private static final Map<String, Setting<Long>> POLICY_KEYS = policyKeys();

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

  private final Configuration given;

  private NodeSettings(Configuration given) {
    this.given = given;
  }

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

  static NodeLimits limits(Configuration given, NodeLimits base) {
    return new NodeLimits(
        (int) (long) given.get(VHOSTS, (long) base.vhosts()),
        (int) (long) given.get(QUEUES, (long) base.queues()),
        (int) (long) given.get(EXCHANGES, (long) base.exchanges()),
        (int) (long) given.get(CONNECTIONS, (long) base.connections()),
        (int) (long) given.get(CHANNELS, (long) base.channels()));
  }

  /**
   * Of the first user.
   *
   * @throws StartupException when a regular expression is none
   */
  static FirstRights rights(Configuration given, FirstRights base) throws StartupException {
    NodeSettings settings = new NodeSettings(given);
    Map<String, Boolean> tags = given.all(TAG);
    return new FirstRights(
        settings.checked(CONFIGURE.key(), given.get(CONFIGURE, base.configure())),
        settings.checked(WRITE.key(), given.get(WRITE, base.write())),
        settings.checked(READ.key(), given.get(READ, base.read())),
        tags.isEmpty()
            ? base.tags()
            : tags.keySet().stream().filter(tag -> Boolean.TRUE.equals(tags.get(tag))).toList());
  }

  /**
   * @throws StartupException when a regular expression is none
   */
  static VhostDefaults vhosts(Configuration given, VhostDefaults base) throws StartupException {
    NodeSettings settings = new NodeSettings(given);
    List<VhostDefaults.LimitsFor> limits = settings.limits();
    List<VhostDefaults.PolicyFor> policies = settings.policies();
    List<VhostDefaults.UserFor> users = settings.users();
    return new VhostDefaults(
        limits.isEmpty() ? base.limits() : limits,
        policies.isEmpty() ? base.policies() : policies,
        users.isEmpty() ? base.users() : users);
  }

  private String checked(String key, String regex) throws StartupException {
    pattern(key, regex);
    return regex;
  }

  private PermissionPattern pattern(String key, String regex) throws StartupException {
    try {
      return PermissionPattern.matching(regex);
    } catch (IllegalArgumentException e) {
      throw new StartupException("%s = %s: %s".formatted(key, regex, e.getMessage()), e);
    }
  }

  /** A value for one of several, or what else holds. */
  private String value(Setting<String> setting, String id, String otherwise) {
    return given.all(setting).getOrDefault(id, otherwise);
  }

  private PermissionPattern vhosts(Setting<String> setting, String id) throws StartupException {
    return pattern(setting.key().replaceFirst("\\$\\w+", id), value(setting, id, ".*"));
  }

  private Set<String> ids(Stream<Setting<?>> rows) {
    Set<String> ids = new TreeSet<>(Configuration.NUMBERS_AS_SUCH);
    rows.forEach(row -> ids.addAll(given.all(row).keySet()));
    return ids;
  }

  private List<VhostDefaults.LimitsFor> limits() throws StartupException {
    List<VhostDefaults.LimitsFor> all = new ArrayList<>();
    for (String id : ids(Stream.of(LIMITS_VHOSTS, LIMITS_CONNECTIONS, LIMITS_QUEUES))) {
      Long connections = given.all(LIMITS_CONNECTIONS).getOrDefault(id, -1L);
      Long queues = given.all(LIMITS_QUEUES).getOrDefault(id, -1L);
      all.add(
          new VhostDefaults.LimitsFor(
              vhosts(LIMITS_VHOSTS, id),
              new Limits(connections.intValue(), -1, queues.intValue())));
    }
    return all;
  }

  private List<VhostDefaults.PolicyFor> policies() throws StartupException {
    Stream<Setting<?>> rows =
        Stream.concat(
            Stream.of(POLICY_VHOSTS, POLICY_QUEUES, POLICY_APPLY_TO),
            POLICY_KEYS.values().stream());
    List<VhostDefaults.PolicyFor> all = new ArrayList<>();
    for (String id : ids(rows)) {
      Map<String, Long> definition = new LinkedHashMap<>();
      POLICY_KEYS.forEach(
          (key, setting) -> {
            @Nullable Long value = given.all(setting).get(id);
            if (value != null) {
              definition.put(key, value);
            }
          });
      if (definition.isEmpty()) {
        throw new StartupException(
            "default_policies.operator.%s: it says nothing; give one of its max_length, …"
                .formatted(id));
      }
      String queues = value(POLICY_QUEUES, id, ".*");
      all.add(
          new VhostDefaults.PolicyFor(
              id,
              vhosts(POLICY_VHOSTS, id),
              checked(POLICY_QUEUES.key().replace("$id", id), queues),
              value(POLICY_APPLY_TO, id, "all"),
              definition));
    }
    return all;
  }

  private List<VhostDefaults.UserFor> users() throws StartupException {
    Stream<Setting<?>> rows =
        Stream.of(USER_VHOSTS, USER_PASSWORD, USER_CONFIGURE, USER_READ, USER_WRITE, USER_TAGS);
    List<VhostDefaults.UserFor> all = new ArrayList<>();
    for (String name : ids(rows)) {
      if (name.length() > NAME) {
        throw new StartupException("default_users.%s: the name is too long".formatted(name));
      }
      List<String> tags =
          Stream.of(value(USER_TAGS, name, "").split("[, ]+"))
              .filter(tag -> !tag.isEmpty())
              .toList();
      all.add(
          new VhostDefaults.UserFor(
              name,
              vhosts(USER_VHOSTS, name),
              given.all(USER_PASSWORD).get(name),
              new FirstRights(
                  right(USER_CONFIGURE, name),
                  right(USER_WRITE, name),
                  right(USER_READ, name),
                  tags)));
    }
    return all;
  }

  private String right(Setting<String> setting, String name) throws StartupException {
    return checked(setting.key().replace("$name", name), value(setting, name, ".*"));
  }
}
