package org.warrenmq.broker.cli;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The columns that a list has, and how each is found in what the broker says. Immutable. */
final class Columns {
  private final Map<String, Function<JsonObject, @Nullable Object>> known;
  private final List<String> usual;

  private Columns(
      Map<String, Function<JsonObject, @Nullable Object>> known, Collection<String> usual) {
    this.known = known;
    this.usual = List.copyOf(usual);
  }

  /** Those that are shown where none are named: values of these names. */
  static Columns of(String... names) {
    Map<String, Function<JsonObject, @Nullable Object>> known = new LinkedHashMap<>();
    for (String name : names) {
      known.put(name, one -> one.getValue(name));
    }
    return new Columns(known, List.of(names));
  }

  /** These too, when they are named. */
  Columns and(String... names) {
    return adding(name -> one -> one.getValue(name), names);
  }

  /** These too: known names of what nobody counts so far. */
  Columns andEmpty(String... names) {
    return adding(_ -> _ -> null, names);
  }

  private Columns adding(
      Function<String, Function<JsonObject, @Nullable Object>> how, String... names) {
    Map<String, Function<JsonObject, @Nullable Object>> more = new LinkedHashMap<>(known);
    for (String name : names) {
      more.put(name, how.apply(name));
    }
    return new Columns(more, usual);
  }

  /** With another value in one of them. */
  Columns with(String name, Function<JsonObject, @Nullable Object> value) {
    Map<String, Function<JsonObject, @Nullable Object>> more = new LinkedHashMap<>(known);
    more.put(name, value);
    return new Columns(more, usual);
  }

  /** The usual ones. */
  Answer rows(List<JsonObject> objects) {
    return rows(usual, objects);
  }

  /**
   * Those that a call names, by words or with commas, else the usual ones.
   *
   * @throws Refused when it names one that does not exist
   */
  List<String> wanted(Call call) throws Refused {
    List<String> names =
        call.from(0).stream()
            .flatMap(word -> Arrays.stream(word.split("[,\\s]+")))
            .filter(word -> !word.isEmpty())
            .toList();
    // In the order in which RabbitMQ has them, the last one first.
    List<String> unknown = names.stream().filter(name -> !known.containsKey(name)).toList();
    if (!unknown.isEmpty()) {
      throw Refused.plainly(
          Refused.USAGE,
          "Error (argument validation): Info key(s) %s are not supported"
              .formatted(unknown.reversed().stream().collect(Collectors.joining(","))));
    }
    return names.isEmpty() ? usual : names;
  }

  Answer rows(List<String> names, List<JsonObject> objects) {
    List<List<Object>> rows = new ArrayList<>();
    for (JsonObject object : objects) {
      List<Object> row = new ArrayList<>();
      names.forEach(name -> row.add(value(name, object)));
      rows.add(row);
    }
    return new Answer.Rows(names, rows);
  }

  /** What is missing is empty. */
  private Object value(String name, JsonObject object) {
    Function<JsonObject, @Nullable Object> column = known.get(name);
    Object value = column == null ? null : column.apply(object);
    return value == null ? "" : value;
  }
}
