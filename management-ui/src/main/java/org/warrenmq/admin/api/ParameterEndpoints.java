package org.warrenmq.admin.api;

import static org.warrenmq.admin.http.Authority.ADMINISTRATOR;
import static org.warrenmq.admin.http.Authority.GLOBAL_POLICYMAKER;
import static org.warrenmq.admin.http.Authority.MANAGEMENT;
import static org.warrenmq.admin.http.Authority.POLICYMAKER;

import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.http.ApiError;
import org.warrenmq.admin.http.ArgumentsJson;
import org.warrenmq.admin.http.Reply;
import org.warrenmq.admin.http.Request;
import org.warrenmq.admin.http.Route;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.NodeDesk;
import org.warrenmq.admin.node.NodeView;

/**
 * Parameters: what is kept by name for a component, in a virtual host or for the whole node.
 * Immutable; called on threads that may wait.
 */
final class ParameterEndpoints {
  static final String CLUSTER_NAME = "cluster_name";

  private static final String VHOST_LIMITS = "vhost-limits";
  private static final String GLOBAL = "/global-parameters/{name}";
  private static final String IN_VHOST = "/parameters/{component}/{vhost}/{name}";

  private final NodeView view;
  private final NodeDesk commands;
  private final Vhosts vhosts;

  ParameterEndpoints(NodeView view, NodeDesk commands) {
    this.view = view;
    this.commands = commands;
    vhosts = new Vhosts(view);
  }

  List<Route> routes() {
    return List.of(
        Route.get("/parameters", POLICYMAKER, r -> list(r, _ -> true)),
        Route.get("/parameters/{component}", POLICYMAKER, r -> list(r, of(r))),
        Route.get("/parameters/{component}/{vhost}", POLICYMAKER, this::inVhost),
        Route.get(IN_VHOST, POLICYMAKER, r -> Reply.json(shown(existing(r)))),
        Route.put(IN_VHOST, POLICYMAKER, this::put),
        Route.delete(IN_VHOST, POLICYMAKER, this::delete),
        Route.get("/global-parameters", GLOBAL_POLICYMAKER, this::global),
        Route.get(GLOBAL, GLOBAL_POLICYMAKER, r -> Reply.json(shown(existingGlobal(r)))),
        Route.put(GLOBAL, GLOBAL_POLICYMAKER, this::putGlobal),
        Route.delete(GLOBAL, GLOBAL_POLICYMAKER, this::deleteGlobal),
        Route.get("/cluster-name", MANAGEMENT, r -> clusterName()),
        Route.put("/cluster-name", ADMINISTRATOR, this::putClusterName));
  }

  private static Predicate<Facts.Parameter> of(Request request) {
    return parameter -> parameter.component().equals(request.value("component"));
  }

  private static JsonObject shown(Facts.Parameter parameter) {
    JsonObject shown = new JsonObject().put("value", ArgumentsJson.of(parameter.value()));
    if (parameter.vhost() != null) {
      shown.put("vhost", parameter.vhost()).put("component", parameter.component());
    }
    return shown.put("name", parameter.name());
  }

  private Reply list(Request request, Predicate<Facts.Parameter> wanted) {
    return new Reply.Items<>(
        view.parameters().stream()
            .filter(wanted)
            .filter(there -> there.vhost() != null && request.enters(there.vhost()))
            .toList(),
        ParameterEndpoints::shown);
  }

  private Reply inVhost(Request request) {
    String vhost = vhosts.named(request);
    return list(request, of(request).and(there -> vhost.equals(there.vhost())));
  }

  private Facts.@Nullable Parameter find(Request request) {
    String vhost = vhosts.named(request);
    return view.parameters().stream()
        .filter(of(request).and(there -> vhost.equals(there.vhost())))
        .filter(there -> there.name().equals(request.value("name")))
        .findFirst()
        .orElse(null);
  }

  private Facts.Parameter existing(Request request) {
    return existing(find(request));
  }

  private static Facts.Parameter existing(Facts.@Nullable Parameter found) {
    if (found == null) {
      throw ApiError.notFound();
    }
    return found;
  }

  /** Limits hold against policymakers, too: only an administrator sets them, here as elsewhere. */
  private static void checkMayChange(Request request) {
    if (request.value("component").equals(VHOST_LIMITS) && !request.caller().isAdministrator()) {
      throw ApiError.notAuthorised("Not administrator user");
    }
  }

  private Reply put(Request request) {
    checkMayChange(request);
    String component = request.value("component");
    boolean wasThere = find(request) != null;
    Object value = request.body("value").getValue("value");
    commands
        .of(request.caller())
        .setParameter(
            new Facts.Parameter(
                request.vhost(), component, request.value("name"), ArgumentsJson.toValue(value)));
    return Reply.put(wasThere);
  }

  private Reply delete(Request request) {
    checkMayChange(request);
    Facts.Parameter parameter = existing(request);
    commands
        .of(request.caller())
        .clearParameter(parameter.vhost(), parameter.component(), parameter.name());
    return Reply.done();
  }

  // Of the whole node.

  private Reply global(Request request) {
    return new Reply.Items<>(view.globalParameters(), ParameterEndpoints::shown);
  }

  private Facts.@Nullable Parameter findGlobal(String name) {
    return view.globalParameters().stream()
        .filter(parameter -> parameter.name().equals(name))
        .findFirst()
        .orElse(null);
  }

  private Facts.Parameter existingGlobal(Request request) {
    return existing(findGlobal(request.value("name")));
  }

  private Reply putGlobal(Request request) {
    String name = request.value("name");
    boolean wasThere = findGlobal(name) != null;
    setGlobal(request, name, request.body("value").getValue("value"));
    return Reply.put(wasThere);
  }

  private void setGlobal(Request request, String name, @Nullable Object value) {
    commands
        .of(request.caller())
        .setParameter(new Facts.Parameter(null, "", name, ArgumentsJson.toValue(value)));
  }

  private Reply deleteGlobal(Request request) {
    commands.of(request.caller()).clearParameter(null, "", existingGlobal(request).name());
    return Reply.done();
  }

  private Reply clusterName() {
    return Reply.json(new JsonObject().put("name", view.node().clusterName()));
  }

  private Reply putClusterName(Request request) {
    String name = Body.text(request.body("name"), "name", "");
    if (name.isEmpty()) {
      throw ApiError.badRequest("the name is empty");
    }
    setGlobal(request, CLUSTER_NAME, name);
    return Reply.done();
  }
}
