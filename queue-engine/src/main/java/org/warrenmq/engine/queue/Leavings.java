package org.warrenmq.engine.queue;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.store.SettleReason;
import org.warrenmq.store.WriteRequest;

/**
 * The messages that left a queue in a turn, as the store is to hear of them: one list for each
 * reason. Nearly always there is one reason only, and then this is all there is. Lives in the
 * queue's room.
 */
final class Leavings {
  /** Room for so many is kept from turn to turn: an idle queue must stay small. */
  private static final int KEPT = 32;

  private static final long[] NO_POSITIONS = {};

  private SettleReason reason = SettleReason.ACKED;
  private long[] positions = NO_POSITIONS;
  private int count;
  private long bytes;

  /** Those that left for another reason. */
  private @Nullable Leavings others;

  /**
   * @param size body bytes of a persistent message; 0 for others
   */
  void add(SettleReason why, long position, long size) {
    if (count == 0) {
      reason = why;
    } else if (reason != why) {
      if (others == null) {
        others = new Leavings();
      }
      others.add(why, position, size);
      return;
    }
    if (count == positions.length) {
      positions = Arrays.copyOf(positions, Math.max(8, count * 2));
    }
    positions[count++] = position;
    bytes += size;
  }

  void clear() {
    count = 0;
    bytes = 0;
    others = null;
  }

  /** Hands over what gathered. */
  void drainTo(List<WriteRequest> target, long queueId) {
    if (count == 0) {
      return;
    }
    target.add(new WriteRequest.Settle(queueId, reason, Arrays.copyOf(positions, count), bytes));
    if (others != null) {
      others.drainTo(target, queueId);
    }
    clear();
    if (positions.length > KEPT) {
      positions = NO_POSITIONS;
    }
  }
}
