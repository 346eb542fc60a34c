package org.warrenmq.codec;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A field table: names and values in the order of the wire. Immutable, any thread.
 *
 * <p>A name that comes twice keeps its first place and its last value. Two tables are equal when
 * they hold equal values under the same names, in whatever order.
 */
public final class FieldTable {
  /** The table without entries. */
  public static final FieldTable EMPTY = new FieldTable(Map.of());

  // Bytes, about: an empty table, a place in one, a text without its characters, another value.
  private static final int TABLE_SIZE = 200;
  private static final int ENTRY_SIZE = 56;
  private static final int TEXT_SIZE = 48;
  private static final int VALUE_SIZE = 24;

  private final Map<String, FieldValue> values;

  private FieldTable(Map<String, FieldValue> values) {
    this.values = values;
  }

  /** A table with a copy of the map's entries, in its order of iteration. */
  public static FieldTable of(Map<String, FieldValue> values) {
    return values.isEmpty() ? EMPTY : new FieldTable(new LinkedHashMap<>(values));
  }

  /** A table with one entry. */
  public static FieldTable of(String name, FieldValue value) {
    return new FieldTable(Map.of(name, value));
  }

  /** Collects entries for a new table. */
  public static Builder builder() {
    return new Builder();
  }

  /** How many entries it has. */
  public int size() {
    return values.size();
  }

  public boolean isEmpty() {
    return values.isEmpty();
  }

  /** The value under the name, or null. */
  public @Nullable FieldValue get(String name) {
    return values.get(name);
  }

  public boolean contains(String name) {
    return values.containsKey(name);
  }

  /** The text under the name, or null when there is none or it is not text. */
  public @Nullable String getString(String name) {
    return values.get(name) instanceof FieldValue.LongString(String text) ? text : null;
  }

  /** The table under the name, or null when there is none or it is not a table. */
  public @Nullable FieldTable getTable(String name) {
    return values.get(name) instanceof FieldValue.Table(FieldTable table) ? table : null;
  }

  /** Whether the name holds the truth value true. */
  public boolean isTrue(String name) {
    return values.get(name) instanceof FieldValue.Bool(boolean value) && value;
  }

  /** The entries in order; not modifiable. */
  public Set<Map.Entry<String, FieldValue>> entries() {
    return asMap().entrySet();
  }

  /** The names in order; not modifiable. */
  public Set<String> names() {
    return asMap().keySet();
  }

  /** A view as a map; not modifiable. */
  public Map<String, FieldValue> asMap() {
    return Collections.unmodifiableMap(values);
  }

  /** This table with the name set to the value; a new name comes last. */
  public FieldTable with(String name, FieldValue value) {
    return builder().putAll(this).put(name, value).build();
  }

  /** This table without the name. */
  public FieldTable without(String name) {
    if (!values.containsKey(name)) {
      return this;
    }
    Map<String, FieldValue> rest = new LinkedHashMap<>(values);
    rest.remove(name);
    return rest.isEmpty() ? EMPTY : new FieldTable(rest);
  }

  /** Nested values are compared by their octets: they may be deeper than any stack. */
  @Override
  public boolean equals(@Nullable Object other) {
    if (this == other || !(other instanceof FieldTable that) || size() != that.size()) {
      return this == other;
    }
    return isFlat() || that.isFlat()
        ? values.equals(that.values)
        : Arrays.equals(FieldTableCodec.sorted(this), FieldTableCodec.sorted(that));
  }

  @Override
  public int hashCode() {
    return isFlat() ? values.hashCode() : Arrays.hashCode(FieldTableCodec.sorted(this));
  }

  private boolean isFlat() {
    for (FieldValue value : values.values()) {
      if (value instanceof FieldValue.Table || value instanceof FieldValue.ArrayValue) {
        return false;
      }
    }
    return true;
  }

  /**
   * Bytes that it takes in memory, about; more than its octets, and by far where they are many tiny
   * values.
   */
  public long sizeInMemory() {
    long size = 0;
    // No recursion: tables nest as deep as a frame allows.
    ArrayDeque<FieldTable> tables = new ArrayDeque<>(List.of(this));
    ArrayDeque<FieldValue> values = new ArrayDeque<>();
    while (!tables.isEmpty()) {
      FieldTable next = tables.pop();
      size += next.isEmpty() ? 0 : TABLE_SIZE;
      for (Map.Entry<String, FieldValue> entry : next.values.entrySet()) {
        size += ENTRY_SIZE + sizeOf(entry.getKey());
        values.push(entry.getValue());
      }
      while (!values.isEmpty()) {
        switch (values.pop()) {
          case FieldValue.LongString(String text) -> size += VALUE_SIZE + sizeOf(text);
          case FieldValue.Bytes(byte[] bytes) -> size += VALUE_SIZE + bytes.length;
          case FieldValue.VoidValue _ -> {
            // The same for all.
          }
          case FieldValue.ArrayValue(List<FieldValue> several) -> {
            size += VALUE_SIZE + 8L * several.size();
            several.forEach(values::push);
          }
          case FieldValue.Table(FieldTable table) -> {
            size += VALUE_SIZE;
            tables.push(table);
          }
          default -> size += VALUE_SIZE;
        }
      }
    }
    return size;
  }

  /** Characters take an octet each, or two if one of them is beyond Latin-1. */
  private static long sizeOf(String text) {
    return TEXT_SIZE + (long) text.length() * (text.chars().allMatch(c -> c < 256) ? 1 : 2);
  }

  /** As error texts have it, and as long as these at most. */
  @Override
  public String toString() {
    return TermText.display(new FieldValue.Table(this));
  }

  /** Collects entries for one table; for one thread, once. */
  public static final class Builder {
    private @Nullable LinkedHashMap<String, FieldValue> values = new LinkedHashMap<>();

    private Builder() {}

    public Builder put(String name, FieldValue value) {
      open().put(name, value);
      return this;
    }

    public Builder put(String name, String value) {
      return put(name, FieldValue.of(value));
    }

    public Builder put(String name, int value) {
      return put(name, FieldValue.of(value));
    }

    public Builder put(String name, long value) {
      return put(name, FieldValue.of(value));
    }

    public Builder put(String name, boolean value) {
      return put(name, FieldValue.of(value));
    }

    public Builder put(String name, FieldTable value) {
      return put(name, FieldValue.of(value));
    }

    /** Adds all entries of another table. */
    public Builder putAll(FieldTable other) {
      open().putAll(other.values);
      return this;
    }

    /** The table; the builder is used up. */
    public FieldTable build() {
      LinkedHashMap<String, FieldValue> built = open();
      values = null;
      return built.isEmpty() ? EMPTY : new FieldTable(built);
    }

    private LinkedHashMap<String, FieldValue> open() {
      LinkedHashMap<String, FieldValue> current = values;
      if (current == null) {
        throw new IllegalStateException("the table is built already");
      }
      return current;
    }
  }
}
