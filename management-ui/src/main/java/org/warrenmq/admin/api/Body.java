package org.warrenmq.admin.api;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.http.ApiError;

/**
 * Reads values of a request's body; what is not what it has to be is a bad request. Stateless, any
 * thread.
 */
final class Body {
  private Body() {}

  static String text(JsonObject body, String key, String otherwise) {
    String text = text(body, key);
    return text == null ? otherwise : text;
  }

  /** Null when it is not there. */
  static @Nullable String text(JsonObject body, String key) {
    return switch (body.getValue(key)) {
      case null -> null;
      case JsonObject _, JsonArray _ -> throw ApiError.badRequest(key + " is not a string");
      case Object value -> value.toString();
    };
  }

  /** Whether it says so: as a word of JSON, or as a text, as scripts write it. */
  static boolean flag(JsonObject body, String key, boolean otherwise) {
    return switch (body.getValue(key)) {
      case null -> otherwise;
      case Boolean flag -> flag;
      case Object value when value.equals("true") -> true;
      case Object value when value.equals("false") -> false;
      default -> throw ApiError.badRequest("{not_boolean,<<\"" + body.getValue(key) + "\">>}");
    };
  }

  static int whole(JsonObject body, String key) {
    Object value = body.getValue(key);
    try {
      return Integer.parseInt(String.valueOf(value));
    } catch (NumberFormatException e) {
      throw ApiError.badRequest(key + " is not an integer: " + value);
    }
  }

  /** All entries, which are whole numbers. */
  static Map<String, Integer> numbers(JsonObject body) {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    body.fieldNames().forEach(name -> numbers.put(name, whole(body, name)));
    return numbers;
  }

  /** Words in an array, or in a text with commas; null when there are none. */
  static @Nullable List<String> words(JsonObject body, String key) {
    return switch (body.getValue(key)) {
      case null -> null;
      case JsonArray array -> {
        List<String> words = new ArrayList<>();
        array.forEach(each -> words.add(String.valueOf(each)));
        yield words;
      }
      case JsonObject _ -> throw ApiError.badRequest(key + " is not a list");
      case Object value ->
          Arrays.stream(value.toString().split(","))
              .map(String::strip)
              .filter(word -> !word.isEmpty())
              .toList();
    };
  }
}
