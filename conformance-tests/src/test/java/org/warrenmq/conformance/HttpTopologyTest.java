package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Exchanges, queues and bindings by the HTTP API, and what AMQP shows of them. */
class HttpTopologyTest extends HttpTest {
  private final String queue = queueName();
  private final String exchange = exchangeName();
  private final String queuePath = path("queues", "/", queue);
  private final String exchangePath = path("exchanges", "/", exchange);

  @Test
  @Behaviour({181, 182, 187})
  @DisplayName("a queue: made with 201, there with 204, another one refused with AMQP's text")
  void queues() throws Exception {
    JsonObject body =
        new JsonObject()
            .put("durable", true)
            .put("arguments", new JsonObject().put("x-max-length", 5).put("x-expires", 60_000));
    assertThat(put(queuePath, body).status()).isEqualTo(201);
    assertThat(put(queuePath, body).status()).isEqualTo(204);
    Answer other = put(queuePath, body.copy().put("durable", false));
    assertThat(other.status()).isEqualTo(400);
    assertThat(other.error()).isEqualTo("bad_request");
    assertThat(other.reason())
        .isEqualTo(
            "inequivalent arg 'durable' for queue '%s' in vhost '/': received 'false' but current is 'true'"
                .formatted(queue));
    JsonObject shown = object(queuePath);
    assertThat(shown.getString("name")).isEqualTo(queue);
    assertThat(shown.getString("vhost")).isEqualTo("/");
    assertThat(shown.getString("type")).isEqualTo("classic");
    assertThat(shown.getBoolean("durable")).isTrue();
    assertThat(shown.getBoolean("auto_delete")).isFalse();
    assertThat(shown.getBoolean("exclusive")).isFalse();
    assertThat(shown.getJsonObject("arguments").getInteger("x-max-length")).isEqualTo(5);
    assertThat(delete(queuePath).status()).isEqualTo(204);
    assertThat(delete(queuePath).status()).isEqualTo(404);
  }

  @Test
  @Behaviour(190)
  @DisplayName("deletes that would not do are refused with 400")
  void conditions() throws Exception {
    make(queuePath, new JsonObject());
    publish(queue, "x");
    awaitMessageCount(queue, 1);
    Answer notEmpty = delete(queuePath + "?if-empty=true");
    assertThat(notEmpty.status()).isEqualTo(400);
    assertThat(notEmpty.reason()).contains("queue '" + queue + "' in vhost '/' not empty");
    make(exchangePath, new JsonObject().put("type", "fanout"));
    String between = path("bindings", "/", "e", exchange, "q", queue);
    assertThat(post(between, new JsonObject()).status()).isEqualTo(201);
    Answer inUse = delete(exchangePath + "?if-unused=true");
    assertThat(inUse.status()).isEqualTo(400);
    assertThat(inUse.reason()).contains("exchange '" + exchange + "' in vhost '/' in use");
    assertThat(delete(queuePath + "/contents").status()).isEqualTo(204);
    assertThat(messageCount(queue)).isZero();
    assertThat(delete(queuePath + "?if-empty=true").status()).isEqualTo(204);
  }

  @Test
  @Behaviour({181, 182})
  @DisplayName("an exchange, the same way; the nameless one has a name here")
  void exchanges() throws Exception {
    JsonObject body = new JsonObject().put("type", "topic").put("internal", true);
    assertThat(put(exchangePath, body).status()).isEqualTo(201);
    assertThat(put(exchangePath, body).status()).isEqualTo(204);
    Answer other = put(exchangePath, body.copy().put("type", "direct"));
    assertThat(other.status()).isEqualTo(400);
    assertThat(other.reason())
        .isEqualTo(
            "inequivalent arg 'type' for exchange '%s' in vhost '/': received 'direct' but current is 'topic'"
                .formatted(exchange));
    Answer unknown = put(path("exchanges", "/", "x"), new JsonObject().put("type", "none"));
    assertThat(unknown.status()).isEqualTo(400);
    assertThat(object(exchangePath).getBoolean("internal")).isTrue();
    assertThat(object("/api/exchanges/%2F/amq.default").getString("name")).isEmpty();
    assertThat(delete(exchangePath).status()).isEqualTo(204);
    assertThat(fetch(exchangePath).status()).isEqualTo(404);
  }

  @Test
  @Behaviour(186)
  @DisplayName("bindings are told apart by a key that stands in a path")
  void bindings() throws Exception {
    make(queuePath, new JsonObject());
    make(exchangePath, new JsonObject().put("type", "topic"));
    String between = path("bindings", "/", "e", exchange, "q", queue);
    Answer plain = post(between, new JsonObject().put("routing_key", "a.#/ä b~"));
    assertThat(plain.status()).isEqualTo(201);
    assertThat(plain.response().headers().firstValue("location")).isPresent();
    assertThat(post(between, new JsonObject()).status()).isEqualTo(201);
    JsonObject withArguments =
        new JsonObject().put("routing_key", "k").put("arguments", new JsonObject().put("x", 1));
    assertThat(post(between, withArguments).status()).isEqualTo(201);
    JsonArray all = array(between);
    assertThat(all).hasSize(3);
    for (Object each : all) {
      JsonObject binding = (JsonObject) each;
      String key = binding.getString("properties_key");
      switch (binding.getString("routing_key")) {
        case "" -> assertThat(key).isEqualTo("~");
        case "k" -> assertThat(key).startsWith("k~");
        default -> assertThat(key).startsWith("a.%23%2F%C3%A4").endsWith("+b%7E");
      }
      String path = between + path(key).substring("/api".length());
      assertThat(object(path).getString("destination")).isEqualTo(queue);
      assertThat(delete(path).status()).isEqualTo(204);
      assertThat(fetch(path).status()).isEqualTo(404);
    }
    assertThat(array(between)).isEmpty();
    JsonObject implicit = array(queuePath + "/bindings").getJsonObject(0);
    assertThat(implicit.getString("source")).isEmpty();
    assertThat(implicit.getString("routing_key")).isEqualTo(queue);
  }

  @Test
  @DisplayName("bindings between exchanges, seen from both ends")
  void exchangeBindings() throws Exception {
    make(exchangePath, new JsonObject().put("type", "fanout"));
    String between = path("bindings", "/", "e", "amq.direct", "e", exchange);
    assertThat(post(between, new JsonObject().put("routing_key", "k")).status()).isEqualTo(201);
    JsonObject seen = array(exchangePath + "/bindings/destination").getJsonObject(0);
    assertThat(seen.getString("destination_type")).isEqualTo("exchange");
    assertThat(seen.getString("source")).isEqualTo("amq.direct");
    assertThat(array("/api/exchanges/%2F/amq.direct/bindings/source").encode()).contains(exchange);
    assertThat(delete(between + "/k").status()).isEqualTo(204);
    assertThat(array(exchangePath + "/bindings/destination")).isEmpty();
  }

  @Test
  @Behaviour(181)
  @DisplayName("names are decoded once: slashes, percents and letters of any kind")
  void names() throws Exception {
    String vhost = vhost();
    String name = "a/b%2F ä+&?=#";
    make(path("queues", vhost, name), new JsonObject());
    assertThat(object(path("queues", vhost, name)).getString("name")).isEqualTo(name);
    assertThat(array(path("queues", vhost)).getJsonObject(0).getString("name")).isEqualTo(name);
  }

  @Test
  @DisplayName("what AMQP refuses for want of permission is 401 here")
  void permissions() throws Exception {
    String vhost = vhost();
    String user = user("management");
    make(
        path("permissions", vhost, user),
        new JsonObject().put("configure", "^mine").put("write", "").put("read", ""));
    assertThat(ask("PUT", path("queues", vhost, "mine"), "{}", user, "secret").status())
        .isEqualTo(201);
    Answer other = ask("PUT", path("queues", vhost, "other"), "{}", user, "secret");
    assertThat(other.status()).isEqualTo(401);
    assertThat(other.error()).isEqualTo("not_authorised");
    assertThat(other.reason()).isEqualTo("Access refused.");
    JsonObject message = HttpMessagesTest.message("", "mine", "x");
    Answer publish =
        ask("POST", path("exchanges", vhost, "amq.default", "publish"), message, user, "secret");
    assertThat(publish.status()).isIn(400, 401);
  }
}
