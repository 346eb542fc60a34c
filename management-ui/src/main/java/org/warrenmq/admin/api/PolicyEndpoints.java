package org.warrenmq.admin.api;

import static org.warrenmq.admin.http.Authority.ADMINISTRATOR;
import static org.warrenmq.admin.http.Authority.MANAGEMENT;
import static org.warrenmq.admin.http.Authority.POLICYMAKER;
import static org.warrenmq.admin.http.Authority.VHOST;

import io.vertx.core.json.JsonObject;
import java.util.List;
import org.warrenmq.admin.http.ApiError;
import org.warrenmq.admin.http.ArgumentsJson;
import org.warrenmq.admin.http.Authority;
import org.warrenmq.admin.http.Reply;
import org.warrenmq.admin.http.Request;
import org.warrenmq.admin.http.Route;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.Facts.PolicyKind;
import org.warrenmq.admin.node.NodeDesk;
import org.warrenmq.admin.node.NodeView;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

/** Policies of one kind. Immutable; called on threads that may wait. */
final class PolicyEndpoints {
  private final PolicyKind kind;
  private final NodeView view;
  private final NodeDesk commands;
  private final Vhosts vhosts;

  PolicyEndpoints(PolicyKind kind, NodeView view, NodeDesk commands) {
    this.kind = kind;
    this.view = view;
    this.commands = commands;
    vhosts = new Vhosts(view);
  }

  List<Route> routes() {
    String all = kind == PolicyKind.POLICY ? "/policies" : "/operator-policies";
    String one = all + "/{vhost}/{name}";
    Authority maker = kind == PolicyKind.POLICY ? POLICYMAKER : ADMINISTRATOR;
    return List.of(
        Route.get(all, MANAGEMENT, r -> list(vhosts.inAll(r, this::in))),
        Route.get(all + "/{vhost}", VHOST, r -> list(in(vhosts.named(r)))),
        Route.get(one, maker, r -> Reply.json(shown(existing(r)))),
        Route.put(one, maker, this::put),
        Route.delete(one, maker, this::delete));
  }

  private List<Facts.Policy> in(String vhost) {
    return view.policies(kind, vhost);
  }

  private static Reply list(List<Facts.Policy> policies) {
    return new Reply.Items<>(policies, PolicyEndpoints::shown);
  }

  private static JsonObject shown(Facts.Policy policy) {
    return new JsonObject()
        .put("vhost", policy.vhost())
        .put("name", policy.name())
        .put("pattern", policy.pattern())
        .put("apply-to", policy.applyTo())
        .put("definition", ArgumentsJson.of(policy.definition()))
        .put("priority", ArgumentsJson.of(policy.priority()));
  }

  private boolean isThere(Request request) {
    return in(vhosts.named(request)).stream()
        .anyMatch(policy -> policy.name().equals(request.value("name")));
  }

  private Facts.Policy existing(Request request) {
    return in(vhosts.named(request)).stream()
        .filter(policy -> policy.name().equals(request.value("name")))
        .findFirst()
        .orElseThrow(ApiError::notFound);
  }

  private Reply put(Request request) {
    JsonObject body = request.body("pattern", "definition");
    boolean wasThere = isThere(request);
    if (!(ArgumentsJson.toValue(body.getValue("definition"))
        instanceof FieldValue.Table(FieldTable definition))) {
      throw ApiError.badRequest("definition must be a dictionary");
    }
    Object priority = body.getValue("priority");
    commands
        .of(request.caller())
        .setPolicy(
            new Facts.Policy(
                kind,
                request.vhost(),
                request.value("name"),
                Body.text(body, "pattern", ""),
                Body.text(body, "apply-to", "all"),
                priority == null ? FieldValue.of(0L) : ArgumentsJson.toValue(priority),
                definition));
    return Reply.put(wasThere);
  }

  private Reply delete(Request request) {
    Facts.Policy policy = existing(request);
    commands.of(request.caller()).clearPolicy(kind, policy.vhost(), policy.name());
    return Reply.done();
  }
}
