package org.warrenmq.admin.api;

import static org.warrenmq.admin.http.Authority.ADMINISTRATOR;
import static org.warrenmq.admin.http.Authority.MANAGEMENT;
import static org.warrenmq.admin.http.Authority.VHOST;
import static org.warrenmq.admin.http.Authority.VHOST_VISIBLE;

import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.http.ApiError;
import org.warrenmq.admin.http.Reply;
import org.warrenmq.admin.http.Request;
import org.warrenmq.admin.http.Route;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.NodeDesk;
import org.warrenmq.admin.node.NodeView;

/** Virtual hosts and their limits. Immutable; called on threads that may wait. */
final class VhostEndpoints {
  private final NodeView view;
  private final NodeDesk commands;

  VhostEndpoints(NodeView view, NodeDesk commands) {
    this.view = view;
    this.commands = commands;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/vhosts", MANAGEMENT, this::list),
        Route.get("/vhosts/{vhost}", VHOST_VISIBLE, this::get),
        Route.put("/vhosts/{vhost}", ADMINISTRATOR, this::put),
        Route.delete("/vhosts/{vhost}", ADMINISTRATOR, this::delete),
        Route.get("/vhosts/{vhost}/deletion/protection", ADMINISTRATOR, this::get),
        Route.post("/vhosts/{vhost}/deletion/protection", ADMINISTRATOR, r -> protect(r, true)),
        Route.delete("/vhosts/{vhost}/deletion/protection", ADMINISTRATOR, r -> protect(r, false)),
        Route.post("/vhosts/{vhost}/start/{node}", ADMINISTRATOR, this::start),
        Route.get("/vhost-limits", MANAGEMENT, this::allLimits),
        Route.get("/vhost-limits/{vhost}", VHOST_VISIBLE, this::limits),
        Route.put("/vhost-limits/{vhost}", ADMINISTRATOR, this::setLimits),
        Route.put("/vhost-limits/{vhost}/{limit}", ADMINISTRATOR, this::setLimit),
        Route.delete("/vhost-limits/{vhost}/{limit}", ADMINISTRATOR, this::clearLimit),
        Route.get("/aliveness-test/{vhost}", VHOST, this::alive));
  }

  private Reply list(Request request) {
    List<Facts.Vhost> visible =
        view.vhosts().stream().filter(vhost -> request.sees(vhost.name())).toList();
    return new Reply.Items<>(visible, this::shown);
  }

  private JsonObject shown(Facts.Vhost vhost) {
    return Shown.vhost(vhost, view.nodeName());
  }

  /** The virtual host that the path names. */
  private Facts.Vhost existing(Request request) {
    Facts.Vhost vhost = view.vhost(request.vhost());
    if (vhost == null) {
      throw ApiError.notFound();
    }
    return vhost;
  }

  private Reply get(Request request) {
    return Reply.json(shown(existing(request)));
  }

  private Reply put(Request request) {
    JsonObject body = request.body();
    Facts.Vhost known = view.vhost(request.vhost());
    Facts.VhostTraits old = known == null ? Facts.VhostTraits.NONE : known.traits();
    List<String> tags = Body.words(body, "tags");
    String type = queueType(body);
    commands
        .of(request.caller())
        .putVhost(
            request.vhost(),
            new Facts.VhostTraits(
                Body.text(body, "description", old.description()),
                tags == null ? old.tags() : tags,
                type == null ? old.defaultQueueType() : type,
                Body.flag(body, "protected_from_deletion", old.isProtected())));
    return Reply.put(known != null);
  }

  private static @Nullable String queueType(JsonObject body) {
    String type = Body.text(body, "default_queue_type");
    String given = type == null ? Body.text(body, "defaultqueuetype") : type;
    if (given == null || given.isEmpty() || given.equals("undefined")) {
      return null;
    }
    if (!List.of("classic", "quorum").contains(given)) {
      throw ApiError.badRequest("Unsupported default queue type '" + given + "'");
    }
    return given;
  }

  private Reply delete(Request request) {
    if (existing(request).traits().isProtected()) {
      throw new ApiError(
          412,
          "precondition_failed",
          "Refusing to delete virtual host '%s' because it is protected from deletion"
              .formatted(request.vhost()));
    }
    commands.of(request.caller()).deleteVhost(request.vhost());
    return Reply.done();
  }

  private Reply protect(Request request, boolean on) {
    existing(request);
    commands.of(request.caller()).protectVhost(request.vhost(), on);
    return Reply.done();
  }

  /** All of them run. */
  private Reply start(Request request) {
    existing(request);
    if (!request.value("node").equals(view.nodeName())) {
      throw ApiError.badRequest("no node " + request.value("node"));
    }
    return Reply.done();
  }

  private Reply allLimits(Request request) {
    List<Facts.Vhost> limited =
        view.vhosts().stream()
            .filter(vhost -> !vhost.limits().isEmpty() && request.sees(vhost.name()))
            .toList();
    return new Reply.Items<>(limited, VhostEndpoints::limits);
  }

  private static JsonObject limits(Facts.Vhost vhost) {
    return new JsonObject().put("vhost", vhost.name()).put("value", Shown.numbers(vhost.limits()));
  }

  private Reply limits(Request request) {
    Facts.Vhost vhost = existing(request);
    List<Facts.Vhost> limited = vhost.limits().isEmpty() ? List.of() : List.of(vhost);
    return new Reply.Items<>(limited, VhostEndpoints::limits);
  }

  /** These and no others. */
  private Reply setLimits(Request request) {
    existing(request);
    commands.of(request.caller()).limitVhost(request.vhost(), Body.numbers(request.body()));
    return Reply.done();
  }

  private Reply setLimit(Request request) {
    return limit(request, Body.whole(request.body("value"), "value"));
  }

  private Reply clearLimit(Request request) {
    return limit(request, -1);
  }

  private Reply limit(Request request, int value) {
    Map<String, Integer> limits = new LinkedHashMap<>(existing(request).limits());
    limits.put(request.value("limit"), value);
    commands.of(request.caller()).limitVhost(request.vhost(), limits);
    return Reply.done();
  }

  private Reply alive(Request request) {
    existing(request);
    return Reply.json(new JsonObject().put("status", "ok"));
  }
}
