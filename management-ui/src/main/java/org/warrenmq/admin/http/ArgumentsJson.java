package org.warrenmq.admin.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.WireString;

/** Field tables as JSON and back, as RabbitMQ does it. Stateless, any thread. */
public final class ArgumentsJson {
  /** Tables nest deeper than JSON is read, and than a stack: what is deeper is left out. */
  private static final int DEEPEST = 64;

  private ArgumentsJson() {}

  public static JsonObject of(FieldTable table) {
    return of(table, 0);
  }

  private static JsonObject of(FieldTable table, int depth) {
    JsonObject object = new JsonObject();
    for (Map.Entry<String, FieldValue> entry : table.entries()) {
      object.put(entry.getKey(), value(entry.getValue(), depth));
    }
    return object;
  }

  public static @Nullable Object of(FieldValue value) {
    return value(value, 0);
  }

  private static @Nullable Object value(FieldValue value, int depth) {
    return switch (value) {
      case FieldValue.Bool(boolean flag) -> flag;
      case FieldValue.Float32(float number) -> finite(number);
      case FieldValue.Float64(double number) -> finite(number);
      case FieldValue.Decimal(int scale, int unscaled) ->
          new BigDecimal(BigInteger.valueOf(unscaled), scale).doubleValue();
      case FieldValue.LongString(String text) -> text;
      case FieldValue.Bytes(byte[] octets) -> WireString.decode(octets, 0, octets.length);
      case FieldValue.ArrayValue(List<FieldValue> values) -> {
        JsonArray array = new JsonArray();
        if (depth < DEEPEST) {
          values.forEach(each -> array.add(value(each, depth + 1)));
        }
        yield array;
      }
      case FieldValue.Table(FieldTable table) ->
          depth < DEEPEST ? of(table, depth + 1) : new JsonObject();
      case FieldValue.VoidValue _ -> null;
      case FieldValue.Int8 _,
          FieldValue.UInt8 _,
          FieldValue.Int16 _,
          FieldValue.UInt16 _,
          FieldValue.Int32 _,
          FieldValue.UInt32 _,
          FieldValue.Int64 _,
          FieldValue.Timestamp _ ->
          value.asLong();
    };
  }

  /** JSON has no other numbers. */
  private static Object finite(double number) {
    return Double.isFinite(number) ? (Object) number : String.valueOf(number);
  }

  /**
   * Arguments as they stand in a body; an empty array is taken for none of them.
   *
   * @param given null for none
   * @throws ApiError when it is something else, or has a null in it
   */
  public static FieldTable toTable(@Nullable Object given) {
    return switch (given) {
      case null -> FieldTable.EMPTY;
      case JsonArray array when array.isEmpty() -> FieldTable.EMPTY;
      case JsonObject object -> table(object);
      default -> throw ApiError.badRequest("arguments are not an object");
    };
  }

  /** Whatever JSON takes; a null is one. */
  public static FieldValue toValue(@Nullable Object value) {
    return switch (value) {
      case null -> FieldValue.VoidValue.INSTANCE;
      case JsonObject object -> {
        FieldTable.Builder table = FieldTable.builder();
        object.forEach(entry -> table.put(key(entry.getKey()), toValue(entry.getValue())));
        yield FieldValue.of(table.build());
      }
      case JsonArray array -> {
        List<FieldValue> values = new ArrayList<>();
        array.forEach(each -> values.add(toValue(each)));
        yield new FieldValue.ArrayValue(values);
      }
      case BigInteger number -> new FieldValue.Float64(number.doubleValue());
      default -> value(value);
    };
  }

  private static String key(String key) {
    if (WireString.encodedLength(key) > WireString.MAX_SHORT) {
      throw ApiError.badRequest("a key has more than " + WireString.MAX_SHORT + " octets");
    }
    return key;
  }

  private static FieldTable table(JsonObject object) {
    FieldTable.Builder table = FieldTable.builder();
    for (Map.Entry<String, Object> entry : object) {
      table.put(key(entry.getKey()), value(entry.getValue()));
    }
    return table.build();
  }

  private static FieldValue value(@Nullable Object value) {
    return switch (value) {
      case null -> throw ApiError.badRequest("null_not_allowed");
      case Boolean flag -> FieldValue.of(flag);
      case Integer number -> FieldValue.of(number.longValue());
      case Long number -> FieldValue.of(number);
      case BigInteger number -> throw ApiError.badRequest("the number " + number + " is too large");
      case Number number -> new FieldValue.Float64(number.doubleValue());
      case JsonObject object -> FieldValue.of(table(object));
      case JsonArray array -> {
        List<FieldValue> values = new ArrayList<>();
        array.forEach(each -> values.add(value(each)));
        yield new FieldValue.ArrayValue(values);
      }
      default -> FieldValue.of(value.toString());
    };
  }
}
