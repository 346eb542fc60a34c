package org.warrenmq.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.warrenmq.admin.http.Authority;
import org.warrenmq.admin.http.HandLogins;
import org.warrenmq.admin.http.Route;

/** No endpoint answers without the authority it needs: every one is asked as everybody. */
class AuthorityOfRoutesTest {
  private static final Set<String> TAGGED =
      Set.of("administrator", "monitoring", "policymaker", "management", HandLogins.STRANGER);

  /** Who may use what, where the path names the virtual host "v" and the user "management". */
  private static final Map<Authority, Set<String>> MAY = new EnumMap<>(Authority.class);

  static {
    MAY.put(Authority.MANAGEMENT, TAGGED);
    MAY.put(Authority.OWNER, TAGGED);
    MAY.put(Authority.VHOST, Set.of("administrator", "policymaker", "management"));
    MAY.put(
        Authority.VHOST_VISIBLE,
        Set.of("administrator", "monitoring", "policymaker", "management"));
    MAY.put(Authority.POLICYMAKER, Set.of("administrator", "policymaker"));
    MAY.put(
        Authority.GLOBAL_POLICYMAKER, Set.of("administrator", "policymaker", HandLogins.STRANGER));
    MAY.put(Authority.MONITORING, Set.of("administrator", "monitoring"));
    MAY.put(Authority.SELF, Set.of("administrator", "management"));
    MAY.put(Authority.ADMINISTRATOR, Set.of("administrator"));
    MAY.put(Authority.LOCAL, Set.of());
  }

  private static HandServer server;

  @BeforeAll
  static void start() throws Exception {
    server = new HandServer(1);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String path(Route route) {
    return "/api"
        + route
            .path()
            .replace("{vhost}", HandLogins.VHOST)
            .replace("{user}", "management")
            .replaceAll("\\{\\w+}", "x");
  }

  /** Who may, where no virtual host is named. */
  private static boolean may(Route route, String user) {
    Set<String> allowed = MAY.get(route.authority());
    boolean anywhere =
        route.authority() == Authority.POLICYMAKER && !route.path().contains("{vhost}");
    return allowed.contains(user) || anywhere && user.equals(HandLogins.STRANGER);
  }

  @Test
  @DisplayName("every route, by everybody, with the right password, a wrong one and none")
  void everyRoute() throws Exception {
    int asked = 0;
    for (Route route : server.routes.routes()) {
      String what = route.method() + " " + route.path();
      if (route.authority() == Authority.NONE) {
        assertThat(server.ask(route.method(), path(route), null, "").statusCode())
            .as(what)
            .isBetween(200, 299);
        continue;
      }
      var nobody = server.ask(route.method(), path(route), null, "");
      assertThat(nobody.statusCode()).as("nobody: %s", what).isEqualTo(401);
      assertThat(nobody.headers().firstValue("www-authenticate"))
          .contains("Basic realm=\"RabbitMQ Management\"");
      if (route.authority() == Authority.LOGIN) {
        continue;
      }
      assertThat(server.ask(route.method(), path(route), "administrator", "wrong", "").statusCode())
          .as("wrong: %s", what)
          .isEqualTo(401);
      for (String user : HandLogins.TAGS.keySet()) {
        int status = server.ask(route.method(), path(route), user, "").statusCode();
        if (!may(route, user)) {
          assertThat(status).as("%s: %s", user, what).isEqualTo(401);
        } else if (route.authority() != Authority.OWNER || user.equals("administrator")) {
          assertThat(status).as("%s: %s", user, what).isNotEqualTo(401).isNotEqualTo(500);
        }
        asked++;
      }
    }
    assertThat(asked).isGreaterThan(500);
  }

  @Test
  @DisplayName("what is not there, or not with this method, needs nobody in particular")
  void beforeAuthority() throws Exception {
    assertThat(server.ask("GET", "/api/nothing", null, "").statusCode()).isEqualTo(404);
    assertThat(server.ask("GET", "/elsewhere", null, "").statusCode()).isEqualTo(404);
    var wrong = server.ask("POST", "/api/users", "administrator", "");
    assertThat(wrong.statusCode()).isEqualTo(405);
    assertThat(wrong.headers().firstValue("allow")).contains("GET, HEAD, OPTIONS");
    assertThat(server.ask("OPTIONS", "/api/users", null, "").statusCode()).isEqualTo(200);
  }

  @Test
  @DisplayName("who has no tag of the administration hears so")
  void untagged() throws Exception {
    var answer = server.ask("GET", "/api/whoami", "untagged", "");
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(HandServer.json(answer).getMap())
        .isEqualTo(Map.of("error", "not_authorised", "reason", "Not management user"));
    assertThat(List.of(HandServer.json(server.ask("GET", "/api/whoami", "x", "")).getMap()))
        .containsExactly(Map.of("error", "not_authorized", "reason", "Not_Authorized"));
  }

  @Test
  @DisplayName("a policymaker does not lift limits of a virtual host by calling them a parameter")
  void limitsAsParameter() throws Exception {
    String limits = "/api/parameters/vhost-limits/v/limits";
    String body = "{\"value\": {}}";
    assertThat(server.ask("PUT", limits, "policymaker", body).statusCode()).isEqualTo(401);
    assertThat(server.ask("DELETE", limits, "policymaker", "").statusCode()).isEqualTo(401);
    assertThat(server.ask("PUT", limits, "administrator", body).statusCode()).isEqualTo(201);
  }

  @Test
  @DisplayName("a login by a form is a login")
  void form() throws Exception {
    String good = "username=management&password=right";
    var answer = server.ask("POST", "/api/login", null, "");
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(post("username=management&password=wrong")).isEqualTo(401);
    assertThat(post("username=untagged&password=right")).isEqualTo(401);
    assertThat(post(good)).isEqualTo(200);
  }

  private static int post(String form) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port + "/api/login"))
                  .header("content-type", "application/x-www-form-urlencoded")
                  .POST(BodyPublishers.ofString(form))
                  .build(),
              BodyHandlers.ofString())
          .statusCode();
    }
  }
}
