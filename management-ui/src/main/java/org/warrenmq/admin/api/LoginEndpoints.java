package org.warrenmq.admin.api;

import static org.warrenmq.admin.http.Authority.MONITORING;

import io.vertx.core.json.JsonObject;
import java.util.List;
import org.warrenmq.admin.http.ApiError;
import org.warrenmq.admin.http.Reply;
import org.warrenmq.admin.http.Request;
import org.warrenmq.admin.http.Route;
import org.warrenmq.admin.node.LoginCount;
import org.warrenmq.admin.node.Logins;
import org.warrenmq.admin.node.NodeView;

/** How many logins there were. Immutable; called on threads that may wait. */
final class LoginEndpoints {
  private final NodeView view;
  private final Logins logins;

  LoginEndpoints(NodeView view, Logins logins) {
    this.view = view;
    this.logins = logins;
  }

  List<Route> routes() {
    String byProtocol = "/auth/attempts/{node}";
    String bySource = byProtocol + "/source";
    return List.of(
        Route.get(byProtocol, MONITORING, this::counts),
        Route.delete(byProtocol, MONITORING, r -> done(r, logins::forgetCounts)),
        Route.get(bySource, MONITORING, this::sources),
        Route.delete(bySource, MONITORING, r -> done(r, logins::forgetSources)));
  }

  private void checkNode(Request request) {
    if (!view.nodeName().equals(request.value("node"))) {
      throw ApiError.notFound();
    }
  }

  private Reply done(Request request, Runnable change) {
    checkNode(request);
    change.run();
    return Reply.done();
  }

  private Reply counts(Request request) {
    checkNode(request);
    return new Reply.Items<>(logins.counts(), count -> counted(new JsonObject(), count));
  }

  private Reply sources(Request request) {
    checkNode(request);
    return new Reply.Items<>(
        logins.sources(),
        count ->
            counted(
                new JsonObject()
                    .put("remote_address", count.address())
                    .put("username", count.user()),
                count));
  }

  private static JsonObject counted(JsonObject shown, LoginCount count) {
    return shown
        .put("protocol", count.protocol())
        .put("auth_attempts", count.granted() + count.refused())
        .put("auth_attempts_failed", count.refused())
        .put("auth_attempts_succeeded", count.granted());
  }
}
