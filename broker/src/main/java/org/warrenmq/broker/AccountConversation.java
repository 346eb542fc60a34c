package org.warrenmq.broker;

import static org.warrenmq.broker.RunningBroker.good;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.warrenmq.admin.local.LocalApi;
import org.warrenmq.broker.RunningBroker.Refused;

/**
 * Asks the broker for what an {@link AccountVerb} says, and tells what came of it as rabbitmqctl
 * does: columns are parted by tabs, and named in the first line. For the main thread.
 */
final class AccountConversation {
  private static final int NOT_FOUND = 404;

  private final LocalApi api;
  private final String vhost;

  AccountConversation(LocalApi api, String vhost) {
    this.api = api;
    this.vhost = vhost;
  }

  /**
   * @throws Refused when the broker refuses it, or the arguments are wrong
   */
  String run(AccountVerb verb, List<String> arguments) throws IOException, Refused {
    if (!verb.takes(arguments.size())) {
      throw new Refused("usage: " + verb.word() + " " + String.join(" ", verb.arguments()));
    }
    String first = arguments.isEmpty() ? "" : arguments.getFirst();
    return switch (verb) {
      case LIST_USERS,
          LIST_PERMISSIONS,
          LIST_USER_PERMISSIONS,
          LIST_TOPIC_PERMISSIONS,
          LIST_VHOST_LIMITS,
          LIST_USER_LIMITS ->
          list(verb, first);
      case AUTHENTICATE_USER -> authenticate(first, arguments.get(1));
      default -> {
        LocalApi.Answer answer = change(verb, first, arguments);
        if (answer.status() == NOT_FOUND
            || !answer.isGood() && answer.reason().equals("vhost_or_user_not_found")) {
          throw new Refused(nobody(verb, first));
        }
        good(answer);
        yield verb.word() + ": done";
      }
    };
  }

  private String nobody(AccountVerb verb, String first) {
    if (!verb.isInVhost()) {
      return "no user '" + first + "'";
    }
    return verb.arguments().getFirst().equals("USERNAME")
        ? "no user '%s', no vhost '%s', or nothing to clear there".formatted(first, vhost)
        : "no vhost '" + vhost + "'";
  }

  private LocalApi.Answer change(AccountVerb verb, String first, List<String> given)
      throws IOException, Refused {
    String user = LocalApi.path("users", first);
    String permissions = LocalApi.path("permissions", vhost, first);
    String topics = LocalApi.path("topic-permissions", vhost, first);
    String vhostLimits = LocalApi.path("vhost-limits", vhost);
    String userLimits = LocalApi.path("user-limits", first);
    return switch (verb) {
      case ADD_USER -> api.putNew(user, password(given.get(1)).put("tags", new JsonArray()));
      case DELETE_USER -> api.delete(user);
      case CHANGE_PASSWORD -> api.put(user + "/password", password(given.get(1)));
      case SET_USER_TAGS ->
          api.put(
              user + "/tags",
              new JsonObject().put("tags", new JsonArray(given.subList(1, given.size()))));
      case SET_PERMISSIONS ->
          api.put(
              permissions,
              new JsonObject()
                  .put("configure", given.get(1))
                  .put("write", given.get(2))
                  .put("read", given.get(3)));
      case CLEAR_PERMISSIONS -> api.delete(permissions);
      case SET_TOPIC_PERMISSIONS ->
          api.put(
              topics,
              new JsonObject()
                  .put("exchange", given.get(1))
                  .put("write", given.get(2))
                  .put("read", given.get(3)));
      case CLEAR_TOPIC_PERMISSIONS ->
          api.delete(given.size() > 1 ? topics + LocalApi.path(given.get(1)) : topics);
      case SET_VHOST_LIMITS -> api.put(vhostLimits, limits(first));
      case CLEAR_VHOST_LIMITS -> api.put(vhostLimits, new JsonObject());
      case SET_USER_LIMITS -> api.put(userLimits, limits(given.get(1)));
      case CLEAR_USER_LIMITS ->
          given.get(1).equals("all")
              ? api.put(
                  userLimits, new JsonObject().put("max-connections", -1).put("max-channels", -1))
              : api.delete(userLimits + LocalApi.path(given.get(1)));
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

  private static JsonObject password(String password) throws Refused {
    if (password.isEmpty()) {
      throw new Refused("the password is empty");
    }
    return new JsonObject().put("password", password);
  }

  private static JsonObject limits(String json) throws Refused {
    try {
      JsonObject limits = new JsonObject(json);
      for (String limit : limits.fieldNames()) {
        if (!(limits.getValue(limit) instanceof Integer)) {
          throw new Refused("limit " + limit + " is not an integer");
        }
      }
      return limits;
    } catch (DecodeException e) {
      throw new Refused("limits are not a JSON object: " + e.getMessage());
    }
  }

  private String authenticate(String user, String password) throws IOException, Refused {
    LocalApi.Answer answer =
        api.postForm("/login", "username=%s&password=%s".formatted(form(user), form(password)));
    // Whoever is known, but has nothing to do with the administration, is refused otherwise.
    if (answer.isGood() || answer.reason().equals("Not management user")) {
      return "Success";
    }
    throw new Refused(
        "failed to authenticate user \"%s\": user '%s' - invalid credentials"
            .formatted(user, user));
  }

  private static String form(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private String list(AccountVerb verb, String first) throws IOException, Refused {
    return switch (verb) {
      case LIST_USERS ->
          table("/users", "user\ttags", user -> text(user, "name") + "\t" + tags(user));
      case LIST_PERMISSIONS ->
          table(
              LocalApi.path("vhosts", vhost, "permissions"),
              "user\tconfigure\twrite\tread",
              may -> row(may, "user", "configure", "write", "read"));
      case LIST_USER_PERMISSIONS ->
          table(
              LocalApi.path("users", first, "permissions"),
              "vhost\tconfigure\twrite\tread",
              may -> row(may, "vhost", "configure", "write", "read"));
      case LIST_USER_LIMITS ->
          table("/user-limits", "user\tlimits", limit -> row(limit, "user", "value"));
      case LIST_VHOST_LIMITS ->
          table(
              LocalApi.path("vhost-limits", vhost),
              "vhost\tlimits",
              limit -> row(limit, "vhost", "value"));
      default ->
          table(
              LocalApi.path("vhosts", vhost, "topic-permissions"),
              "user\texchange\twrite\tread",
              may -> row(may, "user", "exchange", "write", "read"));
    };
  }

  private String table(String path, String header, Function<JsonObject, String> line)
      throws IOException, Refused {
    LocalApi.Answer answer = api.get(path);
    if (answer.status() == NOT_FOUND) {
      throw new Refused("there is no such user or vhost");
    }
    List<String> lines = new ArrayList<>();
    lines.add(header);
    if (good(answer).json() instanceof JsonArray rows) {
      rows.forEach(row -> lines.add(line.apply((JsonObject) row)));
    }
    return String.join("\n", lines);
  }

  private static String text(JsonObject object, String key) {
    return String.valueOf(object.getValue(key));
  }

  private static String row(JsonObject object, String... keys) {
    return List.of(keys).stream().map(key -> text(object, key)).collect(Collectors.joining("\t"));
  }

  private static String tags(JsonObject user) {
    return user.getJsonArray("tags").stream()
        .map(String::valueOf)
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
