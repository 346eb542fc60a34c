package org.warrenmq.broker.cli;

import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Values of JSON in the forms in which RabbitMQ's tools show them; an object is a table of
 * arguments. Stateless, any thread.
 */
final class Terms {
  private Terms() {}

  /** In a column of a table. */
  static String text(@Nullable Object value) {
    return switch (value) {
      case null -> "";
      case JsonObject table -> erlang(table);
      case JsonArray array ->
          array.stream().map(Terms::text).collect(Collectors.joining(", ", "[", "]"));
      default -> printable(value.toString());
    };
  }

  /**
   * Names are what clients choose: none of them says anything to a terminal, or begins a row of its
   * own.
   */
  private static String printable(String text) {
    if (text.chars().noneMatch(Character::isISOControl)) {
      return text;
    }
    StringBuilder printable = new StringBuilder();
    text.chars()
        .forEach(
            each -> {
              if (Character.isISOControl(each)) {
                printable.append("\\%03o".formatted(each));
              } else {
                printable.append((char) each);
              }
            });
    return printable.toString();
  }

  private static String erlang(@Nullable Object value) {
    return switch (value) {
      case null -> "undefined";
      case String text -> "\"" + printable(text) + "\"";
      case JsonObject table ->
          table.stream()
              .map(entry -> "{" + erlang(entry.getKey()) + "," + erlang(entry.getValue()) + "}")
              .collect(Collectors.joining(",", "[", "]"));
      case JsonArray array ->
          array.stream().map(Terms::erlang).collect(Collectors.joining(",", "[", "]"));
      default -> value.toString();
    };
  }

  /** With formatter erlang. */
  static String binary(@Nullable Object value) {
    return switch (value) {
      case null -> "<<>>";
      case String text -> "<<\"" + printable(text) + "\">>";
      case JsonArray array ->
          array.stream().map(Terms::binary).collect(Collectors.joining(",", "[", "]"));
      case JsonObject table ->
          table.stream()
              .map(entry -> "{" + binary(entry.getKey()) + "," + binary(entry.getValue()) + "}")
              .collect(Collectors.joining(",", "[", "]"));
      default -> value.toString();
    };
  }

  /** With formatter json: of an argument, name, type and value. */
  static Object json(@Nullable Object value) {
    return switch (value) {
      case null -> "";
      case JsonObject table -> {
        JsonArray entries = new JsonArray();
        table.forEach(
            entry ->
                entries.add(
                    new JsonArray()
                        .add(entry.getKey())
                        .add(type(entry.getValue()))
                        .add(json(entry.getValue()))));
        yield entries;
      }
      case JsonArray array -> {
        JsonArray values = new JsonArray();
        array.forEach(each -> values.add(json(each)));
        yield values;
      }
      default -> value;
    };
  }

  private static String type(@Nullable Object value) {
    return switch (value) {
      case null -> "void";
      case String _ -> "longstr";
      case Boolean _ -> "bool";
      case Integer _ -> "signedint";
      case Long _ -> "long";
      case JsonObject _ -> "table";
      case JsonArray _ -> "array";
      default -> "double";
    };
  }

  /** As JSON in one column; the keys of objects are sorted. */
  static String compact(@Nullable Object value) {
    return Json.encode(sorted(value));
  }

  private static @Nullable Object sorted(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case JsonObject object -> {
        JsonObject sorted = new JsonObject();
        for (Map.Entry<String, Object> entry : new TreeMap<>(object.getMap()).entrySet()) {
          sorted.put(entry.getKey(), sorted(object.getValue(entry.getKey())));
        }
        yield sorted;
      }
      case JsonArray array -> {
        JsonArray values = new JsonArray();
        array.forEach(each -> values.add(sorted(each)));
        yield values;
      }
      default -> value;
    };
  }
}
