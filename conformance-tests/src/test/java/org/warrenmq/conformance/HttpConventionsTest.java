package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What all of the HTTP API has in common: who may, errors, lists. */
class HttpConventionsTest extends HttpTest {
  @Test
  @Behaviour(181)
  @DisplayName("who is not known, or has no tag, or no authority, gets 401 and is told why")
  void authority() throws Exception {
    String untagged = user("");
    String manager = user("management");
    Answer wrong = ask("GET", "/api/whoami", null, manager, "wrong");
    assertThat(wrong.status()).isEqualTo(401);
    assertThat(wrong.error()).isEqualTo("not_authorized");
    assertThat(wrong.reason()).isEqualTo("Not_Authorized");
    Answer tagless = ask("GET", "/api/whoami", null, untagged, "secret");
    assertThat(tagless.status()).isEqualTo(401);
    assertThat(tagless.error()).isEqualTo("not_authorised");
    assertThat(tagless.reason()).isEqualTo("Not management user");
    Answer users = ask("GET", "/api/users", null, manager, "secret");
    assertThat(users.status()).isEqualTo(401);
    assertThat(users.reason()).isEqualTo("Not administrator user");
    Answer nodes = ask("GET", "/api/nodes", null, manager, "secret");
    assertThat(nodes.reason()).isEqualTo("Not monitor user");
    Answer queues = ask("GET", "/api/queues/%2F", null, manager, "secret");
    assertThat(queues.status()).isEqualTo(401);
    assertThat(queues.reason()).isEqualTo("User not authorised to access virtual host");
  }

  @Test
  @DisplayName("what is not there is 404, and says so")
  void notFound() throws Exception {
    Answer queue = fetch("/api/queues/%2F/" + uniqueName("q"));
    assertThat(queue.status()).isEqualTo(404);
    // RabbitMQ 4.0 says no more than of a user, later ones what kind of thing it is.
    assertThat(queue.object().getMap())
        .isIn(
            Map.of("error", "not_found", "reason", "queue_not_found"),
            Map.of("error", "Object Not Found", "reason", "Not Found"));
    assertThat(fetch("/api/users/" + uniqueName("u")).object().getMap())
        .isEqualTo(Map.of("error", "Object Not Found", "reason", "Not Found"));
    Answer permission = put(path("permissions", "/", uniqueName("u")), HttpTest.everything());
    assertThat(permission.status()).isEqualTo(400);
    assertThat(permission.reason()).isEqualTo("vhost_or_user_not_found");
  }

  @Test
  @DisplayName("bodies that cannot be are 400, and say why")
  void badBodies() throws Exception {
    String queue = "/api/queues/%2F/" + queueName();
    assertThat(put(queue, "{").reason()).isEqualTo("not_json");
    assertThat(put(queue, "[1]").reason()).isEqualTo("not_json");
    assertThat(put(queue, "\"{}\"").reason()).contains("doubly-JSON-encoded");
    Answer missing = put(path("permissions", "/", broker.user()), new JsonObject());
    assertThat(missing.status()).isEqualTo(400);
    assertThat(missing.error()).isEqualTo("bad_request");
    assertThat(missing.reason()).contains("key_missing", "configure");
    assertThat(put(queue, "null").status()).isEqualTo(201);
  }

  @Test
  @DisplayName("another method is 405, OPTIONS says which there are; a slash more does no harm")
  void methods() throws Exception {
    assertThat(post("/api/whoami", "{}").status()).isEqualTo(405);
    Answer options = ask("OPTIONS", "/api/whoami", null);
    assertThat(options.status()).isEqualTo(200);
    assertThat(options.response().headers().firstValue("allow").orElse("")).contains("GET");
    assertThat(fetch("/api/whoami/").status()).isEqualTo(200);
    assertThat(fetch("/api/users/").status()).isEqualTo(200);
    assertThat(fetch("/api/vhosts/").status()).isEqualTo(200);
  }

  @Test
  @Behaviour(185)
  @DisplayName("lists come in pages where that is asked for, sorted, by name, with columns")
  void lists() throws Exception {
    String vhost = vhost();
    for (String name : new String[] {"b1", "a1", "c2", "A2"}) {
      make(path("exchanges", vhost, name), new JsonObject().put("type", "fanout"));
    }
    String exchanges = path("exchanges", vhost);
    assertThat(array(exchanges + "?columns=name,type").getJsonObject(0).fieldNames())
        .containsExactlyInAnyOrder("name", "type");
    JsonObject page = object(exchanges + "?page=1&page_size=2&name=1&sort=name");
    assertThat(names(page.getJsonArray("items"))).isEqualTo("a1 b1");
    assertThat(page.getInteger("filtered_count")).isEqualTo(2);
    assertThat(page.getInteger("item_count")).isEqualTo(2);
    assertThat(page.getInteger("page_count")).isEqualTo(1);
    assertThat(page.getInteger("total_count")).isGreaterThan(4);
    JsonObject matching =
        object(exchanges + "?page=1&use_regex=true&name=%5Ea&sort=name&sort_reverse=true");
    assertThat(names(matching.getJsonArray("items"))).contains("a1", "A2").doesNotContain("b1");
    Answer far = fetch(exchanges + "?page=9&page_size=100");
    assertThat(far.status()).isEqualTo(400);
    assertThat(far.error()).isEqualTo("page_out_of_range");
    Answer invalid = fetch(exchanges + "?page=1&page_size=501");
    assertThat(invalid.status()).isEqualTo(400);
    assertThat(invalid.error()).isEqualTo("invalid_pagination_parameters");
  }

  private static String names(JsonArray items) {
    return String.join(
        " ", items.stream().map(item -> ((JsonObject) item).getString("name")).toList());
  }

  @Test
  @DisplayName("who is logged in, by a header or by a form")
  void whoami() throws Exception {
    String name = user("management,custom");
    JsonObject whoami = ask("GET", "/api/whoami", null, name, "secret").object();
    assertThat(whoami.getString("name")).isEqualTo(name);
    assertThat(whoami.getJsonArray("tags").getList())
        .containsExactlyInAnyOrder("management", "custom");
  }

  @Test
  @Behaviour({192, 193})
  @DisplayName("what the node is, and that all is well")
  void node() throws Exception {
    JsonObject overview = object("/api/overview");
    assertThat(overview.fieldNames())
        .contains(
            "cluster_name",
            "node",
            "rabbitmq_version",
            "management_version",
            "erlang_version",
            "product_name",
            "product_version",
            "object_totals",
            "queue_totals",
            "message_stats",
            "churn_rates",
            "listeners",
            "contexts",
            "exchange_types");
    String node = overview.getString("node");
    assertThat(node).contains("@");
    assertThat(array("/api/nodes").getJsonObject(0).getString("name")).isEqualTo(node);
    assertThat(object("/api/nodes/" + node).getBoolean("running")).isTrue();
    assertThat(object("/api/aliveness-test/%2F").getString("status")).isEqualTo("ok");
    int amqp = broker.amqpPort();
    for (String check :
        new String[] {
          "alarms",
          "local-alarms",
          "virtual-hosts",
          "node-is-quorum-critical",
          "port-listener/" + amqp,
          "protocol-listener/amqp091"
        }) {
      assertThat(object("/api/health/checks/" + check).getString("status")).isEqualTo("ok");
    }
    Answer missing = fetch("/api/health/checks/port-listener/1");
    assertThat(missing.status()).isEqualTo(503);
    assertThat(missing.object().getString("status")).isEqualTo("failed");
    assertThat(missing.object().getInteger("missing")).isEqualTo(1);
    assertThat(fetch("/api/extensions").status()).isEqualTo(200);
    String name = object("/api/cluster-name").getString("name");
    assertThat(put("/api/cluster-name", new JsonObject().put("name", name)).status())
        .isEqualTo(204);
  }
}
