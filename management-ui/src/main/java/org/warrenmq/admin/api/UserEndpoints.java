package org.warrenmq.admin.api;

import static org.warrenmq.admin.http.Authority.ADMINISTRATOR;
import static org.warrenmq.admin.http.Authority.LOGIN;
import static org.warrenmq.admin.http.Authority.MANAGEMENT;
import static org.warrenmq.admin.http.Authority.NONE;
import static org.warrenmq.admin.http.Authority.SELF;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.warrenmq.admin.http.ApiError;
import org.warrenmq.admin.http.Reply;
import org.warrenmq.admin.http.Request;
import org.warrenmq.admin.http.Route;
import org.warrenmq.admin.node.Caller;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.NodeCommands;
import org.warrenmq.admin.node.NodeDesk;
import org.warrenmq.admin.node.NodeView;

/** Users, their limits, and who one is. Immutable; called on threads that may wait. */
final class UserEndpoints {
  private final NodeView view;
  private final NodeDesk commands;

  UserEndpoints(NodeView view, NodeDesk commands) {
    this.view = view;
    this.commands = commands;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/users", ADMINISTRATOR, r -> users(view.users())),
        Route.get("/users/without-permissions", ADMINISTRATOR, this::withoutPermissions),
        Route.post("/users/bulk-delete", ADMINISTRATOR, this::bulkDelete),
        Route.get("/users/{user}", ADMINISTRATOR, this::get),
        Route.put("/users/{user}", ADMINISTRATOR, this::put),
        Route.delete("/users/{user}", ADMINISTRATOR, this::delete),
        Route.put("/users/{user}/password", ADMINISTRATOR, this::changePassword),
        Route.put("/users/{user}/tags", ADMINISTRATOR, this::setTags),
        Route.get("/whoami", MANAGEMENT, r -> Reply.json(shown(r.caller()))),
        Route.post("/login", LOGIN, this::login),
        Route.delete("/login", NONE, r -> Reply.done()),
        Route.get("/user-limits", ADMINISTRATOR, this::allLimits),
        Route.get("/user-limits/{user}", SELF, this::limits),
        Route.put("/user-limits/{user}", ADMINISTRATOR, this::setLimits),
        Route.put("/user-limits/{user}/{limit}", ADMINISTRATOR, this::setLimit),
        Route.delete("/user-limits/{user}/{limit}", ADMINISTRATOR, this::clearLimit),
        Route.get("/auth/hash_password/{password}", ADMINISTRATOR, this::hash));
  }

  private static Reply users(List<Facts.User> users) {
    return new Reply.Items<>(users, Shown::user);
  }

  private Reply withoutPermissions(Request request) {
    return users(
        view.users().stream()
            .filter(user -> user.grants().values().stream().allMatch(g -> g.resources() == null))
            .toList());
  }

  private Facts.User existing(String name) {
    Facts.User user = view.user(name);
    if (user == null) {
      throw ApiError.notFound();
    }
    return user;
  }

  private Reply get(Request request) {
    return Reply.json(Shown.user(existing(request.value("user"))));
  }

  private Reply put(Request request) {
    String name = request.value("user");
    JsonObject body = request.body();
    List<String> tags = Body.words(body, "tags");
    if (tags == null) {
      throw ApiError.badRequest("tags_not_present");
    }
    boolean wasThere = view.user(name) != null;
    if ("*".equals(request.header().apply("If-None-Match"))) {
      commands.of(request.caller()).addUser(name, password(body), tags);
      return Reply.created();
    }
    commands.of(request.caller()).putUser(name, password(body), tags);
    return Reply.put(wasThere);
  }

  /** Without one, no password lets the user in. */
  private static NodeCommands.Password password(JsonObject body) {
    String plain = Body.text(body, "password");
    String hash = Body.text(body, "password_hash");
    if (plain != null && hash != null) {
      throw ApiError.badRequest("both_password_and_password_hash_are_provided");
    }
    if (hash != null && !isBase64(hash)) {
      throw new ApiError(400, "bad_request", new JsonArray().add("not_base64").add(hash));
    }
    if (plain != null && plain.isEmpty()) {
      throw ApiError.badRequest("empty password is not allowed");
    }
    return plain != null
        ? new NodeCommands.Password.Plain(plain)
        : new NodeCommands.Password.Hashed(
            Body.text(body, "hashing_algorithm", ""), hash == null ? "" : hash);
  }

  /** With its padding, which Java would do without. */
  private static boolean isBase64(String text) {
    try {
      Base64.getDecoder().decode(text);
      return text.length() % 4 == 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private Reply delete(Request request) {
    Facts.User user = existing(request.value("user"));
    checkProtection(user);
    commands.of(request.caller()).deleteUser(user.name());
    return Reply.done();
  }

  private Reply changePassword(Request request) {
    Facts.User user = existing(request.value("user"));
    commands.of(request.caller()).changePassword(user.name(), password(request.body()));
    return Reply.done();
  }

  private Reply setTags(Request request) {
    Facts.User user = existing(request.value("user"));
    List<String> tags = Body.words(request.body("tags"), "tags");
    commands.of(request.caller()).setTags(user.name(), tags == null ? List.of() : tags);
    return Reply.done();
  }

  /** RabbitMQ knows the tag from 4.1 on. */
  private static void checkProtection(Facts.User user) {
    if (user.tags().contains("protected")) {
      throw new ApiError(
          412,
          "precondition_failed",
          "Refusing to delete user '%s' because it is protected from deletion"
              .formatted(user.name()));
    }
  }

  /** Those that are not there are passed over. */
  private Reply bulkDelete(Request request) {
    JsonObject body = request.body("users");
    if (!(body.getValue("users") instanceof JsonArray names)) {
      throw ApiError.badRequest("users is not a list");
    }
    List<Facts.User> users =
        names.stream()
            .map(String::valueOf)
            .distinct()
            .map(view::user)
            .filter(u -> u != null)
            .toList();
    users.forEach(UserEndpoints::checkProtection);
    users.forEach(user -> commands.of(request.caller()).deleteUser(user.name()));
    return Reply.done();
  }

  private static JsonObject shown(Caller caller) {
    return new JsonObject()
        .put("name", caller.name())
        .put("tags", new JsonArray(caller.tags()))
        .put("is_internal_user", !caller.isLocal());
  }

  /** Who has sent a form gets what a client sends from then on. */
  private Reply login(Request request) {
    String both = request.form().get("username") + ":" + request.form().get("password");
    String value = Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8));
    JsonObject token = new JsonObject().put("type", "basic").put("value", value);
    return Reply.json(new JsonObject().put("token", token).put("user", shown(request.caller())));
  }

  private Reply allLimits(Request request) {
    return limits(view.users());
  }

  private Reply limits(Request request) {
    return limits(List.of(existing(request.value("user"))));
  }

  private static Reply limits(List<Facts.User> users) {
    return new Reply.Items<>(
        users.stream().filter(user -> !user.limits().isEmpty()).toList(),
        user ->
            new JsonObject().put("user", user.name()).put("value", Shown.numbers(user.limits())));
  }

  /** Several at once. */
  private Reply setLimits(Request request) {
    existing(request.value("user"));
    commands.of(request.caller()).limitUser(request.value("user"), Body.numbers(request.body()));
    return Reply.done();
  }

  private Reply setLimit(Request request) {
    return limit(request, Body.whole(request.body("value"), "value"));
  }

  private Reply clearLimit(Request request) {
    return limit(request, -1);
  }

  private Reply limit(Request request, int value) {
    existing(request.value("user"));
    commands
        .of(request.caller())
        .limitUser(request.value("user"), Map.of(request.value("limit"), value));
    return Reply.done();
  }

  private Reply hash(Request request) {
    return Reply.json(
        new JsonObject().put("ok", commands.of(request.caller()).hash(request.value("password"))));
  }
}
