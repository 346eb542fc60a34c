package org.warrenmq.broker.amqp;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.queue.Settlement;

/**
 * What awaits an ack, in the order of the delivery tags: a ring of 20 bytes an entry. Runs on the
 * connection's loop.
 *
 * <p>An entry settled out of order leaves a hole. Holes go when all before them are settled, or
 * when they are half of the ring: so one delivery that is never acked does not keep all later ones.
 * A ring that was large is made smaller when little is left in it. Both cost a constant on average;
 * as long as acks come about in order, nothing is moved and nothing allocated.
 *
 * <p>A small ring is one chunk, which doubles. A large one is a ring of full-size chunks: it grows
 * by one and shrinks by dropping some, since a copy of a million entries may find no memory beside
 * them, even where there is room for what is added.
 */
final class DeliveryRing {
  private static final int FIRST = 8;

  /** Holes in a ring of fewer entries may stay. */
  private static final int FEW = 16;

  /** A ring of up to so many entries is kept as large as it is; a power of two. */
  static final int KEPT = 1024;

  /** Entries of a chunk of a large ring. */
  private static final int CHUNK = KEPT;

  private static final Chunk NOTHING = new Chunk(0);
  private static final Chunk[] NO_CHUNKS = {};

  /** Some entries, side by side. */
  private static final class Chunk {
    private final long[] tags;
    private final long[] positions;

    /** Null where an entry is settled. */
    private final @Nullable Object[] sources;

    /**
     * Settlements that wait for a transaction's commit; parallel to the others, null while unused.
     * Only what has a source has one.
     */
    private @Nullable Settlement @Nullable [] held;

    Chunk(int length) {
      tags = new long[length];
      positions = new long[length];
      sources = new @Nullable Object[length];
    }

    boolean isHeld(int index) {
      return held != null && held[index] != null;
    }

    void hold(int index, Settlement settlement) {
      if (held == null) {
        held = new @Nullable Settlement[tags.length];
      }
      held[index] = settlement;
    }

    /** Moves an entry or a hole to where nothing is, or to where it is. */
    void move(int from, Chunk target, int to) {
      Object source = sources[from];
      sources[from] = null;
      target.sources[to] = source;
      target.tags[to] = tags[from];
      target.positions[to] = positions[from];
      Settlement settlement = held == null ? null : held[from];
      if (held != null && settlement != null) {
        held[from] = null;
        target.hold(to, settlement);
      }
    }
  }

  /** The only chunk, or the first of the chunks; most channels never deliver anything. */
  private Chunk first = NOTHING;

  /** All chunks, each of full size, and room for more; not used while there is only one. */
  private Chunk[] chunks = NO_CHUNKS;

  /** Of all chunks together. */
  private int capacity;

  private int head;
  private int size;
  private int live;

  /** Entries, holes among them; they are numbered from 0, the oldest. */
  int size() {
    return size;
  }

  /** How many may be in it before it has to grow. */
  int capacity() {
    return capacity;
  }

  private int slot(int entry) {
    int untilEnd = capacity - head;
    return entry < untilEnd ? head + entry : entry - untilEnd;
  }

  private Chunk chunk(int slot) {
    return slot < CHUNK ? first : chunks[slot / CHUNK];
  }

  /** Where in its chunk a slot is. */
  private static int index(int slot) {
    return slot & CHUNK - 1;
  }

  /** Appends an entry; its tag is larger than all before. */
  void add(long tag, long position, Object source) {
    if (size == capacity) {
      if (capacity < CHUNK) {
        enlarge();
      } else {
        insertChunk();
      }
    }
    int slot = slot(size++);
    Chunk chunk = chunk(slot);
    int index = index(slot);
    chunk.tags[index] = tag;
    chunk.positions[index] = position;
    chunk.sources[index] = source;
    live++;
  }

  /**
   * The entry of an outstanding tag, or -1; one that a transaction has settled is not outstanding.
   * Acks mostly name the oldest.
   */
  int find(long tag) {
    int low = 0;
    int high = size > 0 && chunk(head).tags[index(head)] == tag ? 0 : size - 1;
    while (low <= high) {
      int middle = low + high >>> 1;
      int slot = slot(middle);
      Chunk chunk = chunk(slot);
      int index = index(slot);
      long found = chunk.tags[index];
      if (found == tag) {
        return chunk.sources[index] == null || chunk.isHeld(index) ? -1 : middle;
      }
      if (found < tag) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }

  /** How many entries have this tag or a smaller one. */
  int upTo(long tag) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = low + high >>> 1;
      if (tag(middle) <= tag) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  long tag(int entry) {
    int slot = slot(entry);
    return chunk(slot).tags[index(slot)];
  }

  private @Nullable Object sourceAt(int slot) {
    return chunk(slot).sources[index(slot)];
  }

  /** Where an entry was delivered from, or null when it is settled. */
  @Nullable Object source(int entry) {
    return sourceAt(slot(entry));
  }

  long position(int entry) {
    int slot = slot(entry);
    return chunk(slot).positions[index(slot)];
  }

  /** An entry is settled. {@link #tidy} is due before the next one is added. */
  void settled(int entry) {
    int slot = slot(entry);
    Chunk chunk = chunk(slot);
    chunk.sources[index(slot)] = null;
    if (chunk.held != null) {
      // The slot will be another's.
      chunk.held[index(slot)] = null;
    }
    live--;
  }

  // What a transaction has settled.

  /** Keeps a settlement for the commit, unless there is one, or the entry is settled. */
  void hold(int entry, Settlement settlement) {
    int slot = slot(entry);
    Chunk chunk = chunk(slot);
    int index = index(slot);
    if (chunk.sources[index] != null && !chunk.isHeld(index)) {
      chunk.hold(index, settlement);
    }
  }

  /** The settlement kept for an entry, or null. */
  @Nullable Settlement held(int entry) {
    int slot = slot(entry);
    Chunk chunk = chunk(slot);
    return chunk.held == null ? null : chunk.held[index(slot)];
  }

  /** Nothing is kept for a commit any more. */
  void forgetHeld() {
    for (int slot = 0; slot < capacity; slot += CHUNK) {
      chunk(slot).held = null;
    }
  }

  // Holes.

  /** Drops holes; to be called after entries were settled. Entries get other numbers by it. */
  void tidy() {
    while (size > 0 && sourceAt(head) == null) {
      head = slot(1);
      size--;
    }
    if (size >= FEW && live <= size / 2) {
      close();
    }
    if (capacity > KEPT && live <= capacity / 8) {
      // There are no more holes than live entries now, or few: all fit.
      keepChunks(Math.max(KEPT, Integer.highestOneBit(live) * 4) / CHUNK);
    }
  }

  /** Moves what is outstanding together, where it is. */
  private void close() {
    int to = 0;
    for (int from = 0; from < size; from++) {
      int slot = slot(from);
      if (sourceAt(slot) != null) {
        int free = slot(to++);
        chunk(slot).move(index(slot), chunk(free), index(free));
      }
    }
    size = to;
  }

  // Other capacities.

  /** Moves what is outstanding into a chunk of twice the size. */
  private void enlarge() {
    Chunk larger = new Chunk(Math.max(FIRST, capacity * 2));
    int to = 0;
    for (int from = 0; from < size; from++) {
      int slot = slot(from);
      if (first.sources[slot] != null) {
        first.move(slot, larger, to++);
      }
    }
    first = larger;
    capacity = larger.tags.length;
    head = 0;
    size = to;
  }

  /**
   * Inserts a chunk into a full ring, before the chunk of the oldest entry. The newest entries, in
   * front of the oldest one in its chunk, go there, each to the same index.
   */
  private void insertChunk() {
    int count = capacity / CHUNK;
    Chunk fresh = new Chunk(CHUNK);
    if (chunks.length <= count) {
      chunks = Arrays.copyOf(chunks, count + count / 2 + 1);
    }
    chunks[0] = first;
    int at = head / CHUNK;
    Chunk oldest = chunks[at];
    for (int i = 0; i < index(head); i++) {
      oldest.move(i, fresh, i);
    }
    System.arraycopy(chunks, at, chunks, at + 1, count - at);
    chunks[at] = fresh;
    first = chunks[0];
    capacity += CHUNK;
    head += CHUNK;
  }

  /**
   * Drops all chunks but so many, from that of the oldest entry on; all entries have to fit in.
   * What is in the chunk after them goes in front of the oldest one, each to the same index.
   */
  private void keepChunks(int kept) {
    int count = capacity / CHUNK;
    int at = head / CHUNK;
    Chunk[] fewer = new Chunk[kept];
    for (int i = 0; i < kept; i++) {
      fewer[i] = chunks[(at + i) % count];
    }
    Chunk next = chunks[(at + kept) % count];
    int beyond = index(head) + size - kept * CHUNK;
    for (int i = 0; i < beyond; i++) {
      next.move(i, fewer[0], i);
    }
    chunks = fewer;
    first = fewer[0];
    capacity = kept * CHUNK;
    head = index(head);
  }
}
