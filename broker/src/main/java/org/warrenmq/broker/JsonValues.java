package org.warrenmq.broker;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.WireString;

/**
 * JSON as the values of field tables, in which form the broker keeps it, and back. Stateless, any
 * thread.
 */
final class JsonValues {
  private JsonValues() {}

  /**
   * What a text says.
   *
   * @throws IllegalArgumentException when it is no JSON
   */
  static FieldValue read(String json) {
    try {
      return value(Json.decodeValue(json));
    } catch (DecodeException e) {
      throw new IllegalArgumentException(
          "Could not parse JSON document: {error,{failed_to_decode_json,<<\"%s\">>}}"
              .formatted(json),
          e);
    }
  }

  /** The value of what was decoded. */
  static FieldValue value(@Nullable Object json) {
    return switch (json) {
      case null -> FieldValue.VoidValue.INSTANCE;
      case Boolean truth -> FieldValue.of(truth);
      case Integer number -> FieldValue.of(number.longValue());
      case Long number -> FieldValue.of(number);
      case BigInteger number -> new FieldValue.Float64(number.doubleValue());
      case Number number -> new FieldValue.Float64(number.doubleValue());
      case JsonObject object -> FieldValue.of(table(object));
      case JsonArray array -> {
        List<FieldValue> values = new ArrayList<>();
        for (Object each : array) {
          values.add(value(each));
        }
        yield new FieldValue.ArrayValue(values);
      }
      default -> FieldValue.of(json.toString());
    };
  }

  private static FieldTable table(JsonObject object) {
    FieldTable.Builder table = FieldTable.builder();
    for (Map.Entry<String, Object> entry : object) {
      if (WireString.encodedLength(entry.getKey()) > WireString.MAX_SHORT) {
        throw new IllegalArgumentException(
            "a key has more than " + WireString.MAX_SHORT + " octets");
      }
      table.put(entry.getKey(), value(entry.getValue()));
    }
    return table.build();
  }

  /** A value as JSON; the keys of tables are sorted. */
  static String write(FieldValue value) {
    return Json.encode(json(value));
  }

  private static @Nullable Object json(FieldValue value) {
    return switch (value) {
      case FieldValue.VoidValue _ -> null;
      case FieldValue.Bool(boolean truth) -> truth;
      case FieldValue.Float32(float number) -> number;
      case FieldValue.Float64(double number) -> number;
      case FieldValue.ArrayValue(List<FieldValue> values) -> {
        JsonArray array = new JsonArray();
        values.forEach(each -> array.add(json(each)));
        yield array;
      }
      case FieldValue.Table(FieldTable table) -> {
        JsonObject object = new JsonObject();
        new TreeMap<>(table.asMap()).forEach((name, each) -> object.put(name, json(each)));
        yield object;
      }
      default -> value.isInteger() ? value.asLong() : value.display();
    };
  }
}
