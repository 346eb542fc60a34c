package org.warrenmq.router;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

/** The arguments of a headers binding, taken apart once; immutable, read by any thread. */
record HeaderPattern(boolean all, List<Condition> conditions) {
  /** The argument that says how many conditions have to hold. */
  static final String MODE = "x-match";

  private static final String RESERVED_PREFIX = "x-";

  /** How the conditions combine, and whether names starting {@code x-} are conditions at all. */
  enum Mode {
    ALL("all"),
    ANY("any"),
    ALL_WITH_X("all-with-x"),
    ANY_WITH_X("any-with-x");

    private final String text;

    Mode(String text) {
      this.text = text;
    }

    static @Nullable Mode of(FieldValue value) {
      if (value instanceof FieldValue.LongString(String text)) {
        for (Mode mode : values()) {
          if (mode.text.equals(text)) {
            return mode;
          }
        }
      }
      return null;
    }
  }

  /**
   * A header a message should carry.
   *
   * @param value what {@link HeaderValue#wanted} makes of the expected value; {@link
   *     HeaderValue#ANY} where presence is enough
   */
  record Condition(String name, Object value) {
    boolean holds(FieldTable headers) {
      FieldValue header = headers.get(name);
      return header != null && (value == HeaderValue.ANY || value.equals(HeaderValue.of(header)));
    }

    @Override
    public int hashCode() {
      return 31 * KeyHash.of(name, 0, name.length()) + HeaderValue.hash(value);
    }
  }

  static HeaderPattern of(FieldTable arguments) {
    FieldValue given = arguments.get(MODE);
    Mode mode = given == null ? null : Mode.of(given);
    boolean withX = mode == Mode.ALL_WITH_X || mode == Mode.ANY_WITH_X;
    List<Condition> conditions = new ArrayList<>();
    for (Map.Entry<String, FieldValue> argument : arguments.entries()) {
      String name = argument.getKey();
      if (!name.equals(MODE) && (withX || !name.startsWith(RESERVED_PREFIX))) {
        FieldValue value = argument.getValue();
        boolean presence = value == FieldValue.VoidValue.INSTANCE;
        conditions.add(new Condition(name, presence ? HeaderValue.ANY : HeaderValue.wanted(value)));
      }
    }
    boolean any = mode == Mode.ANY || mode == Mode.ANY_WITH_X;
    return new HeaderPattern(!any, List.copyOf(conditions));
  }

  /** Whether a message with these headers matches. */
  boolean matches(FieldTable headers) {
    for (Condition condition : conditions) {
      if (condition.holds(headers) != all) {
        return !all;
      }
    }
    return all;
  }
}
