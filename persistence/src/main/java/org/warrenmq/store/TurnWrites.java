package org.warrenmq.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one turn of a room wants written, handed over whole; made in the room, then the writer's.
 *
 * @param requests in order; all of them reach the disk in one atomic write, or none
 * @param needsSync someone waits for the disk: a confirm, a declare, a commit
 * @param completion run once on the writer thread when all of it is as durable as asked; posts to
 *     the room and does nothing else. Never run after a failure of the store
 * @param transaction set when these are one loop's part of a transaction
 */
public record TurnWrites(
    List<WriteRequest> requests,
    boolean needsSync,
    @Nullable Runnable completion,
    @Nullable TransactionPart transaction) {

  /**
   * Parts with the same id are written together once all have arrived; later turns for the queues
   * they touch wait until then, so that each queue keeps its order.
   *
   * @param id unique among the transactions under way
   * @param parts how many there are, at least 1
   */
  public record TransactionPart(long id, int parts) {}

  /** Writes that wait for the disk. */
  public static TurnWrites synced(List<WriteRequest> requests, Runnable completion) {
    return new TurnWrites(requests, true, completion, null);
  }

  /** Writes that nobody waits for. */
  public static TurnWrites unsynced(List<WriteRequest> requests) {
    return new TurnWrites(requests, false, null, null);
  }

  /** False when nobody waits for it: it may be written some milliseconds later, with others. */
  boolean isUrgent() {
    return needsSync || completion != null || transaction != null;
  }

  long pendingBytes() {
    long sum = 64;
    for (WriteRequest request : requests) {
      sum += request.pendingBytes();
    }
    return sum;
  }
}
