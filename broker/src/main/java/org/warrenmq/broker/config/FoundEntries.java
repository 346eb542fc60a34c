package org.warrenmq.broker.config;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was found in one file, in its order and with its lines, in the form in which Vert.x's
 * configuration hands it on. Used by one thread after the other.
 */
final class FoundEntries {
  private static final String ENTRIES = "entries";
  private static final String KEY = "key";
  private static final String VALUE = "value";
  private static final String LINE = "line";

  private final JsonArray entries = new JsonArray();

  /**
   * A line.
   *
   * @param key null: the value names files to be read in its place
   */
  record Entry(@Nullable String key, String value, int line) {}

  void put(String key, String value, int line) {
    entries.add(new JsonObject().put(KEY, key).put(VALUE, value).put(LINE, line));
  }

  void include(String files, int line) {
    entries.add(new JsonObject().put(VALUE, files).put(LINE, line));
  }

  JsonObject asJson() {
    return new JsonObject().put(ENTRIES, entries);
  }

  static List<Entry> of(JsonObject json) {
    return json.getJsonArray(ENTRIES, new JsonArray()).stream()
        .map(JsonObject.class::cast)
        .map(
            entry ->
                new Entry(entry.getString(KEY), entry.getString(VALUE), entry.getInteger(LINE)))
        .toList();
  }
}
