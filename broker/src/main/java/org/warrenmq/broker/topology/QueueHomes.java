package org.warrenmq.broker.topology;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
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
  private final Function<String, @Nullable VirtualHost> vhosts;
  private final boolean expireAtHeadOnly;
  private final List<HomeRoutes> homes = new ArrayList<>();

  /** What an earlier run left of queues that have not been opened, by their numbers. */
  private final Map<Long, List<QueueState>> left = new HashMap<>();

  /**
   * @param owner told when a queue ends by itself
   * @param vhosts finds a virtual host by its name
   * @param expireAtHeadOnly whether messages that are due stay behind others
   */
  QueueHomes(
      QueueOwner owner, Function<String, @Nullable VirtualHost> vhosts, boolean expireAtHeadOnly) {
    this.owner = owner;
    this.vhosts = vhosts;
    this.expireAtHeadOnly = expireAtHeadOnly;
  }

  /** The event loops, in the order in which they are counted. */
  void are(List<LoopStore> loops) {
    loops.forEach(loop -> homes.add(new HomeRoutes(loop)));
  }

  int count() {
    return homes.size();
  }

  /** A queue of an earlier run, to be opened. */
  void left(QueueState state) {
    left.computeIfAbsent(Queues.queueId(state.queueId()), _ -> new ArrayList<>(1)).add(state);
  }

  /** What is left of queues that nobody opened, by the numbers that the store knows. */
  List<Long> left() {
    return left.values().stream().flatMap(List::stream).map(QueueState::queueId).toList();
  }

  QueueAddress open(QueueAdded queue) {
    HomeRoutes home = homes.get(queue.home());
    QueueSpec spec = queue.spec();
    List<QueueState> stored = left.remove(queue.id());
    return Queues.open(
        queue.id(),
        home.store(),
        expireAtHeadOnly ? spec.traits().withExpiryAtFront() : spec.traits(),
        QueueRules.settings(spec),
        owner,
        new DeadLetterPath(vhosts, queue.vhost(), spec.name(), home),
        stored == null ? List.of() : stored);
  }
}
