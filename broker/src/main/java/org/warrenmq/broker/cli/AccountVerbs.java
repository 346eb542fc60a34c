package org.warrenmq.broker.cli;

import static org.warrenmq.broker.cli.Call.done;
import static org.warrenmq.broker.cli.Call.gone;
import static org.warrenmq.broker.cli.Call.good;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.warrenmq.admin.local.LocalApi;

/** The verbs about users and what they may do. Stateless. */
final class AccountVerbs {
  private static final Columns GRANTS = Columns.of("user", "configure", "write", "read");
  private static final Columns GRANTS_OF_USER = Columns.of("vhost", "configure", "write", "read");
  private static final Columns TOPICS = Columns.of("user", "exchange", "write", "read");
  private static final Columns TOPICS_OF_USER = Columns.of("vhost", "exchange", "write", "read");
  private static final Columns USERS =
      Columns.of("user", "tags").with("user", user -> user.getValue("name"));

  private AccountVerbs() {}

  static List<Verb> all() {
    return Stream.of(users(), grants(), topics()).flatMap(List::stream).toList();
  }

  private static List<Verb> users() {
    return List.of(
        Verb.of(
                "add_user",
                "Creates a user, who may do nothing so far",
                "<username>",
                "[<password>]")
            .with(Flag.PRE_HASHED)
            .says("Adding user \"{0}\" ...")
            .does(AccountVerbs::add),
        Verb.of("delete_user", "Deletes a user, with all permissions", "<username>")
            .says("Deleting user \"{0}\" ...")
            .does(call -> gone(call.api().delete(user(call)))),
        Verb.of("change_password", "Changes a user's password", "<username>", "[<password>]")
            .with(Flag.PRE_HASHED)
            .says("Changing password for user \"{0}\" ...")
            .does(call -> change(call, "/password", password(call))),
        Verb.of("clear_password", "No password lets the user in any more", "<username>")
            .says("Clearing password for user \"{0}\" ...")
            .does(call -> change(call, "/password", hash(""))),
        Verb.of(
                "authenticate_user",
                "Says whether this is the user's password",
                "<username>",
                "[<password>]")
            .says("Authenticating user \"{0}\" ...")
            .does(AccountVerbs::authenticate),
        Verb.of("hash_password", "What a password is kept as", "[<password>]")
            .does(AccountVerbs::hashed),
        Verb.of("set_user_tags", "Gives a user these tags, and no others", "<username>", "[<tag>…]")
            .says("Setting tags for user \"{0}\" to [{rest}] ...")
            .does(
                call ->
                    change(
                        call, "/tags", new JsonObject().put("tags", new JsonArray(call.from(1))))),
        Verb.of("list_users", "Lists users and their tags")
            .says("Listing users ...")
            .does(call -> USERS.rows(call.rows("/users"))));
  }

  private static List<Verb> grants() {
    return List.of(
        permissions(),
        Verb.of(
                "set_permissions_globally",
                "Sets a user's permissions in all virtual hosts",
                "<username>",
                "<configure>",
                "<write>",
                "<read>")
            .says("Setting permissions for user \"{0}\" in all virtual hosts ...")
            .does(AccountVerbs::setEverywhere),
        Verb.of("clear_permissions", "Takes a user's permissions away", "<username>")
            .says("Clearing permissions for user \"{0}\" in vhost \"{vhost}\" ...")
            .does(call -> clear(call, "permissions", "")),
        Verb.of("list_permissions", "Lists who may do what in a virtual host")
            .says("Listing permissions for vhost \"{vhost}\" ...")
            .does(call -> GRANTS.rows(call.rows(inVhost(call, "permissions")))),
        Verb.of("list_user_permissions", "Lists what a user may do where", "<username>")
            .says("Listing permissions for user \"{0}\" ...")
            .does(call -> GRANTS_OF_USER.rows(ofUser(call, "/permissions"))));
  }

  private static List<Verb> topics() {
    return List.of(
        Verb.of(
                "set_topic_permissions",
                "Limits a user to routing keys of a topic exchange",
                "<username>",
                "<exchange>",
                "<write>",
                "<read>")
            .says("Setting topic permissions on \"{1}\" for user \"{0}\" in vhost \"{vhost}\" ...")
            .does(AccountVerbs::setTopics),
        Verb.of(
                "clear_topic_permissions",
                "Takes such limits away, of one exchange or of all",
                "<username>",
                "[<exchange>]")
            .saying(
                call ->
                    call.fill(
                        call.count() > 1
                            ? "Clearing topic permissions on \"{1}\" for user \"{0}\" in vhost"
                                + " \"{vhost}\" ..."
                            : "Clearing topic permissions for user \"{0}\" in vhost"
                                + " \"{vhost}\" ..."))
            .does(
                call ->
                    clear(
                        call,
                        "topic-permissions",
                        call.count() > 1 ? LocalApi.path(call.given(1)) : "")),
        Verb.of("list_topic_permissions", "Lists such limits in a virtual host")
            .says("Listing topic permissions for vhost \"{vhost}\" ...")
            .does(call -> TOPICS.rows(call.rows(inVhost(call, "topic-permissions")))),
        Verb.of("list_user_topic_permissions", "Lists such limits of a user", "<username>")
            .says("Listing topic permissions for user \"{0}\" ...")
            .does(call -> TOPICS_OF_USER.rows(ofUser(call, "/topic-permissions"))));
  }

  private static Verb permissions() {
    return Verb.of(
            "set_permissions",
            "Lets a user do this in a virtual host: regular expressions for names",
            "<username>",
            "<configure>",
            "<write>",
            "<read>")
        .says("Setting permissions for user \"{0}\" in vhost \"{vhost}\" ...")
        .does(call -> grant(call, call.vhost()));
  }

  private static String user(Call call) {
    return LocalApi.path("users", call.given(0));
  }

  private static String inVhost(Call call, String kind) {
    return LocalApi.path("vhosts", call.vhost(), kind);
  }

  private static List<JsonObject> ofUser(Call call, String kind) throws IOException, Refused {
    checkUser(call, call.given(0));
    return call.rows(user(call) + kind);
  }

  static void checkUser(Call call, String name) throws IOException, Refused {
    if (call.isMissing("users", name)) {
      throw Refused.error(Refused.UNAVAILABLE, "{:no_such_user, \"%s\"}".formatted(name));
    }
  }

  // Passwords.

  /** The one that is given, else the one that comes on standard input. */
  private static String secret(Call call, int place) throws IOException, Refused {
    if (call.count() > place) {
      return call.given(place);
    }
    String line =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
    if (line == null) {
      throw Refused.plainly(Refused.USAGE, "Error (argument validation): not enough arguments.");
    }
    return line;
  }

  private static JsonObject hash(String hash) {
    return new JsonObject().put("password_hash", hash);
  }

  private static JsonObject password(Call call) throws IOException, Refused {
    String secret = secret(call, 1);
    if (call.has(Flag.PRE_HASHED)) {
      return hash(secret);
    }
    if (secret.isEmpty()) {
      throw Refused.badArgument("user password cannot be blank");
    }
    return new JsonObject().put("password", secret);
  }

  private static Answer add(Call call) throws IOException, Refused {
    LocalApi.Answer answer =
        call.api().putNew(user(call), password(call).put("tags", new JsonArray()));
    if (!answer.isGood() && answer.reason().contains("already exists")) {
      throw Refused.error(Refused.SOFTWARE, "User \"%s\" already exists".formatted(call.given(0)));
    }
    good(answer);
    return new Answer.Hint(
        "Done. Don't forget to grant the user permissions to some virtual hosts! See 'rabbitmqctl"
            + " help set_permissions' to learn more.");
  }

  private static Answer change(Call call, String what, JsonObject body)
      throws IOException, Refused {
    LocalApi.Answer answer = call.api().put(user(call) + what, body);
    if (answer.status() == Call.NOT_FOUND) {
      throw Refused.noUser(call.given(0));
    }
    return done(answer);
  }

  private static Answer authenticate(Call call) throws IOException, Refused {
    String name = call.given(0);
    LocalApi.Answer answer =
        call.api()
            .postForm(
                "/login", "username=%s&password=%s".formatted(form(name), form(secret(call, 1))));
    // Whoever is known, but has nothing to do with the administration, is refused otherwise.
    if (answer.isGood() || answer.reason().equals("Not management user")) {
      return new Answer.Text("Success");
    }
    throw Refused.error(
        Refused.DATA,
        "Error: failed to authenticate user \"%s\"\nuser '%s' - invalid credentials"
            .formatted(name, name));
  }

  private static String form(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static Answer hashed(Call call) throws IOException, Refused {
    String hash =
        call.object("/auth" + LocalApi.path("hash_password", secret(call, 0))).getString("ok");
    return new Answer.Text(hash);
  }

  // Permissions.

  private static Answer grant(Call call, String vhost) throws IOException, Refused {
    return put(
        call,
        LocalApi.path("permissions", vhost, call.given(0)),
        new JsonObject()
            .put("configure", call.given(1))
            .put("write", call.given(2))
            .put("read", call.given(3)));
  }

  private static Answer setEverywhere(Call call) throws IOException, Refused {
    for (JsonObject vhost : call.rows("/vhosts")) {
      grant(call, String.valueOf(vhost.getValue("name")));
    }
    return new Answer.Nothing();
  }

  private static Answer setTopics(Call call) throws IOException, Refused {
    return put(
        call,
        LocalApi.path("topic-permissions", call.vhost(), call.given(0)),
        new JsonObject()
            .put("exchange", call.given(1))
            .put("write", call.given(2))
            .put("read", call.given(3)));
  }

  private static Answer put(Call call, String path, JsonObject body) throws IOException, Refused {
    LocalApi.Answer answer = call.api().put(path, body);
    if (!answer.isGood()) {
      if (call.isMissing("vhosts", call.vhost())) {
        throw Refused.error(
            Refused.UNAVAILABLE, "Virtual host %s does not exist".formatted(call.vhost()));
      }
      if (call.isMissing("users", call.given(0))) {
        throw Refused.error(Refused.NO_USER, "User %s does not exist".formatted(call.given(0)));
      }
    }
    return done(answer);
  }

  private static Answer clear(Call call, String kind, String rest) throws IOException, Refused {
    LocalApi.Answer answer =
        call.api().delete(LocalApi.path(kind, call.vhost(), call.given(0)) + rest);
    boolean nobody = !answer.isGood() && answer.reason().equals("vhost_or_user_not_found");
    return nobody ? new Answer.Nothing() : gone(answer);
  }
}
