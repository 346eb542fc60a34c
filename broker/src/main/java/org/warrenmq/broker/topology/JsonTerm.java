package org.warrenmq.broker.topology;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

/**
 * Values that came as JSON, as RabbitMQ's error texts have them. Stateless, any thread. Only so
 * much of a large one is shown.
 */
final class JsonTerm {
  private static final int ENOUGH = 1024;

  /** How deep values are shown that lie in others. */
  private static final int DEEPEST = 8;

  private final StringBuilder text = new StringBuilder();
  private final ArrayDeque<String> open = new ArrayDeque<>();

  private JsonTerm() {}

  static String of(FieldValue value) {
    JsonTerm term = new JsonTerm();
    term.add(value);
    return term.text.toString();
  }

  /** Keys and values as a list of pairs. */
  static String pairs(FieldTable table) {
    JsonTerm term = new JsonTerm();
    term.open("[", "]");
    String separator = "";
    for (Map.Entry<String, FieldValue> entry : sorted(table).entrySet()) {
      term.text.append(separator).append('{');
      term.add(entry.getKey());
      term.text.append(',');
      term.add(entry.getValue());
      term.text.append('}');
      separator = ",";
    }
    term.close();
    return term.text.toString();
  }

  private static Map<String, FieldValue> sorted(FieldTable table) {
    return new TreeMap<>(table.asMap());
  }

  private void open(String begin, String end) {
    text.append(begin);
    open.push(end);
  }

  private void close() {
    text.append(open.pop());
  }

  private boolean isEnough() {
    return text.length() > ENOUGH || open.size() > DEEPEST;
  }

  private void add(String string) {
    int end = Math.min(string.length(), ENOUGH);
    text.append("<<\"");
    for (int i = 0; i < end; i++) {
      char character = string.charAt(i);
      if (character == '"' || character == '\\') {
        text.append('\\');
      }
      text.append(character);
    }
    boolean latin = string.chars().allMatch(character -> character < 128);
    text.append(latin ? "\">>" : "\"/utf8>>");
  }

  private void add(FieldValue value) {
    switch (value) {
      case FieldValue.LongString(String string) -> add(string);
      case FieldValue.Bool(boolean truth) -> text.append(truth);
      case FieldValue.VoidValue _ -> text.append("null");
      case FieldValue.ArrayValue(var values) -> {
        open("[", "]");
        String separator = "";
        for (FieldValue each : values) {
          text.append(separator);
          if (isEnough()) {
            text.append("...");
            break;
          }
          add(each);
          separator = ",";
        }
        close();
      }
      case FieldValue.Table(FieldTable table) -> {
        open("#{", "}");
        String separator = "";
        for (Map.Entry<String, FieldValue> entry : sorted(table).entrySet()) {
          text.append(separator);
          if (isEnough()) {
            text.append("...");
            break;
          }
          add(entry.getKey());
          text.append(" => ");
          add(entry.getValue());
          separator = ",";
        }
        close();
      }
      default -> text.append(value.display());
    }
  }
}
