package org.warrenmq.admin.api;

import static org.warrenmq.admin.http.Authority.MANAGEMENT;
import static org.warrenmq.admin.http.Authority.NONE;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.warrenmq.admin.http.ApiError;
import org.warrenmq.admin.http.Reply;
import org.warrenmq.admin.http.Request;
import org.warrenmq.admin.http.Route;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.NodeView;

/** Whether all is well. Immutable; called on threads that may wait. */
final class HealthEndpoints {
  private static final String CHECKS = "/health/checks/";
  private static final String LEADERS = CHECKS + "quorum-queues-without-elected-leaders/";
  private static final Set<String> UNITS = Set.of("days", "weeks", "months", "years");

  private final NodeView view;

  HealthEndpoints(NodeView view) {
    this.view = view;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/healthchecks/node", MANAGEMENT, r -> ok()),
        Route.get("/healthchecks/node/{node}", MANAGEMENT, this::node),
        Route.get(CHECKS + "alarms", MANAGEMENT, r -> alarms()),
        Route.get(CHECKS + "local-alarms", MANAGEMENT, r -> alarms()),
        Route.get(CHECKS + "virtual-hosts", MANAGEMENT, r -> ok()),
        Route.get(CHECKS + "node-is-quorum-critical", MANAGEMENT, r -> ok()),
        Route.get(
            CHECKS + "certificate-expiration/{within}/{unit}",
            MANAGEMENT,
            HealthEndpoints::certificates),
        Route.get(CHECKS + "port-listener/{port}", MANAGEMENT, this::port),
        Route.get(CHECKS + "protocol-listener/{protocols}", MANAGEMENT, this::protocol),
        Route.get(CHECKS + "metadata-store/initialized", MANAGEMENT, r -> ok()),
        Route.get(CHECKS + "metadata-store/initialized/with-data", MANAGEMENT, r -> ok()),
        Route.get(LEADERS + "all-vhosts", MANAGEMENT, r -> ok()),
        Route.get(LEADERS + "all-vhosts/pattern/{pattern}", MANAGEMENT, r -> ok()),
        Route.get(LEADERS + "vhost/{vhost}", MANAGEMENT, r -> ok()),
        Route.get(LEADERS + "vhost/{vhost}/pattern/{pattern}", MANAGEMENT, r -> ok()),
        Route.get(CHECKS + "is-in-service", NONE, r -> ok()),
        Route.get(CHECKS + "below-node-connection-limit", NONE, r -> ok()),
        Route.get(CHECKS + "ready-to-serve-clients", NONE, r -> ok()),
        Route.get(CHECKS + "reached-target-cluster-size", NONE, r -> ok()));
  }

  private static Reply ok() {
    return Reply.json(new JsonObject().put("status", "ok"));
  }

  private static Reply failed(String reason, JsonObject details) {
    return new Reply.Json(
        503, new JsonObject().put("status", "failed").put("reason", reason).mergeIn(details));
  }

  private Reply node(Request request) {
    if (!request.value("node").equals(view.nodeName())) {
      throw ApiError.notFound();
    }
    return ok();
  }

  private Reply alarms() {
    Facts.Node node = view.node();
    String alarm = node.alarm();
    if (alarm == null) {
      return ok();
    }
    JsonObject one =
        new JsonObject()
            .put("node", node.name())
            .put("resource", alarm.contains("disk") ? "disk" : "memory");
    return failed(
        "There are alarms in effect in the cluster",
        new JsonObject().put("alarms", new JsonArray().add(one)));
  }

  /** There are none. */
  private static Reply certificates(Request request) {
    if (!UNITS.contains(request.value("unit"))) {
      return failed(
          "Time unit not recognised. Supported units are: days, weeks, months, years",
          new JsonObject());
    }
    try {
      Integer.parseInt(request.value("within"));
    } catch (NumberFormatException e) {
      return failed("Invalid expiration period. It must be an integer", new JsonObject());
    }
    return ok();
  }

  private Reply port(Request request) {
    int port;
    try {
      port = Integer.parseInt(request.value("port"));
    } catch (NumberFormatException e) {
      throw ApiError.badRequest("Invalid port");
    }
    List<Integer> ports = view.node().listeners().stream().map(Facts.Listener::port).toList();
    return ports.contains(port)
        ? Reply.json(new JsonObject().put("status", "ok").put("port", port))
        : failed(
            "No active listener",
            new JsonObject().put("missing", port).put("ports", new JsonArray(ports)));
  }

  private Reply protocol(Request request) {
    Set<String> present =
        view.node().listeners().stream()
            .map(Facts.Listener::protocol)
            .collect(Collectors.toCollection(TreeSet::new));
    String wanted = request.value("protocols");
    boolean found =
        Arrays.stream(wanted.split(",")).map(HealthEndpoints::protocol).anyMatch(present::contains);
    return found
        ? Reply.json(new JsonObject().put("status", "ok").put("protocol", wanted))
        : failed(
            "No active listener",
            new JsonObject()
                .put("missing", wanted)
                .put("protocols", new JsonArray(List.copyOf(present))));
  }

  /** Some have several names. */
  private static String protocol(String name) {
    return switch (name) {
      case "amqp091", "amqp0.9.1", "amqp0-9-1", "amqp", "amqp10", "amqp1.0", "amqp1-0" -> "amqp";
      case "amqps", "amqp/ssl" -> "amqp/ssl";
      case "management" -> "http";
      default -> name;
    };
  }
}
