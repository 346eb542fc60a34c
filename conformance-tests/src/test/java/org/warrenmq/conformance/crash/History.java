package org.warrenmq.conformance.crash;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Everything that was entered in the books of a run, with the time of each entry, so that they can
 * be written once more as they were at another moment. For any thread.
 */
final class History {
  private final Queue<Event> events = new ConcurrentLinkedQueue<>();
  private final boolean kept;

  private record Event(long time, boolean answer, Entry entry) {}

  /** Makes an entry in a ledger, as of the time when it was made first. */
  @FunctionalInterface
  interface Entry {
    void in(Ledger ledger, long time);
  }

  private History(boolean kept) {
    this.kept = kept;
  }

  static History kept() {
    return new History(true);
  }

  /** One that is nobody's concern, and takes no memory. */
  static History forgotten() {
    return new History(false);
  }

  /** Something is about to be asked of the broker; from now on it may have happened. */
  long asked(Entry entry) {
    return note(false, entry);
  }

  /** The broker has answered, or given something; it has happened before now. */
  long answered(Entry entry) {
    return note(true, entry);
  }

  private long note(boolean answer, Entry entry) {
    long now = System.nanoTime();
    if (kept) {
      events.add(new Event(now, answer, entry));
    }
    return now;
  }

  /**
   * Writes the books of some moment between two times: what had been answered before the first,
   * must have happened, and what was asked before the second may have.
   */
  void write(Ledger ledger, long from, long to) {
    for (Event event : events) {
      if (event.time - (event.answer ? from : to) < 0) {
        event.entry.in(ledger, event.time);
      }
    }
  }
}
