package org.warrenmq.broker.cli;

import static org.warrenmq.broker.cli.Call.done;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.warrenmq.admin.local.LocalApi;

/** The verbs about virtual hosts, and the limits of these and of users. Stateless. */
final class VhostVerbs {
  private static final Columns VHOSTS =
      Columns.of("name")
          .and(
              "tracing",
              "description",
              "tags",
              "default_queue_type",
              "protected_from_deletion",
              "cluster_state");

  private static final Columns VHOST_LIMITS = limits("vhost");
  private static final Columns USER_LIMITS = limits("user");

  private VhostVerbs() {}

  private static Columns limits(String whose) {
    return Columns.of(whose, "limits").with("limits", one -> Terms.compact(one.getValue("value")));
  }

  static List<Verb> all() {
    return Stream.of(vhosts(), vhostLimits(), userLimits()).flatMap(List::stream).toList();
  }

  private static List<Verb> vhosts() {
    return List.of(
        Verb.of("add_vhost", "Creates a virtual host, unless it is there", "<vhost>")
            .with(Flag.DESCRIPTION, Flag.TAGS, Flag.DEFAULT_QUEUE_TYPE)
            .says("Adding vhost \"{0}\" ...")
            .does(call -> done(call.api().put(vhost(call), traits(call)))),
        Verb.of("update_vhost_metadata", "Changes a virtual host's description or tags", "<vhost>")
            .with(Flag.DESCRIPTION, Flag.TAGS, Flag.DEFAULT_QUEUE_TYPE)
            .says("Updating metadata of vhost \"{0}\" ...")
            .does(VhostVerbs::update),
        Verb.of("set_vhost_tags", "Gives a virtual host these tags", "<vhost>", "[<tag>…]")
            .says("Setting tags for virtual host \"{0}\" to [{rest}] ...")
            .does(call -> change(call, new JsonObject().put("tags", new JsonArray(call.from(1))))),
        Verb.of("delete_vhost", "Deletes a virtual host, with all that is in it", "<vhost>")
            .says("Deleting vhost \"{0}\" ...")
            .does(VhostVerbs::delete),
        Verb.of(
                "enable_vhost_protection_from_deletion",
                "Keeps a virtual host from being deleted",
                "<vhost>")
            .says("Protecting virtual host '{0}' from removal...")
            .does(call -> change(call, protection(true))),
        Verb.of(
                "disable_vhost_protection_from_deletion",
                "Lets a virtual host be deleted again",
                "<vhost>")
            .says("Removing protection from virtual host '{0}'...")
            .does(call -> change(call, protection(false))),
        Verb.of("list_vhosts", "Lists virtual hosts", "[<column>…]")
            .says("Listing vhosts ...")
            .does(call -> VHOSTS.rows(VHOSTS.wanted(call), call.rows("/vhosts"))),
        Verb.of("restart_vhost", "Virtual hosts run: does nothing")
            .says("Trying to restart vhost '{vhost}' on node '{node}' ...")
            .does(VhostVerbs::restart),
        Verb.of("reconcile_vhosts", "Virtual hosts run: does nothing")
            .says("Will make sure all virtual hosts are initialised on all nodes ..."));
  }

  private static List<Verb> vhostLimits() {
    return List.of(
        Verb.of(
                "set_vhost_limits",
                "Limits a virtual host: max-connections, max-queues",
                "<limits>")
            .says("Setting vhost limits to \"{0}\" for vhost \"{vhost}\" ...")
            .does(VhostVerbs::limit),
        Verb.of("clear_vhost_limits", "Takes the limits of a virtual host away")
            .says("Clearing vhost \"{vhost}\" limits ...")
            .does(VhostVerbs::unlimit),
        Verb.of("list_vhost_limits", "Lists the limits of a virtual host")
            .with(Flag.GLOBAL)
            .saying(
                call ->
                    call.has(Flag.GLOBAL)
                        ? "Listing limits for all vhosts ..."
                        : "Listing limits for vhost \"" + call.vhost() + "\" ...")
            .does(VhostVerbs::limits));
  }

  private static List<Verb> userLimits() {
    return List.of(
        Verb.of(
                "set_user_limits",
                "Limits a user: max-connections, max-channels",
                "<username>",
                "<limits>")
            .says("Setting user limits to \"{1}\" for user \"{0}\" ...")
            .does(VhostVerbs::limitUser),
        Verb.of(
                "clear_user_limits",
                "Takes a limit of a user away, or all",
                "<username>",
                "<limit|all>")
            .saying(
                call ->
                    call.fill(
                        call.given(1).equals("all")
                            ? "Clearing all limits for user \"{0}\" ..."
                            : "Clearing \"{1}\" limit for user \"{0}\" ..."))
            .does(VhostVerbs::unlimitUser),
        Verb.of("list_user_limits", "Lists the limits of a user")
            .with(Flag.USER, Flag.GLOBAL)
            .saying(
                call ->
                    call.has(Flag.GLOBAL)
                        ? "Listing limits for all users ..."
                        : "Listing limits for user \"" + call.value(Flag.USER, "guest") + "\" ...")
            .does(VhostVerbs::limitsOfUser));
  }

  private static String vhost(Call call) {
    return LocalApi.path("vhosts", call.given(0));
  }

  private static JsonObject protection(boolean on) {
    return new JsonObject().put("protected_from_deletion", on);
  }

  private static JsonObject traits(Call call) throws Refused {
    JsonObject traits = new JsonObject();
    if (call.has(Flag.DESCRIPTION)) {
      traits.put("description", call.value(Flag.DESCRIPTION, ""));
    }
    if (call.has(Flag.TAGS)) {
      traits.put("tags", call.value(Flag.TAGS, ""));
    }
    if (call.has(Flag.DEFAULT_QUEUE_TYPE)) {
      String type = call.value(Flag.DEFAULT_QUEUE_TYPE, "");
      if (!List.of("classic", "quorum", "stream").contains(type)) {
        throw Refused.badArgument(
            "Default queue type must be one of: quorum, stream, classic. Provided: " + type);
      }
      traits.put("default_queue_type", type);
    }
    return traits;
  }

  private static Answer update(Call call) throws IOException, Refused {
    JsonObject traits = traits(call);
    if (traits.isEmpty()) {
      throw Refused.plainly(Refused.USAGE, "Error (argument validation): not enough arguments.");
    }
    return change(call, traits);
  }

  /** Of one that has to be there. */
  private static Answer change(Call call, JsonObject traits) throws IOException, Refused {
    if (call.isMissing("vhosts", call.given(0))) {
      throw Refused.noVhost(call.given(0));
    }
    return done(call.api().put(vhost(call), traits));
  }

  private static Answer delete(Call call) throws IOException, Refused {
    LocalApi.Answer answer = call.api().delete(vhost(call));
    if (answer.status() == Call.NOT_FOUND) {
      throw Refused.noVhost(call.given(0));
    }
    return done(answer);
  }

  private static Answer restart(Call call) throws IOException, Refused {
    call.checkVhost();
    return new Answer.Text(call.fill("Successfully restarted vhost '{vhost}' on node '{node}'"));
  }

  // Limits.

  private static Answer limit(Call call) throws IOException, Refused {
    JsonObject limits = numbers(call, 0);
    call.checkVhost();
    return done(call.api().put(LocalApi.path("vhost-limits", call.vhost()), limits));
  }

  private static JsonObject numbers(Call call, int place) throws Refused {
    JsonObject limits = call.table(place);
    for (String limit : limits.fieldNames()) {
      if (!(limits.getValue(limit) instanceof Integer)) {
        throw Refused.error(Refused.UNAVAILABLE, "limit " + limit + " is not an integer");
      }
    }
    return limits;
  }

  private static Answer unlimit(Call call) throws IOException, Refused {
    String path = LocalApi.path("vhost-limits", call.vhost());
    LocalApi.Answer there = call.api().get(path);
    if (there.status() == Call.NOT_FOUND
        || (there.json() instanceof JsonArray array && array.isEmpty())) {
      throw Refused.error(Refused.UNAVAILABLE, "Parameter does not exist");
    }
    return done(call.api().put(path, new JsonObject()));
  }

  private static Answer limits(Call call) throws IOException, Refused {
    if (call.has(Flag.GLOBAL)) {
      return VHOST_LIMITS.rows(call.rows("/vhost-limits"));
    }
    return alone(call.rows(LocalApi.path("vhost-limits", call.vhost())), "");
  }

  /** The limits of one, as JSON. */
  private static Answer alone(List<JsonObject> rows, String none) {
    String limits = rows.isEmpty() ? none : Terms.compact(rows.getFirst().getValue("value"));
    return limits.isEmpty() ? new Answer.Nothing() : new Answer.Text(limits);
  }

  private static Answer limitUser(Call call) throws IOException, Refused {
    JsonObject limits = numbers(call, 1);
    AccountVerbs.checkUser(call, call.given(0));
    return done(call.api().put(LocalApi.path("user-limits", call.given(0)), limits));
  }

  private static Answer unlimitUser(Call call) throws IOException, Refused {
    AccountVerbs.checkUser(call, call.given(0));
    String path = LocalApi.path("user-limits", call.given(0));
    return done(
        call.given(1).equals("all")
            ? call.api()
                .put(path, new JsonObject().put("max-connections", -1).put("max-channels", -1))
            : call.api().delete(path + LocalApi.path(call.given(1))));
  }

  private static Answer limitsOfUser(Call call) throws IOException, Refused {
    if (call.has(Flag.GLOBAL)) {
      return USER_LIMITS.rows(call.rows("/user-limits"));
    }
    String user = call.value(Flag.USER, "guest");
    AccountVerbs.checkUser(call, user);
    return alone(call.rows(LocalApi.path("user-limits", user)), "{}");
  }
}
