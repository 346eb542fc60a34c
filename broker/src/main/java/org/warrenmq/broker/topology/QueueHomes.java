package org.warrenmq.broker.topology;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.topology.TopologyChange.ExchangeAdded;
import org.warrenmq.broker.topology.TopologyChange.QueueAdded;
import org.warrenmq.engine.delay.Delays;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.queue.QueueAddress;
import org.warrenmq.engine.queue.QueueOwner;
import org.warrenmq.engine.queue.Queues;
import org.warrenmq.store.QueueState;
import org.warrenmq.store.ScheduleState;

/**
 * Where queues live, and what exchanges delay: opens them on their event loops, with what is stored
 * of them. Lives in the topology's room, or on the node's main thread before that is open.
 */
final class QueueHomes {
  private final QueueOwner owner;
  private final Function<String, @Nullable VirtualHost> vhosts;
  private final boolean expireAtHeadOnly;
  private final List<HomeRoutes> homes = new ArrayList<>();

  /** What an earlier run left of queues that have not been opened, by their numbers. */
  private final Map<Long, List<QueueState>> left = new HashMap<>();

  /** The same of exchanges that delay. */
  private final Map<Long, ScheduleState> leftDelays = new HashMap<>();

  /** Those that came back, and wait for all else to do so. */
  private final List<Delays> restored = new ArrayList<>();

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

  void left(ScheduleState state) {
    leftDelays.put(state.queueId(), state);
  }

  /** What is left of queues and delays that nobody opened, by the numbers that the store knows. */
  List<Long> left() {
    return Stream.concat(
            left.values().stream().flatMap(List::stream).map(QueueState::queueId),
            leftDelays.keySet().stream())
        .toList();
  }

  /** The number says where they live. */
  DelayEntry openDelays(VirtualHost vhost, ExchangeAdded exchange) {
    long id = exchange.delays();
    HomeRoutes home = homes.get((int) (id % homes.size()));
    ScheduleState stored = leftDelays.remove(id);
    Delays delays =
        Delays.open(
            id,
            home.store(),
            exchange.spec().durable(),
            DelayHeaders::due,
            new DelayRouting(home, vhost, exchange.spec().name(), id),
            stored);
    if (stored != null) {
      restored.add(delays);
    }
    return new DelayEntry(exchange.spec(), delays);
  }

  /** All queues and bindings are back: what is due may leave. */
  void startDelays() {
    restored.forEach(Delays::start);
    restored.clear();
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
