package org.warrenmq.admin.api;

import static org.warrenmq.admin.http.Authority.MANAGEMENT;
import static org.warrenmq.admin.http.Authority.VHOST;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.warrenmq.admin.http.ApiError;
import org.warrenmq.admin.http.ArgumentsJson;
import org.warrenmq.admin.http.PropertiesJson;
import org.warrenmq.admin.http.Reply;
import org.warrenmq.admin.http.Request;
import org.warrenmq.admin.http.Route;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.MessageAccess;
import org.warrenmq.admin.node.NodeDesk;
import org.warrenmq.admin.node.NodeView;

/** Exchanges, and publishing to one. Immutable; called on threads that may wait. */
final class ExchangeEndpoints {
  private final NodeView view;
  private final NodeDesk commands;
  private final MessageAccess messages;
  private final Vhosts vhosts;

  ExchangeEndpoints(NodeView view, NodeDesk commands, MessageAccess messages) {
    this.view = view;
    this.commands = commands;
    this.messages = messages;
    vhosts = new Vhosts(view);
  }

  List<Route> routes() {
    return List.of(
        Route.get("/exchanges", MANAGEMENT, r -> list(vhosts.inAll(r, view::exchanges))),
        Route.get("/exchanges/{vhost}", VHOST, r -> list(view.exchanges(vhosts.named(r)))),
        Route.get("/exchanges/{vhost}/{exchange}", VHOST, r -> Reply.json(Shown.exchange(find(r)))),
        Route.put("/exchanges/{vhost}/{exchange}", VHOST, this::put),
        Route.delete("/exchanges/{vhost}/{exchange}", VHOST, this::delete),
        Route.post("/exchanges/{vhost}/{exchange}/publish", VHOST, this::publish));
  }

  private static Reply list(List<Facts.Exchange> exchanges) {
    return new Reply.Items<>(exchanges, Shown::exchange);
  }

  /** The nameless one has a name here. */
  static String name(String given) {
    return given.equals(Shown.DEFAULT_EXCHANGE) ? "" : given;
  }

  private Facts.Exchange find(Request request) {
    Facts.Exchange exchange = view.exchange(vhosts.named(request), name(request.value("exchange")));
    if (exchange == null) {
      throw ApiError.notFound("exchange");
    }
    return exchange;
  }

  private Reply put(Request request) {
    JsonObject body = request.body();
    String vhost = vhosts.named(request);
    String name = name(request.value("exchange"));
    boolean wasThere = view.exchange(vhost, name) != null;
    commands
        .of(request.caller())
        .declareExchange(
            new Facts.Exchange(
                vhost,
                name,
                Body.text(body, "type", "direct"),
                Body.flag(body, "durable", false),
                Body.flag(body, "auto_delete", false),
                Body.flag(body, "internal", false),
                ArgumentsJson.toTable(body.getValue("arguments")),
                Facts.Applied.NONE));
    return Reply.put(wasThere);
  }

  private Reply delete(Request request) {
    Facts.Exchange exchange = find(request);
    commands
        .of(request.caller())
        .deleteExchange(exchange.vhost(), exchange.name(), request.isTrue("if-unused"));
    return Reply.done();
  }

  private Reply publish(Request request) {
    Facts.Exchange exchange = find(request);
    JsonObject body = request.body("routing_key", "properties", "payload", "payload_encoding");
    MessageAccess.Outcome outcome =
        messages.publish(
            request.caller(),
            exchange.vhost(),
            exchange.name(),
            Body.text(body, "routing_key", ""),
            PropertiesJson.toProperties(body.getValue("properties")),
            payload(body));
    return switch (outcome) {
      case ROUTED -> Reply.json(new JsonObject().put("routed", true));
      case UNROUTABLE -> Reply.json(new JsonObject().put("routed", false));
      case REJECTED ->
          throw ApiError.badRequest("rejected Unable to publish message. Check queue limits.");
      case TOO_BUSY ->
          throw new ApiError(503, "service_unavailable", "publishers have to wait just now");
    };
  }

  private static byte[] payload(JsonObject body) {
    if (!(body.getValue("payload") instanceof String payload)) {
      throw ApiError.badRequest("payload_not_string");
    }
    String encoding = Body.text(body, "payload_encoding", "");
    return switch (encoding) {
      case "string" -> payload.getBytes(StandardCharsets.UTF_8);
      case "base64" -> {
        try {
          yield Base64.getMimeDecoder().decode(payload);
        } catch (IllegalArgumentException e) {
          throw ApiError.badRequest("not_base64: " + cut(payload));
        }
      }
      default -> throw ApiError.badRequest("{unsupported_encoding,<<\"" + cut(encoding) + "\">>}");
    };
  }

  private static String cut(String text) {
    return text.substring(0, Math.min(text.length(), 100));
  }
}
