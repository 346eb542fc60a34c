package org.warrenmq.broker.cli;

import static org.warrenmq.broker.cli.Call.done;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.warrenmq.admin.local.LocalApi;

/** The verbs about policies and parameters. Stateless. */
final class PolicyVerbs {
  static final Columns POLICIES =
      Columns.of("vhost", "name", "pattern", "apply-to", "definition", "priority")
          .with("definition", one -> Terms.compact(one.getValue("definition")));

  private static final Columns PARAMETERS =
      Columns.of("component", "name", "value")
          .with("value", one -> Terms.compact(one.getValue("value")));

  private static final Columns GLOBALS =
      Columns.of("name", "value").with("value", one -> Terms.compact(one.getValue("value")));

  private PolicyVerbs() {}

  static List<Verb> all() {
    return Stream.of(policies(), parameters(), globals()).flatMap(List::stream).toList();
  }

  private static List<Verb> policies() {
    return List.of(
        set("set_policy", "policies", "Setting policy", "Sets what holds for names like these"),
        clear("clear_policy", "policies", "Clearing policy"),
        list("list_policies", "policies", "Listing policies"),
        set(
            "set_operator_policy",
            "operator-policies",
            "Setting operator policy override",
            "Sets what limits what users set"),
        clear("clear_operator_policy", "operator-policies", "Clearing operator policy"),
        list("list_operator_policies", "operator-policies", "Listing operator policy overrides"));
  }

  private static List<Verb> parameters() {
    return List.of(
        Verb.of(
                "set_parameter",
                "Sets a parameter of a component",
                "<component>",
                "<name>",
                "<value>")
            .says(
                "Setting runtime parameter \"{1}\" for component \"{0}\" to \"{2}\" in vhost"
                    + " \"{vhost}\" ...")
            .does(
                call ->
                    put(
                        call,
                        LocalApi.path("parameters", call.given(0), call.vhost(), call.given(1)),
                        new JsonObject().put("value", call.json(2)))),
        Verb.of("clear_parameter", "Clears a parameter", "<component>", "<name>")
            .says(
                "Clearing runtime parameter \"{1}\" for component \"{0}\" on vhost"
                    + " \"{vhost}\" ...")
            .does(
                call ->
                    delete(
                        call,
                        LocalApi.path("parameters", call.given(0), call.vhost(), call.given(1)))),
        Verb.of("list_parameters", "Lists the parameters of a virtual host")
            .says("Listing runtime parameters for vhost \"{vhost}\" ...")
            .does(PolicyVerbs::inVhost));
  }

  private static List<Verb> globals() {
    return List.of(
        Verb.of("set_global_parameter", "Sets a parameter of the node", "<name>", "<value>")
            .says("Setting global runtime parameter \"{0}\" to \"{1}\" ...")
            .does(
                call ->
                    done(
                        call.api()
                            .put(
                                LocalApi.path("global-parameters", call.given(0)),
                                new JsonObject().put("value", call.json(1))))),
        Verb.of("clear_global_parameter", "Clears a parameter of the node", "<name>")
            .says("Clearing global runtime parameter \"{0}\" ...")
            .does(call -> delete(call, LocalApi.path("global-parameters", call.given(0)))),
        Verb.of("list_global_parameters", "Lists the parameters of the node")
            .says("Listing global runtime parameters ...")
            .does(call -> GLOBALS.rows(call.rows("/global-parameters"))),
        Verb.of("set_cluster_name", "Names the cluster", "<name>")
            .says("Setting cluster name to {0} ...")
            .does(
                call ->
                    done(
                        call.api()
                            .put("/cluster-name", new JsonObject().put("name", call.given(0))))));
  }

  private static Verb set(String name, String kind, String doing, String summary) {
    return Verb.of(name, summary, "<name>", "<pattern>", "<definition>")
        .with(Flag.PRIORITY, Flag.APPLY_TO)
        .says(
            doing
                + " \"{0}\" for pattern \"{1}\" to \"{2}\" with priority \"{priority}\" for vhost"
                + " \"{vhost}\" ...")
        .does(call -> put(call, LocalApi.path(kind, call.vhost(), call.given(0)), policy(call)));
  }

  private static Verb clear(String name, String kind, String doing) {
    return Verb.of(name, "Clears a policy", "<name>")
        .says(doing + " \"{0}\" on vhost \"{vhost}\" ...")
        .does(call -> delete(call, LocalApi.path(kind, call.vhost(), call.given(0))));
  }

  private static Verb list(String name, String kind, String doing) {
    return Verb.of(name, "Lists the policies of a virtual host")
        .says(doing + " for vhost \"{vhost}\" ...")
        .does(call -> POLICIES.rows(call.rows(LocalApi.path(kind, call.vhost()))));
  }

  private static JsonObject policy(Call call) throws Refused {
    JsonObject policy =
        new JsonObject()
            .put("pattern", call.given(1))
            .put("definition", call.table(2))
            .put("apply-to", call.value(Flag.APPLY_TO, "all"));
    String priority = call.value(Flag.PRIORITY, "0");
    try {
      return policy.put("priority", Long.parseLong(priority));
    } catch (NumberFormatException e) {
      throw Refused.plainly(
          Refused.USAGE,
          "Error (argument validation): Invalid options for this command:\n--priority : "
              + priority);
    }
  }

  private static Answer put(Call call, String path, JsonObject body) throws IOException, Refused {
    LocalApi.Answer answer = call.api().put(path, body);
    if (answer.status() == Call.NOT_FOUND) {
      throw Refused.noVhost(call.vhost());
    }
    return done(answer);
  }

  private static Answer delete(Call call, String path) throws IOException, Refused {
    LocalApi.Answer answer = call.api().delete(path);
    if (answer.status() == Call.NOT_FOUND) {
      if (answer.reason().equals("vhost_not_found")) {
        throw Refused.noVhost(call.vhost());
      }
      throw Refused.error(Refused.UNAVAILABLE, "Parameter does not exist");
    }
    return done(answer);
  }

  private static Answer inVhost(Call call) throws IOException, Refused {
    call.checkVhost();
    List<JsonObject> all = call.rows("/parameters");
    all.removeIf(one -> !call.vhost().equals(one.getValue("vhost")));
    return PARAMETERS.rows(all);
  }
}
