package org.warrenmq.admin.definitions;

import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.http.ApiError;
import org.warrenmq.admin.http.ArgumentsJson;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.WireString;

/**
 * Reads the fields of an object of a document; what is not what it has to be is told by the object
 * and the field. Immutable, any thread.
 *
 * @param where it stands in the document
 */
record Fields(String where, JsonObject object) {
  private static final int LONGEST_SHOWN = 100;

  /** What keys begin with whose values are not told: faults end up in the log. */
  private static final String SECRET = "password";

  /** The fault of a field. */
  DefinitionFault fault(String key, String what) {
    return new DefinitionFault(where + named(), key + ": " + what);
  }

  private DefinitionFault wrong(String key, String wanted) {
    if (key.startsWith(SECRET)) {
      return fault(key, wanted + " is wanted");
    }
    String given = Json.encode(object.getValue(key));
    String shown = given.length() > LONGEST_SHOWN ? given.substring(0, LONGEST_SHOWN) + "…" : given;
    return fault(key, "%s is wanted, and %s given".formatted(wanted, shown));
  }

  /** What it is called, as far as it says so. */
  private String named() {
    StringBuilder named = new StringBuilder();
    for (String key : List.of("name", "user", "source", "destination", "vhost")) {
      if (object.getValue(key) instanceof String text && text.length() <= LONGEST_SHOWN) {
        named.append(named.isEmpty() ? " (" : ", ").append(key).append(" '").append(text);
        named.append('\'');
      }
    }
    return named.isEmpty() ? "" : named.append(')').toString();
  }

  boolean has(String key) {
    return object.getValue(key) != null;
  }

  /** A text; null when it is not there. */
  @Nullable String optional(String key) {
    return switch (object.getValue(key)) {
      case null -> null;
      case String text -> text;
      default -> throw wrong(key, "a text");
    };
  }

  String text(String key, String otherwise) {
    String text = optional(key);
    return text == null ? otherwise : text;
  }

  String text(String key) {
    String text = optional(key);
    if (text == null) {
      throw fault(key, "it is missing");
    }
    return text;
  }

  /** A text that is a name or a key in AMQP's methods. */
  String shortText(String key) {
    String text = text(key);
    if (WireString.encodedLength(text) > WireString.MAX_SHORT) {
      throw fault(key, "it has more than " + WireString.MAX_SHORT + " octets");
    }
    return text;
  }

  /** A name that has something in it. */
  String name(String key) {
    String name = shortText(key);
    if (name.isEmpty()) {
      throw fault(key, "it is empty");
    }
    return name;
  }

  boolean flag(String key, boolean otherwise) {
    Boolean flag = optionalFlag(key);
    return flag == null ? otherwise : flag;
  }

  /** Null when it is not there. */
  @Nullable Boolean optionalFlag(String key) {
    return switch (object.getValue(key)) {
      case null -> null;
      case Boolean flag -> flag;
      default -> throw wrong(key, "true or false");
    };
  }

  /** Words in a list, or in a text with commas as in older exports; null when there are none. */
  @Nullable List<String> words(String key) {
    return switch (object.getValue(key)) {
      case null -> null;
      case String text ->
          Arrays.stream(text.split(",")).map(String::strip).filter(w -> !w.isEmpty()).toList();
      case JsonArray array -> {
        List<String> words = new ArrayList<>();
        for (Object word : array) {
          if (!(word instanceof String text)) {
            throw wrong(key, "a list of texts");
          }
          words.add(text);
        }
        yield words;
      }
      default -> throw wrong(key, "a list of texts");
    };
  }

  /** Whole numbers by name; none when it is not there. */
  Map<String, Integer> numbers(String key) {
    JsonObject given = optionalObject(key);
    Map<String, Integer> numbers = new LinkedHashMap<>();
    if (given != null) {
      for (Map.Entry<String, Object> entry : given) {
        if (!(entry.getValue() instanceof Integer number)) {
          throw fault(
              key + "." + entry.getKey(),
              "a whole number is wanted, and %s given".formatted(Json.encode(entry.getValue())));
        }
        numbers.put(entry.getKey(), number);
      }
    }
    return numbers;
  }

  /** Null when it is not there. */
  @Nullable JsonObject optionalObject(String key) {
    return switch (object.getValue(key)) {
      case null -> null;
      case JsonObject value -> value;
      case JsonArray array when array.isEmpty() -> null;
      default -> throw wrong(key, "an object");
    };
  }

  /** Fields of an object in this one, which has none when it is not there. */
  Fields inner(String key) {
    JsonObject inner = optionalObject(key);
    return new Fields(where + named() + ": " + key, inner == null ? new JsonObject() : inner);
  }

  /** Arguments; none when they are not there. */
  FieldTable arguments(String key) {
    JsonObject given = optionalObject(key);
    try {
      return ArgumentsJson.toTable(given);
    } catch (ApiError e) {
      throw fault(key, String.valueOf(e.reason()));
    }
  }

  /** Any value; a null counts as one that is there. */
  FieldValue value(String key) {
    if (!object.containsKey(key)) {
      throw fault(key, "it is missing");
    }
    try {
      return ArgumentsJson.toValue(object.getValue(key));
    } catch (ApiError e) {
      throw fault(key, String.valueOf(e.reason()));
    }
  }
}
