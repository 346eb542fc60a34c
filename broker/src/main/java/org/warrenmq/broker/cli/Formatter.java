package org.warrenmq.broker.cli;

import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** How an answer is printed: what --formatter names. Stateless, any thread. */
enum Formatter {
  TABLE,
  CSV,
  JSON,
  JSON_STREAM,
  PRETTY_TABLE,
  ERLANG;

  /** Null for a word that is none. */
  static @Nullable Formatter named(String word) {
    for (Formatter each : values()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(word)) {
        return each;
      }
    }
    return null;
  }

  /** Whether who reads it wants nothing else. */
  boolean isForMachines() {
    return this == CSV || this == JSON || this == JSON_STREAM;
  }

  void print(Answer answer, boolean headers, String node, PrintWriter out) {
    switch (answer) {
      case Answer.Nothing _ -> done(out);
      case Answer.Hint _ -> done(out);
      case Answer.Text(String text) ->
          out.println(
              this == JSON
                  ? new JsonObject()
                      .put("node", node)
                      .put("result", "ok")
                      .put("value", text)
                      .encode()
                  : text);
      case Answer.Report(String text, JsonObject json) ->
          out.println(this == JSON ? json.encode() : text);
      case Answer.Rows rows -> print(rows, headers, out);
    }
  }

  private void done(PrintWriter out) {
    if (this == JSON) {
      out.println(new JsonObject().put("result", "ok").encode());
    }
  }

  private void print(Answer.Rows table, boolean headers, PrintWriter out) {
    switch (this) {
      case TABLE -> lines(table, headers, out);
      case CSV -> csv(table, headers, out);
      case JSON -> {
        out.println("[");
        String before = "";
        for (List<Object> row : table.rows()) {
          out.println(before + object(table.columns(), row).encode());
          before = ",";
        }
        out.println("]");
      }
      case JSON_STREAM ->
          table.rows().forEach(row -> out.println(object(table.columns(), row).encode()));
      case PRETTY_TABLE -> pretty(table, out);
      case ERLANG ->
          out.println(
              table.rows().stream()
                  .map(row -> terms(table.columns(), row))
                  .collect(Collectors.joining(",", "[", "]")));
    }
  }

  /** No rows, no header. */
  private static void lines(Answer.Rows table, boolean headers, PrintWriter out) {
    if (headers && !table.rows().isEmpty()) {
      out.println(String.join("\t", table.columns()));
    }
    for (List<Object> row : table.rows()) {
      out.println(row.stream().map(Terms::text).collect(Collectors.joining("\t")));
    }
  }

  private static void csv(Answer.Rows table, boolean headers, PrintWriter out) {
    if (headers && !table.rows().isEmpty()) {
      out.println(table.columns().stream().map(Formatter::cell).collect(Collectors.joining(",")));
    }
    for (List<Object> row : table.rows()) {
      out.println(
          row.stream().map(value -> cell(Terms.text(value))).collect(Collectors.joining(",")));
    }
  }

  private static String cell(String text) {
    return "\"" + text.replace("\"", "\"\"") + "\"";
  }

  private static JsonObject object(List<String> columns, List<Object> row) {
    JsonObject object = new JsonObject();
    IntStream.range(0, columns.size())
        .forEach(i -> object.put(columns.get(i), Terms.json(row.get(i))));
    return object;
  }

  private static String terms(List<String> columns, List<Object> row) {
    return IntStream.range(0, columns.size())
        .mapToObj(i -> "{" + columns.get(i) + "," + Terms.binary(row.get(i)) + "}")
        .collect(Collectors.joining(",", "[", "]"));
  }

  private static void pretty(Answer.Rows table, PrintWriter out) {
    if (table.rows().isEmpty()) {
      return;
    }
    List<List<String>> all = new ArrayList<>();
    all.add(table.columns());
    table.rows().forEach(row -> all.add(row.stream().map(Terms::text).toList()));
    List<Integer> widths =
        IntStream.range(0, table.columns().size())
            .mapToObj(i -> all.stream().mapToInt(row -> row.get(i).length()).max().orElse(0))
            .toList();
    out.println(rule(widths, "┌", "┬", "┐"));
    for (int i = 0; i < all.size(); i++) {
      List<String> row = all.get(i);
      if (i > 0) {
        out.println(rule(widths, "├", "┼", "┤"));
      }
      out.println(
          IntStream.range(0, row.size())
              .mapToObj(c -> " " + row.get(c) + " ".repeat(widths.get(c) - row.get(c).length()))
              .collect(Collectors.joining(" │", "│", " │")));
    }
    out.println(rule(widths, "└", "┴", "┘"));
  }

  private static String rule(List<Integer> widths, String left, String between, String right) {
    return widths.stream()
        .map(width -> "─".repeat(width + 2))
        .collect(Collectors.joining(between, left, right));
  }
}
