package org.warrenmq.admin.api;

import static org.warrenmq.admin.http.Authority.MANAGEMENT;
import static org.warrenmq.admin.http.Authority.VHOST;

import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.warrenmq.admin.http.ApiError;
import org.warrenmq.admin.http.ArgumentsJson;
import org.warrenmq.admin.http.Reply;
import org.warrenmq.admin.http.Request;
import org.warrenmq.admin.http.Route;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.NodeDesk;
import org.warrenmq.admin.node.NodeView;

/** Bindings. Immutable; called on threads that may wait. */
final class BindingEndpoints {
  private static final String TO_QUEUE = "/bindings/{vhost}/e/{exchange}/q/{queue}";
  private static final String TO_EXCHANGE = "/bindings/{vhost}/e/{exchange}/e/{destination}";

  private final NodeView view;
  private final NodeDesk commands;
  private final Vhosts vhosts;

  BindingEndpoints(NodeView view, NodeDesk commands) {
    this.view = view;
    this.commands = commands;
    vhosts = new Vhosts(view);
  }

  List<Route> routes() {
    return List.of(
        Route.get("/bindings", MANAGEMENT, r -> list(vhosts.inAll(r, view::bindings))),
        Route.get("/bindings/{vhost}", VHOST, r -> list(view.bindings(vhosts.named(r)))),
        Route.get(TO_QUEUE, VHOST, r -> list(between(r))),
        Route.post(TO_QUEUE, VHOST, this::bind),
        Route.get(TO_QUEUE + "/{props}", VHOST, r -> Reply.json(Shown.binding(find(r)))),
        Route.delete(TO_QUEUE + "/{props}", VHOST, this::unbind),
        Route.get(TO_EXCHANGE, VHOST, r -> list(between(r))),
        Route.post(TO_EXCHANGE, VHOST, this::bind),
        Route.get(TO_EXCHANGE + "/{props}", VHOST, r -> Reply.json(Shown.binding(find(r)))),
        Route.delete(TO_EXCHANGE + "/{props}", VHOST, this::unbind),
        Route.get("/exchanges/{vhost}/{exchange}/bindings/source", VHOST, this::from),
        Route.get("/exchanges/{vhost}/{exchange}/bindings/destination", VHOST, this::toExchange),
        Route.get("/queues/{vhost}/{queue}/bindings", VHOST, this::toQueue));
  }

  private static Reply list(List<Facts.Binding> bindings) {
    return new Reply.Items<>(bindings, Shown::binding);
  }

  private String exchange(Request request, String value) {
    String name = ExchangeEndpoints.name(request.value(value));
    if (view.exchange(vhosts.named(request), name) == null) {
      throw ApiError.notFound("exchange");
    }
    return name;
  }

  private String queue(Request request) {
    if (view.queue(vhosts.named(request), request.value("queue")) == null) {
      throw ApiError.notFound("queue");
    }
    return request.value("queue");
  }

  private Reply from(Request request) {
    return list(view.bindingsFrom(request.vhost(), exchange(request, "exchange")));
  }

  private Reply toExchange(Request request) {
    return list(view.bindingsTo(request.vhost(), exchange(request, "exchange"), false));
  }

  private Reply toQueue(Request request) {
    return list(view.bindingsTo(request.vhost(), queue(request), true));
  }

  private static boolean leadsToQueue(Request request) {
    return request.values().containsKey("queue");
  }

  private String destination(Request request) {
    return leadsToQueue(request) ? queue(request) : exchange(request, "destination");
  }

  /** Those between the two that the path names. */
  private List<Facts.Binding> between(Request request) {
    String source = exchange(request, "exchange");
    return view.bindingsTo(request.vhost(), destination(request), leadsToQueue(request)).stream()
        .filter(binding -> binding.source().equals(source))
        .toList();
  }

  private Facts.Binding find(Request request) {
    String props = request.value("props");
    return between(request).stream()
        .filter(binding -> Shown.propertiesKey(binding).equals(props))
        .findFirst()
        .orElseThrow(ApiError::notFound);
  }

  private Reply bind(Request request) {
    JsonObject body = request.body();
    Facts.Binding binding =
        new Facts.Binding(
            vhosts.named(request),
            exchange(request, "exchange"),
            destination(request),
            leadsToQueue(request),
            Body.text(body, "routing_key", ""),
            ArgumentsJson.toTable(body.getValue("arguments")));
    commands.of(request.caller()).bind(binding);
    // Relative to the path, as RabbitMQ has it.
    String location =
        Shown.quote(binding.destination()) + "/" + Shown.quote(Shown.propertiesKey(binding));
    return new Reply.Empty(201, Map.of("Location", location));
  }

  private Reply unbind(Request request) {
    commands.of(request.caller()).unbind(find(request));
    return Reply.done();
  }
}
