package org.warrenmq.broker;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.warrenmq.broker.auth.Account;
import org.warrenmq.broker.auth.Accounts;
import org.warrenmq.broker.auth.Limits;
import org.warrenmq.broker.auth.PasswordHash;
import org.warrenmq.broker.auth.Permissions;
import org.warrenmq.broker.auth.ResourcePermissions;
import org.warrenmq.broker.topology.Topology;
import org.warrenmq.broker.topology.TopologyCommand;
import org.warrenmq.broker.topology.VirtualHost;

/**
 * Carries out what {@link AccountVerb}s say, and answers as rabbitmqctl does: columns are parted by
 * tabs, and named in the first line. Any thread but an event loop.
 */
final class AccountRequests {
  private static final List<String> USER_LIMITS = List.of("max-connections", "max-channels");

  private final Accounts accounts;
  private final Topology topology;
  private final Consumer<TopologyCommand> changes;

  /**
   * @param changes carries out a command, and returns when that lasts
   */
  AccountRequests(Topology topology, Consumer<TopologyCommand> changes) {
    this.topology = topology;
    this.changes = changes;
    accounts = topology.accounts();
  }

  /**
   * Carries out a request.
   *
   * @param words the virtual host, then the arguments, as {@link AccountCommand} writes them
   * @throws IllegalArgumentException when it is refused
   */
  String run(AccountVerb verb, String words) {
    List<String> all = words(words);
    List<String> arguments = all.subList(1, all.size());
    if (!verb.takes(arguments.size())) {
      throw new IllegalArgumentException(
          "usage: " + verb.word() + " " + String.join(" ", verb.arguments()));
    }
    return switch (verb) {
      case LIST_USERS,
          LIST_PERMISSIONS,
          LIST_USER_PERMISSIONS,
          LIST_TOPIC_PERMISSIONS,
          LIST_VHOST_LIMITS,
          LIST_USER_LIMITS ->
          list(verb, all.getFirst(), arguments);
      case AUTHENTICATE_USER -> authenticate(arguments.get(0), arguments.get(1));
      default -> {
        changes.accept(command(verb, all.getFirst(), arguments));
        yield verb.word() + ": done";
      }
    };
  }

  /** What {@link AccountCommand} has joined. */
  static List<String> words(String joined) {
    return Arrays.stream(joined.split(" ", -1))
        .map(word -> URLDecoder.decode(word, StandardCharsets.UTF_8))
        .toList();
  }

  private static TopologyCommand command(AccountVerb verb, String vhost, List<String> given) {
    String first = given.isEmpty() ? "" : given.getFirst();
    return switch (verb) {
      case ADD_USER -> new TopologyCommand.AddUser(first, password(given.get(1)), List.of());
      case DELETE_USER -> new TopologyCommand.DeleteUser(first);
      case CHANGE_PASSWORD -> new TopologyCommand.ChangePassword(first, password(given.get(1)));
      case SET_USER_TAGS -> new TopologyCommand.SetUserTags(first, given.subList(1, given.size()));
      case SET_PERMISSIONS ->
          new TopologyCommand.SetPermissions(
              first, vhost, given.get(1), given.get(2), given.get(3));
      case CLEAR_PERMISSIONS -> new TopologyCommand.ClearPermissions(first, vhost);
      case SET_TOPIC_PERMISSIONS ->
          new TopologyCommand.SetTopicPermissions(
              first, vhost, given.get(1), given.get(2), given.get(3));
      case CLEAR_TOPIC_PERMISSIONS ->
          new TopologyCommand.ClearTopicPermissions(
              first, vhost, given.size() > 1 ? given.get(1) : null);
      case SET_VHOST_LIMITS -> new TopologyCommand.SetVhostLimits(vhost, limits(first));
      case CLEAR_VHOST_LIMITS -> new TopologyCommand.SetVhostLimits(vhost, Map.of());
      case SET_USER_LIMITS -> new TopologyCommand.SetUserLimits(first, limits(given.get(1)));
      case CLEAR_USER_LIMITS -> new TopologyCommand.SetUserLimits(first, none(given.get(1)));
      case AUTHENTICATE_USER,
          LIST_USERS,
          LIST_PERMISSIONS,
          LIST_USER_PERMISSIONS,
          LIST_TOPIC_PERMISSIONS,
          LIST_VHOST_LIMITS,
          LIST_USER_LIMITS ->
          throw new IllegalStateException(verb + " changes nothing");
    };
  }

  private static PasswordHash password(String password) {
    if (password.isEmpty()) {
      throw new IllegalArgumentException("the password is empty");
    }
    return PasswordHash.of(password);
  }

  private static Map<String, Integer> limits(String json) {
    Map<String, Integer> limits = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, Object> entry : new JsonObject(json)) {
        if (!(entry.getValue() instanceof Integer limit)) {
          throw new IllegalArgumentException("limit " + entry.getKey() + " is not an integer");
        }
        limits.put(entry.getKey(), limit);
      }
    } catch (DecodeException e) {
      throw new IllegalArgumentException("limits are not a JSON object: " + e.getMessage(), e);
    }
    return limits;
  }

  private static Map<String, Integer> none(String limit) {
    return limit.equals("all")
        ? USER_LIMITS.stream().collect(Collectors.toMap(name -> name, _ -> -1))
        : Map.of(limit, -1);
  }

  private String authenticate(String user, String password) {
    Account account = accounts.find(user);
    if (account == null || !account.password().matches(password)) {
      throw new IllegalArgumentException(
          "failed to authenticate user \"%s\": user '%s' - invalid credentials"
              .formatted(user, user));
    }
    return "Success";
  }

  private String list(AccountVerb verb, String vhost, List<String> arguments) {
    return switch (verb) {
      case LIST_USERS -> table("user\ttags", users().map(AccountRequests::line));
      case LIST_PERMISSIONS ->
          table(
              "user\tconfigure\twrite\tread",
              users().flatMap(user -> lines(user.name(), user.in(vhost))));
      case LIST_USER_PERMISSIONS -> {
        Account user = accounts.find(arguments.getFirst());
        if (user == null) {
          throw new IllegalArgumentException("no user '" + arguments.getFirst() + "'");
        }
        yield table(
            "vhost\tconfigure\twrite\tread",
            user.permissions().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .flatMap(there -> lines(there.getKey(), there.getValue())));
      }
      case LIST_USER_LIMITS ->
          table("user\tlimits", users().flatMap(user -> line(user.name(), user.limits())));
      case LIST_VHOST_LIMITS -> {
        VirtualHost there = topology.vhost(vhost);
        yield table("vhost\tlimits", there == null ? Stream.of() : line(vhost, there.limits()));
      }
      default ->
          table(
              "user\texchange\twrite\tread",
              users().flatMap(user -> topics(user.name(), user.in(vhost))));
    };
  }

  private Stream<Account> users() {
    return accounts.all().stream().sorted(Comparator.comparing(Account::name));
  }

  private static String table(String header, Stream<String> lines) {
    return Stream.concat(Stream.of(header), lines).collect(Collectors.joining("\n"));
  }

  private static String line(Account user) {
    return user.name() + "\t" + user.tags().stream().collect(Collectors.joining(", ", "[", "]"));
  }

  private static Stream<String> line(String subject, Limits limits) {
    return limits.equals(Limits.NONE)
        ? Stream.of()
        : Stream.of(subject + "\t" + new JsonObject(new LinkedHashMap<>(limits.byName())));
  }

  private static Stream<String> lines(String subject, Permissions permissions) {
    ResourcePermissions may = permissions.resources();
    return may == null
        ? Stream.of()
        : Stream.of(
            String.join(
                "\t", subject, may.configure().regex(), may.write().regex(), may.read().regex()));
  }

  private static Stream<String> topics(String user, Permissions permissions) {
    return permissions.topics().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(
            topic ->
                String.join(
                    "\t", user, topic.getKey(), topic.getValue().write(), topic.getValue().read()));
  }
}
