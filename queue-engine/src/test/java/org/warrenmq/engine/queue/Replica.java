package org.warrenmq.engine.queue;

import java.util.List;
import org.warrenmq.store.WriteRequest;

/**
 * A copy of what queues have written, as another node keeps it: takes turns one after the other,
 * each once and whole, and only in the term in which they were made. On the test's thread.
 */
final class Replica {
  /**
   * What one turn wrote, on its way to a copy.
   *
   * @param term in which it was made
   * @param number which turn it is, counted through all terms
   * @param count how many requests it was made of
   */
  record Turn(long term, long number, int count, List<WriteRequest> requests) {}

  private final SimulatedDisk disk;
  private long term;
  private long number;

  Replica(SimulatedDisk disk) {
    this.disk = disk;
  }

  /** From now on turns of this term are taken, and no others. */
  void enter(long next) {
    term = next;
  }

  /** False when it refuses the turn; nothing has changed then. */
  boolean apply(Turn turn) {
    boolean whole = turn.requests().size() == turn.count();
    if (turn.term() != term || turn.number() != number + 1 || !whole) {
      return false;
    }
    number++;
    disk.apply(turn.requests());
    return true;
  }
}
