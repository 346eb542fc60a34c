package org.warrenmq.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.warrenmq.store.SettledEntry.Page;
import org.warrenmq.store.SettledEntry.Run;

/**
 * The settled positions above a queue's floor, by pages of {@value #PAGE}; lives on the writer
 * thread.
 *
 * <p>Grows with the pages that are partly settled, never with depth: untouched pages have no entry,
 * neighbouring settled ones share one. Remembers which records must be rewritten, and which pages
 * have become empty or sparse, for {@link Tidying}.
 */
final class SettledPages {
  /** Positions in a page; a chunk never crosses its boundary. */
  static final int PAGE = 256;

  private final TreeMap<Long, SettledEntry> entries = new TreeMap<>();

  /** Pages whose entry changed since it was last written. */
  private final TreeSet<Long> changed = new TreeSet<>();

  /** Pages whose record is in the database and must go. */
  private final TreeSet<Long> dropped = new TreeSet<>();

  /** Page ranges [start, end) that became empty and whose chunks are still there. */
  private final List<long[]> hollow = new ArrayList<>();

  private long hollowPages;

  /** True once a record of it may be in the database. */
  private boolean everStored;

  /** Pages less than a quarter of whose stored messages are live. */
  private final TreeSet<Long> sparse = new TreeSet<>();

  static long page(long position) {
    return position / PAGE;
  }

  static int offset(long position) {
    return (int) (position % PAGE);
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Puts in a record as it was read. */
  void restore(long page, SettledEntry entry) {
    everStored = true;
    entries.put(page, entry);
  }

  /** Knows nothing of the floor: positions below it are the caller's. */
  boolean isSettled(long position) {
    long page = page(position);
    Map.Entry<Long, SettledEntry> found = entries.floorEntry(page);
    return switch (found == null ? null : found.getValue()) {
      case null -> false;
      case Run run -> page < run.end;
      case Page bits -> found.getKey() == page && bits.isSettled(offset(position));
    };
  }

  /** True when the position was not settled before. */
  boolean settle(long position) {
    long number = page(position);
    Page page = pageAt(number);
    if (page == null || !page.settle(offset(position))) {
      return false;
    }
    settledIn(number, page);
    return true;
  }

  /**
   * Settles a range.
   *
   * @return how many were not settled before
   */
  long settle(long from, long to) {
    long fresh = 0;
    long position = from;
    while (position < to) {
      long number = page(position);
      if (offset(position) == 0 && to - position >= PAGE) {
        long end = page(to);
        fresh += settlePages(number, end);
        position = end * PAGE;
        continue;
      }
      long stop = Math.min(to, (number + 1) * PAGE);
      Page page = pageAt(number);
      if (page != null) {
        int before = page.settled();
        for (long p = position; p < stop; p++) {
          page.settle(offset(p));
        }
        fresh += page.settled() - before;
        settledIn(number, page);
      }
      position = stop;
    }
    return fresh;
  }

  /** Positions that never were stored take no space: such a page is not sparse. */
  void neverStored(long from, long to) {
    for (long number = page(from); number <= page(to - 1); number++) {
      if (entries.get(number) instanceof Page page) {
        long start = Math.max(from, number * PAGE);
        page.held -= (int) (Math.min(to, (number + 1) * PAGE) - start);
        noteSparse(number, page);
      }
    }
  }

  /** Stores a delivery count and a time; those of a settled message are of no use and ignored. */
  void returned(long position, int count, long due) {
    long number = page(position);
    Page page = pageAt(number);
    if (page != null && !page.isSettled(offset(position))) {
      page.returned(offset(position), count, due);
      changed.add(number);
    }
  }

  /** Where the floor stops when everything below a position is settled; forgets what it passes. */
  long advance(long floor) {
    long reached = floor;
    while (true) {
      long number = page(reached);
      Map.Entry<Long, SettledEntry> found = entries.floorEntry(number);
      long before = reached;
      switch (found == null ? null : found.getValue()) {
        case null -> {}
        case Run run -> reached = Math.max(reached, run.end * PAGE);
        case Page page -> {
          if (found.getKey() == number) {
            reached = number * PAGE + page.nextLive(offset(reached));
          }
        }
      }
      if (reached == before) {
        break;
      }
    }
    forgetBelow(page(reached));
    return reached;
  }

  /** What lies below the floor needs no record any more. */
  private void forgetBelow(long page) {
    while (!entries.isEmpty() && entries.firstKey() < page) {
      long number = entries.firstKey();
      remove(number);
    }
    while (!hollow.isEmpty() && hollow.getFirst()[0] < page) {
      // The prefix is erased as a whole.
      long[] range = hollow.removeFirst();
      hollowPages -= range[1] - range[0];
      if (range[1] > page) {
        noteHollow(page, range[1]);
      }
    }
  }

  /** The page's entry, made if need be; null when the page is within a run. */
  private @Nullable Page pageAt(long number) {
    Map.Entry<Long, SettledEntry> found = entries.floorEntry(number);
    if (found != null) {
      if (found.getValue() instanceof Run run) {
        if (number < run.end) {
          return null;
        }
      } else if (found.getKey() == number && found.getValue() instanceof Page page) {
        return page;
      }
    }
    Page page = new Page();
    put(number, page);
    return page;
  }

  /** A page changed: it may have become empty, and then joins a run, or sparse. */
  private void settledIn(long number, Page page) {
    if (page.settled() == PAGE) {
      settlePages(number, number + 1);
    } else {
      changed.add(number);
      noteSparse(number, page);
    }
  }

  /**
   * Judged by what its chunks still hold, so that a rewritten page is not rewritten at once again.
   */
  private void noteSparse(long number, Page page) {
    int live = PAGE - page.settled();
    if (live * 4 < page.held) {
      sparse.add(number);
    } else {
      sparse.remove(number);
    }
  }

  /** Makes [from, to) one settled run, joined with its neighbours. */
  private long settlePages(long from, long to) {
    long fresh = (to - from) * PAGE;
    long start = from;
    long end = to;
    Map.Entry<Long, SettledEntry> left = entries.lowerEntry(from);
    if (left != null && left.getValue() instanceof Run run && run.end >= from) {
      fresh -= Math.max(0, Math.min(run.end, to) - from) * PAGE;
      start = left.getKey();
      end = Math.max(end, run.end);
    }
    Map.Entry<Long, SettledEntry> inside = entries.ceilingEntry(from);
    while (inside != null && inside.getKey() <= to) {
      switch (inside.getValue()) {
        case Run run -> {
          fresh -= Math.max(0, Math.min(run.end, to) - inside.getKey()) * PAGE;
          end = Math.max(end, run.end);
          remove(inside.getKey());
        }
        case Page page -> {
          if (inside.getKey() < to) {
            // A full page counted its last position itself.
            fresh -= page.settled();
            remove(inside.getKey());
          }
        }
      }
      inside = entries.higherEntry(inside.getKey());
    }
    put(start, new Run(end, false));
    noteHollow(from, to);
    return fresh;
  }

  /**
   * A record in the database under the same key is overwritten, and must be remembered as there.
   */
  private void put(long number, SettledEntry entry) {
    SettledEntry old = entries.put(number, entry);
    if (dropped.remove(number) || old != null && old.stored()) {
      // Overwritten in place, or removed later if it never comes to that.
      entry.markStored();
    }
    changed.add(number);
  }

  /** Only a record that was written needs a delete: most pages come and go between two writes. */
  private void remove(long number) {
    SettledEntry old = entries.remove(number);
    changed.remove(number);
    sparse.remove(number);
    if (old != null && old.stored()) {
      dropped.add(number);
    }
  }

  /** Kept in order; extended in place when messages are settled one after the other. */
  private void noteHollow(long from, long to) {
    if (!hollow.isEmpty() && hollow.getLast()[1] == from) {
      hollow.getLast()[1] = to;
    } else {
      int at = 0;
      while (at < hollow.size() && hollow.get(at)[0] < from) {
        at++;
      }
      hollow.add(at, new long[] {from, to});
    }
    hollowPages += to - from;
  }

  /** Hands every changed entry (null: to be removed) to the writer, once. */
  void flush(Sink sink) {
    everStored = true;
    for (long number : dropped) {
      sink.entry(number, null);
    }
    dropped.clear();
    for (long number : changed) {
      SettledEntry entry = entries.get(number);
      if (entry != null) {
        sink.entry(number, entry);
        entry.markStored();
      }
    }
    changed.clear();
  }

  /** False only when the database holds no record of it for certain. */
  boolean everStored() {
    return everStored;
  }

  /** True when there is something to flush. */
  boolean hasChanges() {
    return !changed.isEmpty() || !dropped.isEmpty();
  }

  /** Takes changed entries. */
  interface Sink {
    void entry(long page, @Nullable SettledEntry entry);
  }

  /** Empty pages behind the floor whose chunks are still on disk. */
  long hollowPages() {
    return hollowPages;
  }

  /** Empty page ranges whose chunks have not been deleted; forgets them. */
  List<long[]> takeHollow() {
    List<long[]> taken = List.copyOf(hollow);
    hollow.clear();
    hollowPages = 0;
    return taken;
  }

  /** Pages that would shrink to a quarter or less. */
  int sparsePages() {
    return sparse.size();
  }

  /** Some sparse pages, lowest first; forgets them. */
  List<Long> takeSparse(int max) {
    List<Long> taken = new ArrayList<>();
    while (taken.size() < max && !sparse.isEmpty()) {
      taken.add(sparse.pollFirst());
    }
    return taken;
  }

  /** The page's chunks were rewritten and hold only what is live. */
  void rewritten(long number) {
    if (entries.get(number) instanceof Page page) {
      page.held = PAGE - page.settled();
    }
  }
}
