package org.warrenmq.admin.api;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.stream.Stream;
import org.warrenmq.admin.http.ArgumentsJson;
import org.warrenmq.admin.node.Facts;

/** How what belongs to clients is shown, with RabbitMQ's names. Stateless, any thread. */
final class ShownClients {
  private ShownClients() {}

  static JsonArray array(Stream<JsonObject> objects) {
    JsonArray array = new JsonArray();
    objects.forEach(array::add);
    return array;
  }

  static JsonObject connection(Facts.Connection connection, String node) {
    JsonObject properties = ArgumentsJson.of(connection.clientProperties());
    JsonObject shown =
        new JsonObject()
            .put("name", connection.name())
            .put("node", node)
            .put("type", "network")
            .put("protocol", "AMQP 0-9-1")
            .put("user", connection.user())
            .put("user_who_performed_action", connection.user())
            .put("vhost", connection.vhost())
            .put("state", connection.state())
            .put("connected_at", connection.connectedAt())
            .put("channels", connection.channels().size())
            .put("channel_max", connection.channelMax())
            .put("frame_max", connection.frameMax())
            .put("timeout", connection.heartbeat())
            .put("host", connection.server().host())
            .put("port", connection.server().port())
            .put("peer_host", connection.client().host())
            .put("peer_port", connection.client().port())
            .put("ssl", false)
            .put("auth_mechanism", "PLAIN")
            .put("client_properties", properties);
    String name = properties.getString("connection_name");
    return name == null ? shown : shown.put("user_provided_name", name);
  }

  private static JsonObject details(Facts.Connection connection) {
    return new JsonObject()
        .put("name", connection.name())
        .put("peer_host", connection.client().host())
        .put("peer_port", connection.client().port());
  }

  static JsonObject channel(
      Facts.Connection connection, Facts.Channel channel, String name, String node) {
    return new JsonObject()
        .put("name", name)
        .put("number", channel.number())
        .put("node", node)
        .put("vhost", connection.vhost())
        .put("user", connection.user())
        .put("user_who_performed_action", connection.user())
        .put("state", "running")
        .put("confirm", channel.confirm())
        .put("transactional", channel.transactional())
        .put("prefetch_count", channel.prefetch())
        .put("global_prefetch_count", channel.globalPrefetch())
        .put("consumer_count", channel.consumers().size())
        .put("messages_unacknowledged", channel.unacknowledged())
        .put("messages_unconfirmed", 0)
        .put("messages_uncommitted", 0)
        .put("acks_uncommitted", 0)
        .put("connection_details", details(connection));
  }

  static JsonObject consumer(
      Facts.Connection connection, Facts.Channel channel, String name, Facts.Consumer consumer) {
    return new JsonObject()
        .put("consumer_tag", consumer.tag())
        .put("active", true)
        .put("activity_status", "up")
        .put("ack_required", consumer.ackRequired())
        .put("exclusive", consumer.exclusive())
        .put("prefetch_count", consumer.prefetch())
        .put("arguments", ArgumentsJson.of(consumer.arguments()))
        .put("consumer_timeout", "undefined")
        .put(
            "queue",
            new JsonObject().put("name", consumer.queue()).put("vhost", connection.vhost()))
        .put(
            "channel_details",
            details(connection)
                .put("connection_name", connection.name())
                .put("name", name)
                .put("number", channel.number())
                .put("user", connection.user()));
  }
}
