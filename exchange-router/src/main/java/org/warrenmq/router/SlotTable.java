package org.warrenmq.router;

import java.util.AbstractCollection;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An open-addressing hash table that the topology room changes while any number of event loops read
 * it without locks.
 *
 * <p>A removed element leaves a marker behind, so that a reader's probe goes on past it, unless
 * nothing can lie behind it. Markers count as load: once elements and markers fill three quarters,
 * the elements move to a new array, which is published whole. Insertion and removal are therefore
 * amortised constant time, and the array never stays larger than eight times its elements. As a
 * {@link java.util.Collection} it is a read-only, weakly consistent view.
 *
 * <p>Clients choose what it contains, so the elements' {@code hashCode} has to be one that nobody
 * can steer, see {@link KeyHash}.
 */
class SlotTable<E> extends AbstractCollection<E> {
  private static final Object GONE = new Object();
  private static final AtomicReferenceArray<@Nullable Object> EMPTY = new AtomicReferenceArray<>(0);

  /** Up to this many slots the table may be completely full: a probe is bounded by its length. */
  private static final int SMALL = 4;

  private volatile AtomicReferenceArray<@Nullable Object> slots = EMPTY;
  private volatile int size;

  /** Slots that hold an element or a marker; the writer's own. */
  private int used;

  /** The present array for a reader's probe; elements and markers, see {@link #cast}. */
  final AtomicReferenceArray<@Nullable Object> slots() {
    return slots;
  }

  /** The element in a slot, or null for a marker. */
  @SuppressWarnings("unchecked")
  final @Nullable E cast(Object slot) {
    return slot == GONE ? null : (E) slot;
  }

  @Override
  public final int size() {
    return size;
  }

  @Override
  public final boolean contains(@Nullable Object element) {
    return element != null && indexOf(element) >= 0;
  }

  /** Adds an element unless an equal one is there; called by the writer. */
  final boolean insertIfAbsent(E element) {
    if (contains(element)) {
      return false;
    }
    insert(element);
    return true;
  }

  /** Adds an element that is not in the table; called by the writer. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  final void insert(E element) {
    if (used >= limit(slots.length())) {
      rebuild(size + 1);
    }
    place(slots, element);
    size++;
  }

  /** The slot of an equal element, or -1. */
  final int indexOf(Object element) {
    AtomicReferenceArray<@Nullable Object> table = slots;
    int mask = table.length() - 1;
    for (int i = element.hashCode() & mask, probes = 0;
        probes <= mask;
        i = (i + 1) & mask, probes++) {
      Object slot = table.getAcquire(i);
      if (slot == null) {
        return -1;
      }
      if (slot.equals(element)) {
        return i;
      }
    }
    return -1;
  }

  /** Removes an equal element; called by the writer. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  final boolean delete(E element) {
    int index = indexOf(element);
    if (index < 0) {
      return false;
    }
    size--;
    if (size == 0) {
      slots = EMPTY;
      used = 0;
    } else {
      vacate(slots, index);
      if (slots.length() > SMALL && size < slots.length() / 8) {
        rebuild(size);
      }
    }
    return true;
  }

  /**
   * Removes every element that a test accepts, in one pass over the table; called by the writer.
   *
   * @return whether there was one
   */
  final boolean deleteIf(Predicate<? super E> test) {
    AtomicReferenceArray<@Nullable Object> table = slots;
    int removed = 0;
    for (int i = 0; i < table.length(); i++) {
      Object slot = table.getPlain(i);
      E element = slot == null ? null : cast(slot);
      if (element != null && test.test(element)) {
        table.setRelease(i, GONE);
        removed++;
      }
    }
    if (removed == 0) {
      return false;
    }
    int left = size - removed;
    size = left;
    if (left == 0) {
      slots = EMPTY;
      used = 0;
    } else {
      // A new array costs less than the markers that so many removals leave.
      rebuild(left);
    }
    return true;
  }

  /** Leaves a marker, or clears the slot and the markers before it if no probe goes past it. */
  private void vacate(AtomicReferenceArray<@Nullable Object> table, int index) {
    int mask = table.length() - 1;
    table.setRelease(index, GONE);
    if (table.getPlain((index + 1) & mask) != null) {
      return;
    }
    for (int i = index; table.getPlain(i) == GONE; i = (i - 1) & mask) {
      table.setRelease(i, null);
      used--;
    }
  }

  private void place(AtomicReferenceArray<@Nullable Object> table, E element) {
    int mask = table.length() - 1;
    int i = element.hashCode() & mask;
    Object slot = table.getPlain(i);
    while (slot != null && slot != GONE) {
      i = (i + 1) & mask;
      slot = table.getPlain(i);
    }
    if (slot == null) {
      used++;
    }
    table.setRelease(i, element);
  }

  private void rebuild(int elements) {
    AtomicReferenceArray<@Nullable Object> old = slots;
    AtomicReferenceArray<@Nullable Object> fresh =
        new AtomicReferenceArray<>(capacityFor(elements));
    used = 0;
    for (int i = 0; i < old.length(); i++) {
      Object slot = old.getPlain(i);
      E element = slot == null ? null : cast(slot);
      if (element != null) {
        place(fresh, element);
      }
    }
    slots = fresh;
  }

  private static int limit(int length) {
    return length <= SMALL ? length : length - length / 4;
  }

  /** Exact for a few elements, otherwise at most half full. */
  private static int capacityFor(int elements) {
    int power = Integer.highestOneBit(Math.max(1, elements - 1));
    if (elements <= SMALL) {
      return elements <= 1 ? 1 : power << 1;
    }
    return power << 2;
  }

  @Override
  public Iterator<E> iterator() {
    return new SlotIterator(slots);
  }

  private final class SlotIterator implements Iterator<E> {
    private final AtomicReferenceArray<@Nullable Object> table;
    private int next;
    private @Nullable E found;

    SlotIterator(AtomicReferenceArray<@Nullable Object> table) {
      this.table = table;
    }

    @Override
    public boolean hasNext() {
      while (found == null && next < table.length()) {
        Object slot = table.getAcquire(next++);
        found = slot == null ? null : cast(slot);
      }
      return found != null;
    }

    @Override
    public E next() {
      E element = hasNext() ? found : null;
      if (element == null) {
        throw new NoSuchElementException();
      }
      found = null;
      return element;
    }
  }
}
