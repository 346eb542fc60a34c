package org.warrenmq.broker.cli;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * Names as RabbitMQ's tools show them. What has a process there is told apart by one word here,
 * too: the node and the connection's name, without its spaces. Stateless, any thread.
 */
final class Names {
  static final String PROTOCOL = "{0,9,1}";

  private Names() {}

  static String connection(JsonObject connection) {
    return pid(connection.getValue("node"), String.valueOf(connection.getValue("name")));
  }

  static String channel(JsonObject channel) {
    return pid(channel.getValue("node"), String.valueOf(channel.getValue("name")));
  }

  /** The connection of a channel. */
  static String connectionOf(JsonObject channel) {
    return pid(
        channel.getValue("node"),
        String.valueOf(channel.getJsonObject("connection_details").getValue("name")));
  }

  /** The channel of a consumer. */
  static String channelOf(JsonObject consumer) {
    JsonObject channel = consumer.getJsonObject("channel_details");
    return pid(channel.getValue("node"), String.valueOf(channel.getValue("name")));
  }

  /** The connection that an exclusive queue belongs to. */
  static String owner(JsonObject queue) {
    return queue.getValue("owner_pid_details") instanceof JsonObject owner
        ? pid(queue.getValue("node"), String.valueOf(owner.getValue("name")))
        : "";
  }

  private static String pid(@Nullable Object node, String name) {
    String word = name.replace(" -> ", "-").replaceFirst(" \\((\\d+)\\)$", ".$1");
    return node == null ? "<" + word + ">" : "<" + node + "." + word + ">";
  }
}
