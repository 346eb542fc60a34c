package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Virtual hosts, users, permissions, limits and parameters by the HTTP API. */
class HttpAccountsTest extends HttpTest {
  private Connection connect(String user, String password, String vhost) throws Exception {
    ConnectionFactory factory = broker.factory();
    factory.setUsername(user);
    factory.setPassword(password);
    factory.setVirtualHost(vhost);
    return closeLater(factory.newConnection());
  }

  @Test
  @Behaviour(189)
  @DisplayName("a virtual host has a description, tags and a type of its queues")
  void vhosts() throws Exception {
    String name = shortName("vhost");
    String path = deleteLater(path("vhosts", name));
    JsonObject body =
        new JsonObject()
            .put("description", "for tests")
            .put("tags", "one,two")
            .put("default_queue_type", "quorum");
    assertThat(put(path, body).status()).isEqualTo(201);
    assertThat(put(path, body).status()).isEqualTo(204);
    JsonObject shown = object(path);
    assertThat(shown.getString("description")).isEqualTo("for tests");
    assertThat(shown.getJsonArray("tags").getList()).containsExactly("one", "two");
    assertThat(shown.getString("default_queue_type")).isEqualTo("quorum");
    assertThat(shown.getBoolean("tracing")).isFalse();
    assertThat(shown.getJsonObject("metadata").getString("description")).isEqualTo("for tests");
    make(path("permissions", name, broker.user()), everything());
    make(path("queues", name, "q"), new JsonObject().put("durable", true));
    assertThat(object(path("queues", name, "q")).getString("type")).isEqualTo("quorum");
    assertThat(array("/api/vhosts").encode()).contains(name);
    assertThat(delete(path).status()).isEqualTo(204);
    assertThat(delete(path).status()).isEqualTo(404);
    assertThat(fetch(path("queues", name)).status()).isIn(401, 404);
  }

  @Test
  @Behaviour(188)
  @DisplayName("a user has a password or a hash, and tags as a text or a list")
  void users() throws Exception {
    String name = shortName("user");
    String path = deleteLater(path("users", name));
    assertThat(put(path, new JsonObject().put("password", "one")).status()).isEqualTo(400);
    JsonObject first = new JsonObject().put("password", "one").put("tags", "monitoring,custom");
    assertThat(put(path, first).status()).isEqualTo(201);
    assertThat(put(path, first).status()).isEqualTo(204);
    JsonObject shown = object(path);
    assertThat(shown.getJsonArray("tags").getList())
        .containsExactlyInAnyOrder("monitoring", "custom");
    assertThat(shown.getString("hashing_algorithm")).isEqualTo("rabbit_password_hashing_sha256");
    String hash = shown.getString("password_hash");
    assertThat(hash).isNotEmpty();
    JsonObject both = first.copy().put("password_hash", hash);
    assertThat(put(path, both).status()).isEqualTo(400);
    put(
        path,
        new JsonObject().put("password", "two").put("tags", new JsonArray().add("management")));
    assertThat(ask("GET", "/api/whoami", null, name, "one").status()).isEqualTo(401);
    assertThat(ask("GET", "/api/whoami", null, name, "two").status()).isEqualTo(200);
    put(path, new JsonObject().put("password_hash", hash).put("tags", "management"));
    assertThat(ask("GET", "/api/whoami", null, name, "one").status()).isEqualTo(200);
    put(path, new JsonObject().put("password_hash", "").put("tags", "management"));
    assertThat(ask("GET", "/api/whoami", null, name, "").status()).isEqualTo(401);
    assertThat(array("/api/users/without-permissions").encode()).contains(name);
    String other = user("");
    Answer bulk =
        post(
            "/api/users/bulk-delete",
            new JsonObject().put("users", new JsonArray(List.of(name, other))));
    assertThat(bulk.status()).isEqualTo(204);
    assertThat(fetch(path).status()).isEqualTo(404);
    assertThat(fetch(path("users", other)).status()).isEqualTo(404);
  }

  @Test
  @Behaviour(188)
  @DisplayName(
      "a password hash that is not Base64 is refused; one of another length lets nobody in")
  void passwordHashes() throws Exception {
    String name = shortName("hashed");
    String path = deleteLater(path("users", name));
    for (String wrong : List.of("not base64!!", "YWJjZA", "YWJjZ")) {
      Answer refused =
          put(path, new JsonObject().put("password_hash", wrong).put("tags", "management"));
      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.body()).contains("\"reason\":[\"not_base64\",\"" + wrong + "\"]");
      assertThat(fetch(path).status()).isEqualTo(404);
    }
    for (String odd : List.of("YWJj", "YWJjZA==")) {
      JsonObject user = new JsonObject().put("password_hash", odd).put("tags", "management");
      assertThat(put(path, user).status()).isIn(201, 204);
      assertThat(ask("GET", "/api/whoami", null, name, "abc").status()).isEqualTo(401);
    }
  }

  @Test
  @Behaviour(190)
  @DisplayName("a NUL is an octet of a name like others")
  void nul() throws Exception {
    String name = shortName("nul") + "\0b";
    String vhost = deleteLater(path("vhosts", name));
    String user = deleteLater(path("users", name));
    assertThat(put(vhost, new JsonObject()).status()).isEqualTo(201);
    assertThat(object(vhost).getString("name")).isEqualTo(name);
    assertThat(fetch(path("vhosts", name.substring(0, name.length() - 2))).status()).isEqualTo(404);
    make(path("permissions", name, broker.user()), everything());
    String queue = path("queues", name, name);
    assertThat(put(queue, new JsonObject()).status()).isEqualTo(201);
    assertThat(object(queue).getString("name")).isEqualTo(name);
    JsonObject password = new JsonObject().put("password", "x").put("tags", "");
    assertThat(put(user, password).status()).isEqualTo(201);
    assertThat(object(user).getString("name")).isEqualTo(name);
  }

  @Test
  @Behaviour(190)
  @DisplayName("permissions are set, seen from all sides, heeded and cleared")
  void permissions() throws Exception {
    String vhost = vhost();
    String user = user("");
    String path = path("permissions", vhost, user);
    assertThat(fetch(path).status()).isEqualTo(404);
    assertThatThrownBy(() -> connect(user, "secret", vhost)).isInstanceOf(IOException.class);
    JsonObject may = new JsonObject().put("configure", "^a").put("write", "").put("read", ".*");
    assertThat(put(path, may).status()).isEqualTo(201);
    assertThat(put(path, may).status()).isEqualTo(204);
    assertThat(object(path).getString("configure")).isEqualTo("^a");
    assertThat(array(path("vhosts", vhost, "permissions")).encode()).contains(user);
    assertThat(array(path("users", user, "permissions")).getJsonObject(0).getString("vhost"))
        .isEqualTo(vhost);
    assertThat(array("/api/permissions").encode()).contains(user);
    assertThat(connect(user, "secret", vhost).isOpen()).isTrue();
    assertThat(put(path, may.copy().put("read", "(")).status()).isEqualTo(400);
    assertThat(delete(path).status()).isEqualTo(204);
    assertThat(delete(path).status()).isEqualTo(404);
  }

  @Test
  @Behaviour(190)
  @DisplayName("topic permissions are a list, one for each exchange")
  void topicPermissions() throws Exception {
    String vhost = vhost();
    String user = user("");
    make(path("permissions", vhost, user), everything());
    String path = path("topic-permissions", vhost, user);
    JsonObject topics =
        new JsonObject().put("exchange", "amq.topic").put("write", "^a").put("read", "^b");
    assertThat(fetch(path).status()).isEqualTo(404);
    assertThat(put(path, topics).status()).isEqualTo(201);
    JsonObject shown = array(path).getJsonObject(0);
    assertThat(shown.getString("exchange")).isEqualTo("amq.topic");
    assertThat(shown.getString("write")).isEqualTo("^a");
    assertThat(array("/api/topic-permissions").encode()).contains(user);
    assertThat(array(path("vhosts", vhost, "topic-permissions"))).hasSize(1);
    assertThat(array(path("users", user, "topic-permissions"))).hasSize(1);
    assertThat(delete(path).status()).isEqualTo(204);
    assertThat(fetch(path).status()).isEqualTo(404);
  }

  @Test
  @Behaviour(190)
  @DisplayName("limits of virtual hosts and users")
  void limits() throws Exception {
    String vhost = vhost();
    String user = user("");
    JsonObject one = new JsonObject().put("value", 1);
    String vhostLimit = path("vhost-limits", vhost, "max-queues");
    assertThat(put(vhostLimit, one).status()).isIn(201, 204);
    JsonObject limits = array(path("vhost-limits", vhost)).getJsonObject(0);
    assertThat(limits.getString("vhost")).isEqualTo(vhost);
    assertThat(limits.getJsonObject("value").getMap()).isEqualTo(Map.of("max-queues", 1));
    make(path("queues", vhost, "one"), new JsonObject());
    Answer full = put(path("queues", vhost, "two"), new JsonObject());
    assertThat(full.status()).isEqualTo(400);
    assertThat(full.reason()).contains("queue limit in vhost '" + vhost + "' (1) is reached");
    assertThat(delete(vhostLimit).status()).isEqualTo(204);
    // RabbitMQ goes on listing it, without any.
    assertThat(array("/api/vhost-limits").stream().map(JsonObject.class::cast))
        .filteredOn(each -> each.getString("vhost").equals(vhost))
        .allMatch(each -> each.getJsonObject("value").isEmpty());
    String userLimit = path("user-limits", user, "max-connections");
    assertThat(put(userLimit, one).status()).isIn(201, 204);
    assertThat(array(path("user-limits", user)).getJsonObject(0).getJsonObject("value").getMap())
        .containsEntry("max-connections", 1);
    assertThat(delete(userLimit).status()).isEqualTo(204);
    assertThat(put(userLimit, new JsonObject()).status()).isEqualTo(400);
  }

  @Test
  @Behaviour(190)
  @DisplayName("parameters of the whole node are kept for others")
  void globalParameters() throws Exception {
    String name = shortName("parameter");
    String path = deleteLater(path("global-parameters", name));
    JsonObject body = new JsonObject().put("value", new JsonObject().put("a", 1));
    assertThat(put(path, body).status()).isEqualTo(201);
    assertThat(put(path, body).status()).isEqualTo(204);
    assertThat(object(path).getJsonObject("value").getInteger("a")).isEqualTo(1);
    assertThat(array("/api/global-parameters").encode()).contains(name);
    assertThat(delete(path).status()).isEqualTo(204);
    assertThat(fetch(path).status()).isEqualTo(404);
  }

  @Test
  @DisplayName("a parameter for a component that nobody knows is refused")
  void parameters() throws Exception {
    String path = path("parameters", "nobody", "/", "x");
    assertThat(put(path, new JsonObject().put("value", new JsonObject())).status()).isEqualTo(400);
    assertThat(fetch(path).status()).isEqualTo(404);
    assertThat(fetch("/api/parameters").status()).isEqualTo(200);
  }
}
