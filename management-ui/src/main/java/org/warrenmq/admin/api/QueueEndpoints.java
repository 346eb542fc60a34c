package org.warrenmq.admin.api;

import static org.warrenmq.admin.http.Authority.ADMINISTRATOR;
import static org.warrenmq.admin.http.Authority.MANAGEMENT;
import static org.warrenmq.admin.http.Authority.VHOST;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.warrenmq.admin.http.ApiError;
import org.warrenmq.admin.http.ArgumentsJson;
import org.warrenmq.admin.http.PropertiesJson;
import org.warrenmq.admin.http.Reply;
import org.warrenmq.admin.http.Request;
import org.warrenmq.admin.http.Route;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.MessageAccess;
import org.warrenmq.admin.node.MessageAccess.AckMode;
import org.warrenmq.admin.node.NodeDesk;
import org.warrenmq.admin.node.NodeView;

/** Queues, and taking messages out of one. Immutable; called on threads that may wait. */
final class QueueEndpoints {
  private final NodeView view;
  private final NodeDesk commands;
  private final MessageAccess messages;
  private final Vhosts vhosts;

  QueueEndpoints(NodeView view, NodeDesk commands, MessageAccess messages) {
    this.view = view;
    this.commands = commands;
    this.messages = messages;
    vhosts = new Vhosts(view);
  }

  List<Route> routes() {
    return List.of(
        Route.get("/queues", MANAGEMENT, r -> list(r, vhosts.inAll(r, view::queues))),
        Route.get("/queues/detailed", MANAGEMENT, r -> list(r, vhosts.inAll(r, view::queues))),
        Route.get("/queues/{vhost}", VHOST, r -> list(r, view.queues(vhosts.named(r)))),
        Route.get("/queues/{vhost}/{queue}", VHOST, this::get),
        Route.put("/queues/{vhost}/{queue}", VHOST, this::put),
        Route.delete("/queues/{vhost}/{queue}", VHOST, this::delete),
        Route.delete("/queues/{vhost}/{queue}/contents", VHOST, this::purge),
        Route.post("/queues/{vhost}/{queue}/get", VHOST, this::messages),
        Route.post("/queues/{vhost}/{queue}/actions", ADMINISTRATOR, this::act),
        Route.post("/rebalance/queues", ADMINISTRATOR, r -> Reply.done()));
  }

  /** What queues hold is asked for where it is to be seen, unless the request says not to. */
  private Reply list(Request request, List<Facts.Queue> queues) {
    String node = view.nodeName();
    if (request.isTrue("disable_stats") && !request.isTrue("enable_queue_totals")) {
      return new Reply.Items<>(queues, queue -> Shown.queue(queue, node, null));
    }
    CountedQueues counted = new CountedQueues(view, queues);
    return new Reply.Items<>(queues, queue -> Shown.queue(queue, node, counted.of(queue)));
  }

  private Facts.Queue find(Request request) {
    Facts.Queue queue = view.queue(vhosts.named(request), request.value("queue"));
    if (queue == null) {
      throw ApiError.notFound("queue");
    }
    return queue;
  }

  private Reply get(Request request) {
    Facts.Queue queue = find(request);
    return Reply.json(Shown.queue(queue, view.nodeName(), view.counts(List.of(queue)).getFirst()));
  }

  private Reply put(Request request) {
    JsonObject body = request.body();
    String vhost = vhosts.named(request);
    String name = request.value("queue");
    boolean wasThere = view.queue(vhost, name) != null;
    String node = Body.text(body, "node");
    if (node != null && !node.equals(view.nodeName())) {
      throw ApiError.badRequest("Node " + node + " could not be contacted");
    }
    commands
        .of(request.caller())
        .declareQueue(
            vhost,
            name,
            Body.flag(body, "durable", false),
            Body.flag(body, "auto_delete", false),
            ArgumentsJson.toTable(body.getValue("arguments")));
    return Reply.put(wasThere);
  }

  private Reply delete(Request request) {
    Facts.Queue queue = find(request);
    commands
        .of(request.caller())
        .deleteQueue(
            queue.vhost(), queue.name(), request.isTrue("if-unused"), request.isTrue("if-empty"));
    return Reply.done();
  }

  private Reply purge(Request request) {
    Facts.Queue queue = find(request);
    commands.of(request.caller()).purge(queue.vhost(), queue.name());
    return Reply.done();
  }

  /** Mirrors were synchronised by it, of which there are none. */
  private Reply act(Request request) {
    find(request);
    String action = Body.text(request.body("action"), "action", "");
    if (!List.of("sync", "cancel_sync").contains(action)) {
      throw ApiError.badRequest("unknown action " + action);
    }
    return Reply.done();
  }

  private Reply messages(Request request) {
    Facts.Queue queue = find(request);
    JsonObject body = request.body("ackmode", "count", "encoding");
    String encoding = Body.text(body, "encoding", "");
    if (!List.of("auto", "base64").contains(encoding)) {
      throw ApiError.badRequest("Unsupported encoding. Please use auto or base64.");
    }
    int truncate =
        body.getValue("truncate") == null ? Integer.MAX_VALUE : Body.whole(body, "truncate");
    int count = Body.whole(body, "count");
    if (count < 0 || truncate < 0) {
      throw ApiError.badRequest("a count is not negative");
    }
    List<MessageAccess.Got> got =
        messages.get(request.caller(), queue.vhost(), queue.name(), count, ackMode(body), truncate);
    JsonArray array = new JsonArray();
    got.forEach(message -> array.add(shown(message, encoding.equals("auto"))));
    return Reply.json(array);
  }

  private static AckMode ackMode(JsonObject body) {
    String mode = Body.text(body, "ackmode", "");
    for (AckMode each : AckMode.values()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(mode)) {
        return each;
      }
    }
    throw ApiError.badRequest("unknown ackmode " + mode);
  }

  private static JsonObject shown(MessageAccess.Got message, boolean asText) {
    JsonObject shown =
        new JsonObject()
            .put("payload_bytes", message.size())
            .put("redelivered", message.redelivered())
            .put("exchange", message.exchange())
            .put("routing_key", message.routingKey())
            .put("message_count", message.remaining())
            .put("properties", PropertiesJson.of(message.properties()));
    if (asText) {
      try {
        String text =
            StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(message.payload()))
                .toString();
        return shown.put("payload", text).put("payload_encoding", "string");
      } catch (CharacterCodingException e) {
        // As octets.
      }
    }
    return shown
        .put("payload", Base64.getEncoder().encodeToString(message.payload()))
        .put("payload_encoding", "base64");
  }
}
