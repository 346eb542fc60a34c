package org.warrenmq.admin.api;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.http.ArgumentsJson;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldTableCodec;

/** How things are shown, with RabbitMQ's names. Stateless, any thread. */
final class Shown {
  /** What the nameless exchange is called where it needs a name. */
  static final String DEFAULT_EXCHANGE = "amq.default";

  /** Whoever does something through nobody's connection. */
  private static final String INTERNAL_USER = "rmq-internal";

  private Shown() {}

  static JsonObject numbers(Map<String, Integer> numbers) {
    JsonObject object = new JsonObject();
    numbers.forEach(object::put);
    return object;
  }

  static JsonObject vhost(Facts.Vhost vhost, String node) {
    Facts.VhostTraits traits = vhost.traits();
    String type = traits.defaultQueueType() == null ? "classic" : traits.defaultQueueType();
    JsonArray tags = new JsonArray(traits.tags());
    return new JsonObject()
        .put("name", vhost.name())
        .put("description", traits.description())
        .put("tags", tags)
        .put("default_queue_type", type)
        .put("tracing", false)
        .put("protected_from_deletion", traits.isProtected())
        .put("cluster_state", new JsonObject().put(node, "running"))
        .put(
            "metadata",
            new JsonObject()
                .put("description", traits.description())
                .put("tags", tags)
                .put("default_queue_type", type));
  }

  static JsonObject user(Facts.User user) {
    return new JsonObject()
        .put("name", user.name())
        .put("password_hash", user.passwordHash())
        .put("hashing_algorithm", user.hashingAlgorithm())
        .put("tags", new JsonArray(user.tags()))
        .put("limits", numbers(user.limits()));
  }

  private static JsonObject policies(JsonObject shown, Facts.Applied applied) {
    if (applied.policy() != null) {
      shown.put("policy", applied.policy());
    }
    if (applied.operator() != null) {
      shown.put("operator_policy", applied.operator());
    }
    return shown;
  }

  static JsonObject exchange(Facts.Exchange exchange) {
    JsonObject shown =
        new JsonObject()
            .put("name", exchange.name())
            .put("vhost", exchange.vhost())
            .put("type", exchange.type())
            .put("durable", exchange.durable())
            .put("auto_delete", exchange.autoDelete())
            .put("internal", exchange.internal())
            .put("arguments", ArgumentsJson.of(exchange.arguments()))
            .put("user_who_performed_action", INTERNAL_USER);
    return policies(shown, exchange.policies());
  }

  /**
   * @param counts null where they are not asked for, or nobody knows them any more
   */
  static JsonObject queue(Facts.Queue queue, String node, Facts.@Nullable QueueCounts counts) {
    boolean exclusive = queue.owner() != null;
    JsonObject shown =
        new JsonObject()
            .put("name", queue.name())
            .put("vhost", queue.vhost())
            .put("type", queue.type())
            .put("durable", queue.durable())
            .put("auto_delete", queue.autoDelete())
            .put("exclusive", exclusive)
            .put("arguments", ArgumentsJson.of(queue.arguments()))
            .put("node", node)
            .put("state", "running");
    policies(shown, queue.policies())
        .put("effective_policy_definition", ArgumentsJson.of(queue.policies().definition()));
    if (exclusive && !"".equals(queue.owner())) {
      shown.put("owner_pid_details", new JsonObject().put("name", queue.owner()));
    }
    if (counts != null) {
      shown
          .put("messages", counts.ready() + counts.unacknowledged())
          .put("messages_ready", counts.ready())
          .put("messages_unacknowledged", counts.unacknowledged())
          .put("consumers", counts.consumers());
    }
    return shown;
  }

  static JsonObject binding(Facts.Binding binding) {
    return new JsonObject()
        .put("source", binding.source())
        .put("vhost", binding.vhost())
        .put("destination", binding.destination())
        .put("destination_type", binding.toQueue() ? "queue" : "exchange")
        .put("routing_key", binding.routingKey())
        .put("arguments", ArgumentsJson.of(binding.arguments()))
        .put("properties_key", propertiesKey(binding));
  }

  /** What tells a binding from others between the same two, as one part of a path. */
  static String propertiesKey(Facts.Binding binding) {
    String key = binding.routingKey();
    if (binding.arguments().isEmpty()) {
      return key.isEmpty() ? "~" : quoted(key);
    }
    return (key.isEmpty() ? "" : quoted(key)) + "~" + hash(binding.arguments());
  }

  private static String quoted(String text) {
    // With a plus for a space, as RabbitMQ has it.
    return quote(text).replace("%20", "+").replace("~", "%7E");
  }

  /** As it stands in a path: all but letters, digits and a few is a number of octets. */
  static String quote(String text) {
    StringBuilder quoted = new StringBuilder();
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      char character = (char) (octet & 0xFF);
      if (octet > 0 && (Character.isLetterOrDigit(character) || "-_.~".indexOf(character) >= 0)) {
        quoted.append(character);
      } else {
        quoted.append('%').append("%02X".formatted(octet & 0xFF));
      }
    }
    return quoted.toString();
  }

  /** Of arguments in any order. */
  private static String hash(FieldTable arguments) {
    ByteBuf octets = Unpooled.buffer();
    FieldTableCodec.writeSorted(octets, arguments);
    try {
      MessageDigest digest = MessageDigest.getInstance("MD5");
      digest.update(octets.nioBuffer());
      return Base64.getUrlEncoder().withoutPadding().encodeToString(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has MD5", e);
    }
  }
}
