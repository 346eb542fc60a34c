package org.warrenmq.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.warrenmq.store.TurnWrites.TransactionPart;
import org.warrenmq.store.WriteRequest.DeleteDefinition;
import org.warrenmq.store.WriteRequest.OfBody;
import org.warrenmq.store.WriteRequest.OfQueue;
import org.warrenmq.store.WriteRequest.PutDefinition;

/**
 * Keeps parts of transactions until all have arrived, and with them every later turn for the queues
 * they touch; lives on the writer thread. Bounded by what may be pending, as rooms always deliver
 * their parts.
 *
 * <p>Two transactions may meet in different orders on two queues, so neither could go first:
 * whatever hangs together, by a queue or by a transaction, is let go together.
 */
final class TransactionHold {
  /**
   * Stands for all definitions, as if they were a queue: the end of one, held up with its queue,
   * must not come after the definition of its successor of the same name. That one holds up what is
   * stored in the successor by its {@link WriteRequest.AddQueue}.
   */
  private static final long DEFINITIONS = Long.MIN_VALUE;

  /** A turn that waits, and the queues it must not overtake anybody in. */
  private static final class Held {
    final TurnWrites turn;
    final long bytes;
    final Set<Long> queues = new HashSet<>();

    Held(TurnWrites turn, long bytes) {
      this.turn = turn;
      this.bytes = bytes;
      for (WriteRequest request : turn.requests()) {
        switch (request) {
          case OfQueue ofQueue -> queues.add(ofQueue.queueId());
          case PutDefinition _, DeleteDefinition _ -> queues.add(DEFINITIONS);
          case OfBody _ -> {
            // In no order with anything else.
          }
        }
      }
    }
  }

  /** In order of arrival. */
  private final List<Held> held = new ArrayList<>();

  /** Parts that have not arrived, by transaction. */
  private final Map<Long, Integer> missing = new HashMap<>();

  private final Set<Long> heldQueues = new HashSet<>();

  /** Takes turns that may be written now; those let go together belong into one batch. */
  interface Release {
    void turn(TurnWrites turn, long bytes);
  }

  boolean isEmpty() {
    return held.isEmpty();
  }

  /** Passes the turn on, or keeps it; a last part lets others go as well. */
  void offer(TurnWrites turn, long bytes, Release release) {
    TransactionPart part = turn.transaction();
    if (part == null && heldQueues.isEmpty()) {
      release.turn(turn, bytes);
      return;
    }
    Held arrived = new Held(turn, bytes);
    boolean free = arrived.queues.stream().noneMatch(heldQueues::contains);
    if (free && (part == null || part.parts() == 1)) {
      release.turn(turn, bytes);
      return;
    }
    held.add(arrived);
    heldQueues.addAll(arrived.queues);
    if (part == null) {
      return;
    }
    int left = missing.getOrDefault(part.id(), part.parts()) - 1;
    if (left > 0) {
      missing.put(part.id(), left);
    } else {
      missing.remove(part.id());
      release(arrived, release);
    }
  }

  /** Lets go what hangs together with the turn, unless part of that is still missing. */
  private void release(Held start, Release release) {
    Set<Held> together = new HashSet<>(List.of(start));
    Set<Long> queues = new HashSet<>(start.queues);
    Set<Long> transactions = new HashSet<>();
    boolean grown = true;
    while (grown) {
      grown = false;
      for (Held other : together) {
        TransactionPart part = other.turn.transaction();
        if (part != null) {
          transactions.add(part.id());
        }
        queues.addAll(other.queues);
      }
      for (Held other : held) {
        TransactionPart part = other.turn.transaction();
        boolean connected =
            part != null && transactions.contains(part.id())
                || other.queues.stream().anyMatch(queues::contains);
        grown |= connected && together.add(other);
      }
    }
    if (transactions.stream().anyMatch(missing::containsKey)) {
      return;
    }
    Iterator<Held> all = held.iterator();
    while (all.hasNext()) {
      Held one = all.next();
      if (together.contains(one)) {
        all.remove();
        release.turn(one.turn, one.bytes);
      }
    }
    heldQueues.clear();
    held.forEach(other -> heldQueues.addAll(other.queues));
  }
}
