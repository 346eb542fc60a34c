package org.warrenmq.broker.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.auth.Limits;
import org.warrenmq.broker.auth.PermissionPattern;

/**
 * Reads the limits of the node, and what users and virtual hosts begin with, for {@link
 * ConfigReader}. Immutable, any thread.
 */
final class NodeReader {
  private final Configuration given;

  private NodeReader(Configuration given) {
    this.given = given;
  }

  static NodeLimits limits(Configuration given, NodeLimits base) {
    return new NodeLimits(
        (int) (long) given.get(NodeSettings.VHOSTS, (long) base.vhosts()),
        (int) (long) given.get(NodeSettings.QUEUES, (long) base.queues()),
        (int) (long) given.get(NodeSettings.EXCHANGES, (long) base.exchanges()),
        (int) (long) given.get(NodeSettings.CONNECTIONS, (long) base.connections()),
        (int) (long) given.get(NodeSettings.CHANNELS, (long) base.channels()));
  }

  /**
   * Of the first user.
   *
   * @throws StartupException when a regular expression is none
   */
  static FirstRights rights(Configuration given, FirstRights base) throws StartupException {
    NodeReader reader = new NodeReader(given);
    Map<String, Boolean> tags = given.all(NodeSettings.TAG);
    return new FirstRights(
        reader.checked(
            NodeSettings.CONFIGURE.key(), given.get(NodeSettings.CONFIGURE, base.configure())),
        reader.checked(NodeSettings.WRITE.key(), given.get(NodeSettings.WRITE, base.write())),
        reader.checked(NodeSettings.READ.key(), given.get(NodeSettings.READ, base.read())),
        tags.isEmpty()
            ? base.tags()
            : tags.keySet().stream().filter(tag -> Boolean.TRUE.equals(tags.get(tag))).toList());
  }

  /**
   * @throws StartupException when a regular expression is none
   */
  static VhostDefaults vhosts(Configuration given, VhostDefaults base) throws StartupException {
    NodeReader reader = new NodeReader(given);
    List<VhostDefaults.LimitsFor> limits = reader.limits();
    List<VhostDefaults.PolicyFor> policies = reader.policies();
    List<VhostDefaults.UserFor> users = reader.users();
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
    for (String id :
        ids(
            Stream.of(
                NodeSettings.LIMITS_VHOSTS,
                NodeSettings.LIMITS_CONNECTIONS,
                NodeSettings.LIMITS_QUEUES))) {
      Long connections = given.all(NodeSettings.LIMITS_CONNECTIONS).getOrDefault(id, -1L);
      Long queues = given.all(NodeSettings.LIMITS_QUEUES).getOrDefault(id, -1L);
      all.add(
          new VhostDefaults.LimitsFor(
              vhosts(NodeSettings.LIMITS_VHOSTS, id),
              new Limits(connections.intValue(), -1, queues.intValue())));
    }
    return all;
  }

  private List<VhostDefaults.PolicyFor> policies() throws StartupException {
    Stream<Setting<?>> rows =
        Stream.concat(
            Stream.of(
                NodeSettings.POLICY_VHOSTS,
                NodeSettings.POLICY_QUEUES,
                NodeSettings.POLICY_APPLY_TO),
            NodeSettings.POLICY_KEYS.values().stream());
    List<VhostDefaults.PolicyFor> all = new ArrayList<>();
    for (String id : ids(rows)) {
      Map<String, Long> definition = new LinkedHashMap<>();
      NodeSettings.POLICY_KEYS.forEach(
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
      String queues = value(NodeSettings.POLICY_QUEUES, id, ".*");
      all.add(
          new VhostDefaults.PolicyFor(
              id,
              vhosts(NodeSettings.POLICY_VHOSTS, id),
              checked(NodeSettings.POLICY_QUEUES.key().replace("$id", id), queues),
              value(NodeSettings.POLICY_APPLY_TO, id, "all"),
              definition));
    }
    return all;
  }

  private List<VhostDefaults.UserFor> users() throws StartupException {
    Stream<Setting<?>> rows =
        Stream.of(
            NodeSettings.USER_VHOSTS,
            NodeSettings.USER_PASSWORD,
            NodeSettings.USER_CONFIGURE,
            NodeSettings.USER_READ,
            NodeSettings.USER_WRITE,
            NodeSettings.USER_TAGS);
    List<VhostDefaults.UserFor> all = new ArrayList<>();
    for (String name : ids(rows)) {
      if (name.length() > NodeSettings.NAME) {
        throw new StartupException("default_users.%s: the name is too long".formatted(name));
      }
      List<String> tags =
          Stream.of(value(NodeSettings.USER_TAGS, name, "").split("[, ]+"))
              .filter(tag -> !tag.isEmpty())
              .toList();
      all.add(
          new VhostDefaults.UserFor(
              name,
              vhosts(NodeSettings.USER_VHOSTS, name),
              given.all(NodeSettings.USER_PASSWORD).get(name),
              new FirstRights(
                  right(NodeSettings.USER_CONFIGURE, name),
                  right(NodeSettings.USER_WRITE, name),
                  right(NodeSettings.USER_READ, name),
                  tags)));
    }
    return all;
  }

  private String right(Setting<String> setting, String name) throws StartupException {
    return checked(setting.key().replace("$name", name), value(setting, name, ".*"));
  }
}
