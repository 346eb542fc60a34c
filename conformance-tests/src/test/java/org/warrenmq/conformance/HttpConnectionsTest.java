package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.ShutdownSignalException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Connections, channels and consumers as the HTTP API shows them, and ends them. */
class HttpConnectionsTest extends HttpTest {
  /** A statistic is five seconds old at most, with RabbitMQ. */
  private JsonObject named(String list, String provided) {
    JsonObject[] found = new JsonObject[1];
    await(
        provided + " in " + list,
        () -> {
          for (Object each : array(list)) {
            JsonObject object = (JsonObject) each;
            if (provided.equals(object.getString("user_provided_name"))) {
              found[0] = object;
              return true;
            }
          }
          return false;
        });
    return found[0];
  }

  private Connection connect(String name) throws Exception {
    return closeLater(broker.factory().newConnection(name));
  }

  @Test
  @Behaviour({20, 194})
  @DisplayName("a connection, its channels and its consumers")
  void shown() throws Exception {
    String name = shortName("connection");
    Connection connection = connect(name);
    JsonObject shown = named("/api/connections", name);
    String fullName = shown.getString("name");
    assertThat(fullName).matches("\\S+:\\d+ -> \\S+:\\d+");
    assertThat(shown.getString("user")).isEqualTo(broker.user());
    assertThat(shown.getString("vhost")).isEqualTo("/");
    assertThat(shown.getString("protocol")).isEqualTo("AMQP 0-9-1");
    assertThat(shown.getInteger("channel_max")).isEqualTo(2047);
    assertThat(shown.getJsonObject("client_properties").getString("connection_name"))
        .isEqualTo(name);
    assertThat(object(path("connections", fullName)).getString("name")).isEqualTo(fullName);

    String queue = queue();
    Channel channel = connection.createChannel();
    channel.confirmSelect();
    channel.basicQos(7);
    String tag = channel.basicConsume(queue, false, "tag", new DefaultConsumer(channel));
    String channelPath = path("channels", fullName + " (1)");
    await(
        "the channel",
        () -> {
          Answer answer = fetch(channelPath);
          return answer.status() == 200 && answer.object().getInteger("consumer_count", 0) == 1;
        });
    JsonObject there = object(channelPath);
    assertThat(there.getBoolean("confirm")).isTrue();
    assertThat(there.getString("vhost")).isEqualTo("/");
    assertThat(array(path("connections", fullName, "channels"))).hasSize(1);
    JsonObject consumer = consumer(tag, queue);
    assertThat(consumer.getBoolean("ack_required")).isTrue();
    assertThat(consumer.getInteger("prefetch_count")).isEqualTo(7);
    assertThat(consumer.getBoolean("exclusive")).isFalse();
  }

  private JsonObject consumer(String tag, String queue) {
    JsonObject[] found = new JsonObject[1];
    await(
        "the consumer",
        () -> {
          JsonArray all = array("/api/consumers/%2F");
          for (Object each : all) {
            JsonObject consumer = (JsonObject) each;
            if (consumer.getString("consumer_tag").equals(tag)
                && consumer.getJsonObject("queue").getString("name").equals(queue)) {
              found[0] = consumer;
            }
          }
          return found[0] != null;
        });
    return found[0];
  }

  @Test
  @Behaviour({23, 194})
  @DisplayName("a connection is closed with 320 and the reason that is given")
  void closed() throws Exception {
    assertThat(closeReason("")).isEqualTo("CONNECTION_FORCED - Closed via management plugin");
    assertThat(closeReason("enough")).isEqualTo("CONNECTION_FORCED - enough");
  }

  private String closeReason(String reason) throws Exception {
    String name = shortName("connection");
    Connection connection = connect(name);
    CompletableFuture<ShutdownSignalException> end = new CompletableFuture<>();
    connection.addShutdownListener(end::complete);
    String path = path("connections", named("/api/connections", name).getString("name"));
    String both = broker.user() + ":" + broker.password();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(broker.http() + path))
            .DELETE()
            .header(
                "Authorization",
                "Basic "
                    + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8)));
    if (!reason.isEmpty()) {
      request.header("X-Reason", reason);
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      assertThat(client.send(request.build(), BodyHandlers.ofString()).statusCode()).isEqualTo(204);
    }
    var close = (AMQP.Connection.Close) end.get(10, TimeUnit.SECONDS).getReason();
    assertThat(close.getReplyCode()).isEqualTo(320);
    return close.getReplyText();
  }

  @Test
  @DisplayName(
      "who may not see everything sees what is their own; all of a user's are closed at once")
  void ofUsers() throws Exception {
    String vhost = vhost();
    String user = user("management");
    make(path("permissions", vhost, user), everything());
    String name = shortName("connection");
    ConnectionFactory factory = broker.factory();
    factory.setUsername(user);
    factory.setPassword("secret");
    factory.setVirtualHost(vhost);
    Connection connection = closeLater(factory.newConnection(name));
    connect(shortName("other"));
    named("/api/connections", name);
    JsonArray own = ask("GET", "/api/connections", null, user, "secret").array();
    assertThat(own).hasSize(1);
    assertThat(array(path("vhosts", vhost, "connections"))).hasSize(1);
    String others = path("connections", "username", broker.user());
    assertThat(ask("DELETE", others, null, user, "secret").status()).isEqualTo(401);
    assertThat(delete(path("connections", "username", user)).status()).isEqualTo(204);
    await("its end", () -> !connection.isOpen());
  }
}
