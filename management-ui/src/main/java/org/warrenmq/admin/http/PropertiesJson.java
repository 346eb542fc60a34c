package org.warrenmq.admin.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.Properties;
import org.warrenmq.codec.WireString;

/** The properties of a message as JSON and back. Stateless, any thread. */
public final class PropertiesJson {
  private PropertiesJson() {}

  public static JsonObject of(Properties properties) {
    JsonObject object = new JsonObject();
    put(object, "type", properties.type());
    put(object, "message_id", properties.messageId());
    put(object, "expiration", properties.expiration());
    put(object, "timestamp", properties.timestamp());
    put(object, "app_id", properties.appId());
    put(object, "user_id", properties.userId());
    put(object, "cluster_id", properties.clusterId());
    put(object, "reply_to", properties.replyTo());
    put(object, "correlation_id", properties.correlationId());
    put(object, "priority", properties.priority());
    put(object, "delivery_mode", properties.deliveryMode());
    put(object, "content_type", properties.contentType());
    put(object, "content_encoding", properties.contentEncoding());
    FieldTable headers = properties.headers();
    if (headers != null) {
      object.put("headers", ArgumentsJson.of(headers));
    }
    return object;
  }

  private static void put(JsonObject object, String name, @Nullable Object value) {
    if (value != null) {
      object.put(name, value);
    }
  }

  /**
   * Properties as they stand in a body; an empty array is taken for none.
   *
   * @throws ApiError when one of them is not what it has to be
   */
  public static Properties toProperties(@Nullable Object given) {
    JsonObject object =
        switch (given) {
          case null -> new JsonObject();
          case JsonObject some -> some;
          case JsonArray array when array.isEmpty() -> new JsonObject();
          default -> throw ApiError.badRequest("properties are not an object");
        };
    Object headers = object.getValue("headers");
    return Properties.builder()
        .type(text(object, "type"))
        .messageId(text(object, "message_id"))
        .expiration(text(object, "expiration"))
        .timestamp(number(object, "timestamp", Long.MAX_VALUE))
        .appId(text(object, "app_id"))
        .userId(text(object, "user_id"))
        .clusterId(text(object, "cluster_id"))
        .replyTo(text(object, "reply_to"))
        .correlationId(text(object, "correlation_id"))
        .priority(octet(object, "priority"))
        .deliveryMode(octet(object, "delivery_mode"))
        .contentType(text(object, "content_type"))
        .contentEncoding(text(object, "content_encoding"))
        .headers(headers == null ? null : ArgumentsJson.toTable(headers))
        .build();
  }

  private static @Nullable String text(JsonObject object, String name) {
    return switch (object.getValue(name)) {
      case null -> null;
      case JsonObject _, JsonArray _ -> throw invalid(name);
      case Object value -> {
        String text = value.toString();
        if (WireString.encodedLength(text) > WireString.MAX_SHORT) {
          throw invalid(name);
        }
        yield text;
      }
    };
  }

  private static @Nullable Integer octet(JsonObject object, String name) {
    Long number = number(object, name, 255);
    return number == null ? null : Integer.valueOf(number.intValue());
  }

  private static @Nullable Long number(JsonObject object, String name, long most) {
    Object value = object.getValue(name);
    if (value == null) {
      return null;
    }
    try {
      long number = Long.parseLong(value.toString());
      if (number >= 0 && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // As below.
    }
    throw invalid(name);
  }

  private static ApiError invalid(String name) {
    return ApiError.badRequest("property " + name + " is invalid");
  }
}
