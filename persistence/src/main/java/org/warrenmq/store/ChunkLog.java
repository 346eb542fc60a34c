package org.warrenmq.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One queue's log in one database as the writer thread knows it: which positions are live, and what
 * has been asked for and not been written yet. Never the messages on disk.
 *
 * <p>All that is settled lies below the floor or in {@link SettledPages}; settling in order only
 * moves the floor. Its size is bounded by the pages with settled messages above the oldest live
 * one.
 */
final class ChunkLog {
  final long queueId;
  private long floor;
  private long next;
  private long count;

  /** Bodies of those, of persistent ones. */
  private long bytes;

  private long delivered;

  /** Some of them may expire. */
  private boolean expiring;

  private @Nullable SettledPages settled;

  /** Messages appended since the last write; null at most times. */
  private @Nullable Pending pending;

  private boolean cursorChanged;

  /** True once a cursor for it is in the database. */
  boolean cursorStored;

  /** Chunks below were deleted. */
  long erasedBelow;

  /** Files that hold only positions below were dropped. */
  long trimmedBelow;

  /** Mean bytes of a message, for guessing what a prefix holds; moves slowly. */
  private double meanBytes = 1024;

  /** Appends that still wait, by position; a settled one is nulled and never written. */
  private static final class Pending {
    long[] positions = new long[16];
    long[] times = new long[16];
    final List<@Nullable Storable> messages = new ArrayList<>();

    /** Positions only grow, so the arrays stay sorted. */
    void add(long position, long time, Storable message) {
      int size = messages.size();
      if (size == positions.length) {
        positions = Arrays.copyOf(positions, size * 2);
        times = Arrays.copyOf(times, size * 2);
      }
      times[size] = time;
      positions[size] = position;
      messages.add(message);
    }

    /** Forgets one message, if it is here. */
    void cancel(long position) {
      int size = messages.size();
      if (size == 0 || position < positions[0]) {
        return;
      }
      // Nearly always without holes: the first guess is right.
      long guess = position - positions[0];
      int index =
          guess < size && positions[(int) guess] == position
              ? (int) guess
              : Arrays.binarySearch(positions, 0, size, position);
      if (index >= 0) {
        messages.set(index, null);
      }
    }

    /** A whole range, as a purge does; starts where the range does. */
    void cancel(long from, long to) {
      int size = messages.size();
      int found = Arrays.binarySearch(positions, 0, size, from);
      for (int i = found < 0 ? -found - 1 : found; i < size && positions[i] < to; i++) {
        messages.set(i, null);
      }
    }
  }

  /** A queue that has stored nothing yet. */
  ChunkLog(long queueId) {
    this.queueId = queueId;
  }

  /** A queue as an earlier run left it; its settled pages are put in by the loader. */
  ChunkLog(long queueId, Cursor cursor) {
    this.queueId = queueId;
    floor = cursor.floor();
    next = cursor.next();
    count = cursor.count();
    bytes = cursor.bytes();
    delivered = cursor.delivered();
    expiring = cursor.expiring();
    cursorStored = true;
  }

  /** The record that stands for it now. */
  Cursor cursor() {
    return new Cursor(floor, next, count, bytes, delivered, expiring && count > 0);
  }

  /** Everything below is settled. */
  long floor() {
    return floor;
  }

  /** Where the next append may start, at the earliest. */
  long next() {
    return next;
  }

  long count() {
    return count;
  }

  /** True when neither this run nor an earlier one stored anything for the queue. */
  boolean isUnused() {
    return next == 0 && !cursorStored;
  }

  @Nullable SettledPages settledPages() {
    return settled;
  }

  /** Made with the first settlement out of order; many queues never need it. */
  SettledPages pages() {
    if (settled == null) {
      settled = new SettledPages();
    }
    return settled;
  }

  /**
   * Takes messages into the pending ones.
   *
   * @param time when they came
   * @throws StoreException when they would overwrite what is there: a fault of the caller, after
   *     which nothing about this queue can be trusted
   */
  void append(long first, long time, List<? extends Storable> messages) {
    if (first < next) {
      throw new StoreException(
          "queue %d appends at %d, its log ends at %d".formatted(queueId, first, next));
    }
    if (first > next) {
      skipTo(first);
    }
    expiring &= count > 0;
    Pending waiting = pending == null ? pending = new Pending() : pending;
    for (Storable message : messages) {
      expiring |= message.expiresAt() != Long.MAX_VALUE;
      waiting.add(next++, time, message);
      count++;
      bytes += message.persistent() ? message.bodySize() : 0;
    }
    cursorChanged = true;
  }

  /** Positions that will never be stored count as settled. */
  private void skipTo(long first) {
    if (floor == next) {
      floor = first;
    } else {
      pages().settle(next, first);
      pages().neverStored(next, first);
    }
    next = first;
    if (settled != null) {
      floor = settled.advance(floor);
    }
  }

  /**
   * @param left body bytes of the persistent ones among them
   */
  void settle(long[] positions, long left) {
    for (long position : positions) {
      settle(position);
    }
    leave(left);
  }

  private void leave(long left) {
    if (left != 0) {
      bytes -= left;
      cursorChanged = true;
    }
  }

  /** In order it only moves the floor; out of order it leaves a bit in a page. */
  private void settle(long position) {
    if (position < floor || position >= next) {
      return;
    }
    if (position == floor) {
      floor++;
      count--;
      if (settled != null && !settled.isEmpty()) {
        floor = settled.advance(floor);
      }
    } else if (pages().settle(position)) {
      count--;
    } else {
      return;
    }
    cursorChanged = true;
    if (pending != null) {
      pending.cancel(position);
    }
  }

  /**
   * Settles the gaps between the kept positions, each as a range.
   *
   * @param left body bytes of the persistent ones in them
   */
  void settleBelow(long below, long[] kept, long left) {
    leave(left);
    long to = Math.min(below, next);
    long position = floor;
    for (long keep : kept) {
      if (keep < position) {
        continue;
      }
      if (keep >= to) {
        break;
      }
      settle(position, keep);
      position = keep + 1;
    }
    settle(position, to);
    if (settled != null) {
      floor = settled.advance(floor);
    }
  }

  private void settle(long from, long to) {
    if (from >= to) {
      return;
    }
    count -= pages().settle(from, to);
    cursorChanged = true;
    if (pending != null) {
      pending.cancel(from, to);
    }
  }

  /** Replaces delivery counts and times; what is settled or unknown is passed over. */
  void returned(WriteRequest.Return request) {
    long[] positions = request.positions();
    for (int i = 0; i < positions.length; i++) {
      if (positions[i] >= floor && positions[i] < next) {
        pages().returned(positions[i], request.counts()[i], request.due(i));
      }
    }
  }

  void delivered(long mark) {
    if (mark != delivered) {
      delivered = mark;
      cursorChanged = true;
    }
  }

  /** True for a message that is stored, or pending, and not settled. */
  boolean isLive(long position) {
    return position >= floor
        && position < next
        && (settled == null || !settled.isSettled(position));
  }

  /** Bytes that settled messages below a position still occupy, guessed. */
  long erasableBytes(long below) {
    return (long) ((below - erasedBelow) * meanBytes);
  }

  /** Bytes of the erased prefix that may still fill files, guessed. */
  long trimmableBytes() {
    return (long) ((erasedBelow - trimmedBelow) * meanBytes);
  }

  /** Where the prefix that can be deleted ends: chunks do not cross pages. */
  long erasableBelow() {
    return floor == next ? floor : SettledPages.page(floor) * SettledPages.PAGE;
  }

  /** Takes what changed since the last write. */
  interface Sink {
    void chunk(long first, byte[] value);

    void entry(long page, @Nullable SettledEntry entry);

    void cursor(Cursor cursor);
  }

  /** Hands out everything that changed, and forgets it: the caller writes it, or the store ends. */
  void flush(Sink sink) {
    Pending waiting = pending;
    if (waiting != null) {
      pending = null;
      flush(waiting, sink);
    }
    if (settled != null && settled.hasChanges()) {
      settled.flush(sink::entry);
    }
    if (cursorChanged) {
      assert bytes >= 0 && (count > 0 || bytes == 0) : queueId + " miscounted: " + cursor();
      cursorChanged = false;
      cursorStored = true;
      sink.cursor(cursor());
    }
  }

  /** Cuts what is left of the pending messages into chunks: by page, and by size. */
  private void flush(Pending waiting, Sink sink) {
    long[] positions = new long[waiting.messages.size()];
    long[] times = new long[positions.length];
    List<Storable> live = new ArrayList<>(positions.length);
    for (int i = 0; i < waiting.messages.size(); i++) {
      Storable message = waiting.messages.get(i);
      if (message != null) {
        positions[live.size()] = waiting.positions[i];
        times[live.size()] = waiting.times[i];
        live.add(message);
      }
    }
    if (live.isEmpty()) {
      return;
    }
    long stored = Chunk.cut(new Chunk.Uncut(positions, times, times, live), sink::chunk);
    meanBytes += (stored / (double) live.size() - meanBytes) / 16;
  }
}
