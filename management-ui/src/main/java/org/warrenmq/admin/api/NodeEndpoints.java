package org.warrenmq.admin.api;

import static org.warrenmq.admin.http.Authority.ADMINISTRATOR;
import static org.warrenmq.admin.http.Authority.LOCAL;
import static org.warrenmq.admin.http.Authority.MANAGEMENT;
import static org.warrenmq.admin.http.Authority.MONITORING;
import static org.warrenmq.admin.http.Authority.NONE;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.warrenmq.admin.http.ApiError;
import org.warrenmq.admin.http.Reply;
import org.warrenmq.admin.http.Request;
import org.warrenmq.admin.http.Route;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.NodeDesk;
import org.warrenmq.admin.node.NodeView;

/** The node itself: what it is, and its backup. Immutable; called on threads that may wait. */
final class NodeEndpoints {
  private static final List<String> CHURN =
      List.of(
          "connection_created",
          "connection_closed",
          "channel_created",
          "channel_closed",
          "queue_declared",
          "queue_created",
          "queue_deleted");

  private final NodeView view;
  private final NodeDesk commands;
  private final Vhosts vhosts;

  NodeEndpoints(NodeView view, NodeDesk commands) {
    this.view = view;
    this.commands = commands;
    vhosts = new Vhosts(view);
  }

  List<Route> routes() {
    return List.of(
        Route.get("/overview", MANAGEMENT, this::overview),
        Route.get("/version", NONE, r -> new Reply.Text(view.node().version())),
        Route.get("/nodes", MONITORING, r -> items(List.of(ShownNode.node(view.node())))),
        Route.get("/nodes/{node}", MONITORING, r -> Reply.json(ShownNode.node(existing(r)))),
        Route.get("/nodes/{node}/memory", MONITORING, this::memory),
        Route.get("/extensions", MANAGEMENT, r -> Reply.json(new JsonArray())),
        Route.get("/feature-flags", MANAGEMENT, r -> items(List.of())),
        Route.put("/feature-flags/{flag}/enable", ADMINISTRATOR, r -> noFlag()),
        Route.get("/deprecated-features", MANAGEMENT, r -> items(List.of())),
        Route.get("/deprecated-features/used", MANAGEMENT, r -> items(List.of())),
        Route.get("/auth", NONE, r -> Reply.json(new JsonObject().put("oauth_enabled", false))),
        Route.delete("/reset", ADMINISTRATOR, r -> Reply.done()),
        Route.delete("/reset/{node}", ADMINISTRATOR, this::reset),
        Route.get("/warren/memory", LOCAL, this::held),
        Route.post("/warren/backup", LOCAL, this::backup));
  }

  private static Reply items(List<JsonObject> objects) {
    return new Reply.Items<>(objects, object -> object);
  }

  private static Reply noFlag() {
    throw ApiError.badRequest("unsupported");
  }

  private Facts.Node existing(Request request) {
    Facts.Node node = view.node();
    if (!node.name().equals(request.value("node"))) {
      throw ApiError.notFound();
    }
    return node;
  }

  private Reply reset(Request request) {
    existing(request);
    return Reply.done();
  }

  private Reply overview(Request request) {
    Facts.Node node = view.node();
    boolean all = request.caller().isMonitoring();
    List<Facts.Connection> connections =
        view.connections().stream()
            .filter(one -> all || one.user().equals(request.caller().name()))
            .toList();
    List<Facts.Channel> channels =
        connections.stream().flatMap(one -> one.channels().stream()).toList();
    List<Facts.Queue> queues = vhosts.inAll(request, view::queues);
    return Reply.json(
        ShownNode.overview(node)
            .put("churn_rates", churn())
            .put("message_stats", new JsonObject())
            .put("queue_totals", totals(queues))
            .put(
                "object_totals",
                new JsonObject()
                    .put("connections", connections.size())
                    .put("channels", channels.size())
                    .put("consumers", channels.stream().mapToInt(c -> c.consumers().size()).sum())
                    .put("queues", queues.size())
                    .put("exchanges", vhosts.inAll(request, view::exchanges).size())));
  }

  /** Nothing is counted so far. */
  private static JsonObject churn() {
    JsonObject churn = new JsonObject();
    for (String what : CHURN) {
      churn.put(what, 0).put(what + "_details", new JsonObject().put("rate", 0.0));
    }
    return churn;
  }

  private JsonObject totals(List<Facts.Queue> queues) {
    long ready = 0;
    long unacknowledged = 0;
    CountedQueues counted = new CountedQueues(view, queues);
    for (Facts.Queue queue : queues) {
      Facts.QueueCounts counts = counted.of(queue);
      if (counts != null) {
        ready += counts.ready();
        unacknowledged += counts.unacknowledged();
      }
    }
    JsonObject still = new JsonObject().put("rate", 0.0);
    return new JsonObject()
        .put("messages", ready + unacknowledged)
        .put("messages_details", still)
        .put("messages_ready", ready)
        .put("messages_ready_details", still)
        .put("messages_unacknowledged", unacknowledged)
        .put("messages_unacknowledged_details", still);
  }

  private Reply memory(Request request) {
    Facts.Node node = existing(request);
    JsonObject memory = new JsonObject();
    Stream.of(ShownNode.MEMORY_KINDS).forEach(kind -> memory.put(kind, 0));
    memory
        .put("other_system", node.memoryHeld())
        .put("strategy", "allocated")
        .put(
            "total",
            new JsonObject()
                .put("rss", ShownNode.memoryUsed())
                .put("allocated", ShownNode.memoryUsed())
                .put("erlang", 0));
    return Reply.json(new JsonObject().put("memory", memory));
  }

  /** What is held for clients, and for what. */
  private Reply held(Request request) {
    Facts.Node node = view.node();
    return Reply.json(
        new JsonObject()
            .put("held", node.memoryHeld())
            .put("budget", node.memoryLimit())
            .put("level", node.memoryLevel())
            .put("by_kind", node.memoryByKind()));
  }

  private Reply backup(Request request) {
    String folder = Body.text(request.body("folder"), "folder", "");
    try {
      commands.of(request.caller()).backup(Path.of(folder));
    } catch (InvalidPathException e) {
      throw ApiError.badRequest(String.valueOf(e.getMessage()));
    }
    return Reply.json(new JsonObject().put("copied", folder));
  }
}
