package org.warrenmq.broker.cli;

import io.vertx.core.json.JsonObject;
import java.util.List;

/** What a verb has to tell. Immutable. */
sealed interface Answer {
  /** That it is done. */
  record Nothing() implements Answer {}

  /** That it is done, and what to do next: for people. */
  record Hint(String text) implements Answer {}

  /** A text. */
  record Text(String text) implements Answer {}

  /** A text that is the same as some JSON. */
  record Report(String text, JsonObject json) implements Answer {}

  /** A table; each row has a value for each column. */
  record Rows(List<String> columns, List<List<Object>> rows) implements Answer {}
}
