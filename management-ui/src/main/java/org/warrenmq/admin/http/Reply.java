package org.warrenmq.admin.http;

import io.vertx.core.json.JsonObject;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What a request is answered with. Immutable. */
public sealed interface Reply {
  /** Something as JSON. */
  record Json(int status, Object value) implements Reply {}

  /**
   * A list, of which the request says which part it wants, in what order, and what of each.
   *
   * @param shown an element as it is shown, made when that is looked at
   */
  record Items<T>(List<T> elements, Function<T, JsonObject> shown) implements Reply {}

  /** Nothing but a status. */
  record Empty(int status, Map<String, String> headers) implements Reply {}

  /**
   * Something as JSON that is made while it is sent.
   *
   * @param pieces of its text
   * @param headers further ones
   */
  record Pieces(Iterator<String> pieces, Map<String, String> headers) implements Reply {}

  /** Plain text. */
  record Text(String text) implements Reply {}

  static Reply json(Object value) {
    return new Json(200, value);
  }

  /** Something was made. */
  static Reply created() {
    return new Empty(201, Map.of());
  }

  /** It was there, or is there no longer. */
  static Reply done() {
    return new Empty(204, Map.of());
  }

  /** The answer to a PUT of something. */
  static Reply put(boolean wasThere) {
    return wasThere ? done() : created();
  }
}
