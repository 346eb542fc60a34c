package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.GetResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.warrenmq.conformance.crash.OwnBrokerOnly;

/** Single messages that are published and got by the HTTP API. */
class HttpMessagesTest extends HttpTest {
  private final String queue = queueName();
  private final String get = path("queues", "/", queue, "get");

  static JsonObject message(String exchange, String key, String payload) {
    return new JsonObject()
        .put("name", exchange)
        .put("routing_key", key)
        .put("properties", new JsonObject())
        .put("payload", payload)
        .put("payload_encoding", "string");
  }

  private static JsonObject wish(String mode, int count) {
    return new JsonObject().put("ackmode", mode).put("count", count).put("encoding", "auto");
  }

  private Answer publish(JsonObject message) throws Exception {
    return post("/api/exchanges/%2F/amq.default/publish", message);
  }

  private void declare(JsonObject body) throws Exception {
    make(path("queues", "/", queue), body);
  }

  @Test
  @Behaviour(183)
  @DisplayName("a message arrives with its properties; the answer says whether it had a route")
  void publish() throws Exception {
    declare(new JsonObject());
    JsonObject message =
        message("", queue, "hällo")
            .put(
                "properties",
                new JsonObject()
                    .put("delivery_mode", 2)
                    .put("content_type", "text/plain")
                    .put("headers", new JsonObject().put("h", 1)));
    assertThat(publish(message).object().getBoolean("routed")).isTrue();
    Answer nowhere = publish(message("", uniqueName("none"), "x"));
    assertThat(nowhere.object().getBoolean("routed")).isFalse();
    GetResponse got = getEventually(queue);
    assertThat(text(got.getBody())).isEqualTo("hällo");
    AMQP.BasicProperties properties = got.getProps();
    assertThat(properties.getDeliveryMode()).isEqualTo(2);
    assertThat(properties.getContentType()).isEqualTo("text/plain");
    assertThat(properties.getHeaders()).containsEntry("h", 1L);
    assertThat(publish(message("", queue, "aGk=").put("payload_encoding", "base64")).status())
        .isEqualTo(200);
    assertThat(getText(queue)).isEqualTo("hi");
  }

  @Test
  @ExtendWith(OwnBrokerOnly.class)
  @DisplayName("a routing key that AMQP has no room for is a bad request; RabbitMQ routes by it")
  void longKeys() throws Exception {
    assertThat(publish(message("", "r".repeat(256), "x")).status()).isEqualTo(400);
  }

  @Test
  @DisplayName("what cannot be published is a bad request")
  void badPublishes() throws Exception {
    declare(
        new JsonObject()
            .put(
                "arguments",
                new JsonObject().put("x-max-length", 0).put("x-overflow", "reject-publish")));
    assertThat(publish(message("", queue, "x")).reason())
        .isEqualTo("rejected Unable to publish message. Check queue limits.");
    assertThat(publish(message("", queue, "x").putNull("payload").put("payload", 7)).status())
        .isEqualTo(400);
    assertThat(publish(message("", queue, "x").put("payload_encoding", "none")).status())
        .isEqualTo(400);
    Answer missing = publish(new JsonObject());
    assertThat(missing.status()).isEqualTo(400);
    assertThat(missing.reason()).contains("key_missing", "routing_key");
    assertThat(
            post(path("exchanges", "/", uniqueName("x"), "publish"), message("", "", "")).status())
        .isEqualTo(404);
  }

  @Test
  @Behaviour(184)
  @DisplayName("messages are got, and go back or are gone as is asked for")
  void gets() throws Exception {
    declare(new JsonObject());
    for (String text : new String[] {"one", "two", "three"}) {
      publish(message("", queue, text));
    }
    awaitMessageCount(queue, 3);
    JsonArray back = post(get, wish("ack_requeue_true", 2)).array();
    assertThat(back).hasSize(2);
    JsonObject first = back.getJsonObject(0);
    assertThat(first.getString("payload")).isEqualTo("one");
    assertThat(first.getString("payload_encoding")).isEqualTo("string");
    assertThat(first.getInteger("payload_bytes")).isEqualTo(3);
    assertThat(first.getInteger("message_count")).isEqualTo(2);
    assertThat(first.getString("exchange")).isEmpty();
    assertThat(first.getString("routing_key")).isEqualTo(queue);
    assertThat(first.getBoolean("redelivered")).isFalse();
    awaitMessageCount(queue, 3);
    JsonArray again = post(get, wish("reject_requeue_true", 1)).array();
    assertThat(again.getJsonObject(0).getString("payload")).isEqualTo("one");
    assertThat(again.getJsonObject(0).getBoolean("redelivered")).isTrue();
    awaitMessageCount(queue, 3);
    assertThat(post(get, wish("ack_requeue_false", 1)).array()).hasSize(1);
    assertThat(post(get, wish("reject_requeue_false", 1)).array()).hasSize(1);
    awaitMessageCount(queue, 1);
    JsonObject cut =
        post(get, wish("ack_requeue_false", 9).put("truncate", 2)).array().getJsonObject(0);
    assertThat(cut.getString("payload")).isEqualTo("th");
    assertThat(cut.getInteger("payload_bytes")).isEqualTo(5);
    assertThat(post(get, wish("ack_requeue_false", 1)).array()).isEmpty();
  }

  @Test
  @DisplayName("what is no text comes in base64, a large message whole")
  void payloads() throws Exception {
    declare(new JsonObject());
    channel().basicPublish("", queue, null, new byte[] {(byte) 0xFF, 0});
    byte[] large = new byte[3 << 20];
    Arrays.fill(large, (byte) 'x');
    channel().basicPublish("", queue, null, large);
    awaitMessageCount(queue, 2);
    JsonArray got = post(get, wish("ack_requeue_true", 2)).array();
    assertThat(got.getJsonObject(0).getString("payload")).isEqualTo("/wA=");
    assertThat(got.getJsonObject(0).getString("payload_encoding")).isEqualTo("base64");
    assertThat(got.getJsonObject(1).getString("payload")).hasSize(large.length).startsWith("xx");
    awaitMessageCount(queue, 2);
    assertThat(post(get, wish("ack_requeue_false", 2)).array()).hasSize(2);
    assertThat(publish(message("", queue, "y".repeat(2 << 20))).object().getBoolean("routed"))
        .isTrue();
    assertThat(getEventually(queue).getBody()).hasSize(2 << 20);
  }

  @Test
  @DisplayName("a queue says how many messages it holds, ready and not")
  void counts() throws Exception {
    declare(new JsonObject());
    for (int i = 0; i < 3; i++) {
      publish(queue, "x");
    }
    awaitMessageCount(queue, 3);
    channel().basicGet(queue, false);
    String path = path("queues", "/", queue);
    await(
        "the counts",
        () -> {
          JsonObject shown = object(path);
          return Map.of("messages", 3, "messages_ready", 2, "messages_unacknowledged", 1)
              .entrySet()
              .stream()
              .allMatch(count -> count.getValue().equals(shown.getInteger(count.getKey())));
        });
  }

  @Test
  @DisplayName("wishes that cannot be are bad requests")
  void badWishes() throws Exception {
    declare(new JsonObject());
    assertThat(post(get, new JsonObject()).reason()).contains("key_missing", "ackmode", "count");
    assertThat(post(get, wish("ack_requeue_true", 1).put("encoding", "x")).reason())
        .isEqualTo("Unsupported encoding. Please use auto or base64.");
    assertThat(
            post(path("queues", "/", uniqueName("q"), "get"), wish("ack_requeue_true", 1)).status())
        .isEqualTo(404);
  }
}
