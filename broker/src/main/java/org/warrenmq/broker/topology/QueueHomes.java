package org.warrenmq.broker.topology;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.warrenmq.broker.topology.TopologyChange.QueueAdded;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.queue.QueueAddress;
import org.warrenmq.engine.queue.QueueOwner;
import org.warrenmq.engine.queue.Queues;
import org.warrenmq.store.QueueState;

/**
 * Where queues live: opens them on their event loops, with what is stored of them. Lives in the
 * topology's room, or on the node's main thread before that is open.
 */
final class QueueHomes {
  private final QueueOwner owner;
  private final List<LoopStore> homes = new ArrayList<>();

  /** What an earlier run left of queues that have not been opened, by their numbers. */
  private final Map<Long, QueueState> left = new HashMap<>();

  /**
   * @param owner told when a queue ends by itself
   */
  QueueHomes(QueueOwner owner) {
    this.owner = owner;
  }

  /** The event loops, in the order in which they are counted. */
  void are(List<LoopStore> loops) {
    homes.addAll(loops);
  }

  int count() {
    return homes.size();
  }

  /** A queue of an earlier run, to be opened. */
  void left(QueueState state) {
    left.put(state.queueId(), state);
  }

  /** What is left of queues that nobody opened. */
  Set<Long> left() {
    return left.keySet();
  }

  QueueAddress open(QueueAdded queue) {
    return Queues.open(
        queue.id(),
        homes.get(queue.home()),
        queue.spec().traits(),
        QueueRules.settings(queue.spec()),
        owner,
        left.remove(queue.id()));
  }
}
