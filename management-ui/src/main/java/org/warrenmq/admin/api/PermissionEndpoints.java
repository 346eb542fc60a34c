package org.warrenmq.admin.api;

import static org.warrenmq.admin.http.Authority.ADMINISTRATOR;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.warrenmq.admin.http.ApiError;
import org.warrenmq.admin.http.Reply;
import org.warrenmq.admin.http.Request;
import org.warrenmq.admin.http.Route;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.NodeDesk;
import org.warrenmq.admin.node.NodeView;

/** What users may do where. Immutable; called on threads that may wait. */
final class PermissionEndpoints {
  private final NodeView view;
  private final NodeDesk commands;

  /** One of a user in a virtual host. */
  private record Permission(String user, String vhost, Facts.Resources resources) {
    JsonObject shown() {
      return new JsonObject()
          .put("user", user)
          .put("vhost", vhost)
          .put("configure", resources.configure())
          .put("write", resources.write())
          .put("read", resources.read());
    }
  }

  private record Topic(String user, String vhost, String exchange, Facts.Topics topics) {
    JsonObject shown() {
      return new JsonObject()
          .put("user", user)
          .put("vhost", vhost)
          .put("exchange", exchange)
          .put("write", topics.write())
          .put("read", topics.read());
    }
  }

  PermissionEndpoints(NodeView view, NodeDesk commands) {
    this.view = view;
    this.commands = commands;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/permissions", ADMINISTRATOR, r -> list(all())),
        Route.get("/permissions/{vhost}/{user}", ADMINISTRATOR, this::get),
        Route.put("/permissions/{vhost}/{user}", ADMINISTRATOR, this::put),
        Route.delete("/permissions/{vhost}/{user}", ADMINISTRATOR, this::delete),
        Route.get("/vhosts/{vhost}/permissions", ADMINISTRATOR, r -> list(in(vhost(r)))),
        Route.get("/users/{user}/permissions", ADMINISTRATOR, r -> list(of(user(r)))),
        Route.get("/topic-permissions", ADMINISTRATOR, r -> topics(allTopics())),
        Route.get("/topic-permissions/{vhost}/{user}", ADMINISTRATOR, this::getTopics),
        Route.put("/topic-permissions/{vhost}/{user}", ADMINISTRATOR, this::putTopic),
        Route.delete("/topic-permissions/{vhost}/{user}", ADMINISTRATOR, this::deleteTopics),
        Route.get("/topic-permissions/{vhost}/{user}/{exchange}", ADMINISTRATOR, this::getTopic),
        Route.delete(
            "/topic-permissions/{vhost}/{user}/{exchange}", ADMINISTRATOR, this::deleteTopic),
        Route.get("/vhosts/{vhost}/topic-permissions", ADMINISTRATOR, r -> topicsIn(vhost(r))),
        Route.get("/users/{user}/topic-permissions", ADMINISTRATOR, r -> topics(topics(user(r)))));
  }

  private static Reply list(List<Permission> permissions) {
    return new Reply.Items<>(permissions, Permission::shown);
  }

  private static Reply topics(List<Topic> topics) {
    return new Reply.Items<>(topics, Topic::shown);
  }

  private String vhost(Request request) {
    if (view.vhost(request.vhost()) == null) {
      throw ApiError.notFound();
    }
    return request.vhost();
  }

  private Facts.User user(Request request) {
    Facts.User user = view.user(request.value("user"));
    if (user == null) {
      throw ApiError.notFound();
    }
    return user;
  }

  /** The user of a path with a virtual host, which both have to be there. */
  private Facts.User toBePermitted(Request request) {
    Facts.User user = view.user(request.value("user"));
    if (user == null || view.vhost(request.vhost()) == null) {
      throw ApiError.badRequest("vhost_or_user_not_found");
    }
    return user;
  }

  private static List<Permission> of(Facts.User user) {
    List<Permission> permissions = new ArrayList<>();
    user.grants()
        .forEach(
            (vhost, grant) -> {
              Facts.Resources resources = grant.resources();
              if (resources != null) {
                permissions.add(new Permission(user.name(), vhost, resources));
              }
            });
    return permissions;
  }

  private List<Permission> all() {
    return view.users().stream().flatMap(user -> of(user).stream()).toList();
  }

  private List<Permission> in(String vhost) {
    return all().stream().filter(permission -> permission.vhost.equals(vhost)).toList();
  }

  private Permission find(Request request) {
    String vhost = vhost(request);
    return of(user(request)).stream()
        .filter(permission -> permission.vhost.equals(vhost))
        .findFirst()
        .orElseThrow(ApiError::notFound);
  }

  private Reply get(Request request) {
    return Reply.json(find(request).shown());
  }

  private Reply put(Request request) {
    JsonObject body = request.body("configure", "write", "read");
    Facts.User user = toBePermitted(request);
    String vhost = request.vhost();
    boolean wasThere = of(user).stream().anyMatch(there -> there.vhost.equals(vhost));
    commands
        .of(request.caller())
        .setPermissions(
            user.name(),
            vhost,
            new Facts.Resources(
                Body.text(body, "configure", ""),
                Body.text(body, "write", ""),
                Body.text(body, "read", "")));
    return Reply.put(wasThere);
  }

  private Reply delete(Request request) {
    Permission permission = find(request);
    commands.of(request.caller()).clearPermissions(permission.user, permission.vhost);
    return Reply.done();
  }

  // Topics.

  private static List<Topic> topics(Facts.User user) {
    List<Topic> topics = new ArrayList<>();
    user.grants()
        .forEach(
            (vhost, grant) ->
                grant
                    .topics()
                    .forEach(
                        (exchange, there) ->
                            topics.add(new Topic(user.name(), vhost, exchange, there))));
    return topics;
  }

  private List<Topic> allTopics() {
    return view.users().stream().flatMap(user -> topics(user).stream()).toList();
  }

  private Reply topicsIn(String vhost) {
    return topics(allTopics().stream().filter(topic -> topic.vhost.equals(vhost)).toList());
  }

  /** Those of the user and the virtual host in the path, of which there is one. */
  private List<Topic> findTopics(Request request) {
    String vhost = vhost(request);
    List<Topic> there =
        topics(user(request)).stream().filter(topic -> topic.vhost.equals(vhost)).toList();
    if (there.isEmpty()) {
      throw ApiError.notFound();
    }
    return there;
  }

  private Topic findTopic(Request request) {
    String exchange = request.value("exchange");
    return findTopics(request).stream()
        .filter(topic -> topic.exchange.equals(exchange))
        .findFirst()
        .orElseThrow(ApiError::notFound);
  }

  private Reply getTopics(Request request) {
    return topics(findTopics(request));
  }

  private Reply getTopic(Request request) {
    return Reply.json(findTopic(request).shown());
  }

  private Reply putTopic(Request request) {
    JsonObject body = request.body("exchange", "write", "read");
    Facts.User user = toBePermitted(request);
    String vhost = request.vhost();
    boolean wasThere = topics(user).stream().anyMatch(topic -> topic.vhost.equals(vhost));
    commands
        .of(request.caller())
        .setTopicPermissions(
            user.name(),
            vhost,
            Body.text(body, "exchange", ""),
            new Facts.Topics(Body.text(body, "write", ""), Body.text(body, "read", "")));
    return Reply.put(wasThere);
  }

  private Reply deleteTopics(Request request) {
    findTopics(request);
    commands
        .of(request.caller())
        .clearTopicPermissions(request.value("user"), request.vhost(), null);
    return Reply.done();
  }

  private Reply deleteTopic(Request request) {
    Topic topic = findTopic(request);
    commands.of(request.caller()).clearTopicPermissions(topic.user, topic.vhost, topic.exchange);
    return Reply.done();
  }
}
