package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Policies of both kinds by the HTTP API. */
class HttpPoliciesTest extends HttpTest {
  private static JsonObject policy(JsonObject definition) {
    return new JsonObject()
        .put("pattern", "^q")
        .put("definition", definition)
        .put("priority", 3)
        .put("apply-to", "queues");
  }

  @ParameterizedTest
  @ValueSource(strings = {"policies", "operator-policies"})
  @Behaviour(190)
  @DisplayName("a policy is set, listed, heeded by queues and cleared")
  void policies(String kind) throws Exception {
    String vhost = vhost();
    make(path("queues", vhost, "q"), new JsonObject());
    String path = path(kind, vhost, "p");
    JsonObject body = policy(new JsonObject().put("max-length", 5));
    assertThat(fetch(path).status()).isEqualTo(404);
    assertThat(put(path, body).status()).isEqualTo(201);
    assertThat(put(path, body).status()).isEqualTo(204);
    JsonObject shown = object(path);
    assertThat(shown.copy().putNull("definition").getMap())
        .containsEntry("vhost", vhost)
        .containsEntry("name", "p")
        .containsEntry("pattern", "^q")
        .containsEntry("apply-to", "queues")
        .containsEntry("priority", 3);
    assertThat(shown.getJsonObject("definition").getInteger("max-length")).isEqualTo(5);
    assertThat(array(path(kind, vhost))).hasSize(1);
    assertThat(array(path(kind)).encode()).contains(vhost);
    String field = kind.equals("policies") ? "policy" : "operator_policy";
    await("the queue", () -> "p".equals(object(path("queues", vhost, "q")).getString(field)));
    JsonObject queue = object(path("queues", vhost, "q"));
    assertThat(queue.getJsonObject("effective_policy_definition").getInteger("max-length"))
        .isEqualTo(5);
    assertThat(delete(path).status()).isEqualTo(204);
    assertThat(delete(path).status()).isEqualTo(404);
    await("the queue", () -> object(path("queues", vhost, "q")).getString(field) == null);
  }

  @Test
  @DisplayName("what cannot be a policy is refused")
  void refused() throws Exception {
    String vhost = vhost();
    String path = path("policies", vhost, "p");
    Answer unknown = put(path, policy(new JsonObject().put("max-lengh", 5)));
    assertThat(unknown.status()).isEqualTo(400);
    assertThat(unknown.reason()).contains("are not recognised policy settings");
    assertThat(put(path, new JsonObject().put("pattern", "x")).reason())
        .contains("key_missing", "definition");
    assertThat(put(path, policy(new JsonObject()).put("priority", "x")).status()).isEqualTo(400);
    assertThat(array(path("policies", vhost))).isEmpty();
  }

  @Test
  @DisplayName("who makes policies has a tag for that, and permissions there")
  void makers() throws Exception {
    String vhost = vhost();
    String maker = user("policymaker");
    String path = path("policies", vhost, "p");
    JsonObject body = policy(new JsonObject().put("max-length", 5));
    assertThat(ask("PUT", path, body, maker, "secret").status()).isEqualTo(401);
    make(path("permissions", vhost, maker), everything());
    assertThat(ask("PUT", path, body, maker, "secret").status()).isEqualTo(201);
    Answer operators = ask("PUT", path("operator-policies", vhost, "p"), body, maker, "secret");
    assertThat(operators.status()).isEqualTo(401);
    assertThat(operators.reason()).isEqualTo("Not administrator user");
  }
}
