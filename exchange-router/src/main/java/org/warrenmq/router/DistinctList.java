package org.warrenmq.router;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A reusable list of distinct objects by identity; used by one event loop.
 *
 * <p>A few are searched one by one, more through a hash index. Cleared, it holds on to no object,
 * and gives back arrays far larger than what it last held.
 */
final class DistinctList<T> {
  private static final int LINEAR = 8;
  private static final int RETAINED = 1024;

  private @Nullable Object[] items = new Object[LINEAR];

  /** Open addressing, at most half full; null until the list outgrows the linear search. */
  private @Nullable Object @Nullable [] index;

  private int size;

  int size() {
    return size;
  }

  @SuppressWarnings("unchecked")
  T get(int i) {
    Object item = items[i];
    if (item == null) {
      throw new IndexOutOfBoundsException(i);
    }
    return (T) item;
  }

  /** Appends an item unless it is there. */
  boolean add(T item) {
    if (size < LINEAR) {
      for (int i = 0; i < size; i++) {
        if (items[i] == item) {
          return false;
        }
      }
    } else if (!addToIndex(item)) {
      return false;
    }
    if (size == items.length) {
      items = Arrays.copyOf(items, size * 2);
    }
    items[size++] = item;
    return true;
  }

  private boolean addToIndex(T item) {
    @Nullable Object[] table = index;
    if (table == null || size == LINEAR || size >= table.length / 2) {
      table = reindex(table);
    }
    int slot = slot(table, item);
    if (table[slot] != null) {
      return false;
    }
    table[slot] = item;
    return true;
  }

  private @Nullable Object[] reindex(@Nullable Object @Nullable [] present) {
    // An index kept from an earlier use is empty, see clear().
    @Nullable Object[] table =
        present != null && present.length >= size * 4 ? present : new Object[size * 4];
    for (int i = 0; i < size; i++) {
      Object item = items[i];
      if (item != null) {
        table[slot(table, item)] = item;
      }
    }
    index = table;
    return table;
  }

  private static int slot(@Nullable Object[] table, Object item) {
    int mask = table.length - 1;
    int slot = System.identityHashCode(item) & mask;
    while (table[slot] != null && table[slot] != item) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  /** Whether the array holds exactly these items in this order. */
  boolean sameAs(Object[] other) {
    if (other.length != size) {
      return false;
    }
    for (int i = 0; i < size; i++) {
      if (other[i] != items[i]) {
        return false;
      }
    }
    return true;
  }

  void clear() {
    @Nullable Object[] table = index;
    if (items.length > RETAINED && size < items.length / 16) {
      items = new Object[LINEAR];
      index = null;
    } else {
      Arrays.fill(items, 0, size, null);
      if (table != null && size >= LINEAR) {
        Arrays.fill(table, null);
      }
    }
    size = 0;
  }
}
