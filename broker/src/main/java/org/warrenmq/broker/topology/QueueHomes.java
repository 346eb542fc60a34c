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
import org.warrenmq.engine.exchange.Deduplication;
import org.warrenmq.engine.exchange.Delays;
import org.warrenmq.engine.exchange.ExchangeRoom;
import org.warrenmq.engine.exchange.History;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.loop.LoopClock;
import org.warrenmq.engine.queue.QueueAddress;
import org.warrenmq.engine.queue.QueueOwner;
import org.warrenmq.engine.queue.QueueSettings;
import org.warrenmq.engine.queue.Queues;
import org.warrenmq.router.ExchangeRooms;
import org.warrenmq.router.ExchangeSpec;
import org.warrenmq.store.QueueState;
import org.warrenmq.store.ScheduleState;
import org.warrenmq.store.WindowState;
import org.warrenmq.store.WindowState.RememberedKey;

/**
 * Where queues live, and what exchanges keep: opens them on their event loops, with what is stored
 * of them. Lives in the topology's room, or on the node's main thread before that is open.
 */
final class QueueHomes {
  private final QueueOwner owner;
  private final Function<String, @Nullable VirtualHost> vhosts;
  private final boolean expireAtHeadOnly;
  private final List<HomeRoutes> homes = new ArrayList<>();

  /** What an earlier run left of queues that have not been opened, by their numbers. */
  private final Map<Long, List<QueueState>> left = new HashMap<>();

  /** The same of messages that exchanges keep. */
  private final Map<Long, ScheduleState> leftSchedules = new HashMap<>();

  /** The same of keys that queues and exchanges remember. */
  private final Map<Long, List<RememberedKey>> leftKeys = new HashMap<>();

  /** What exchanges keep and came back, and waits for all else to do so. */
  private final List<ExchangeRoom> restored = new ArrayList<>();

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
    leftSchedules.put(state.queueId(), state);
  }

  void left(WindowState state) {
    leftKeys.put(state.queueId(), state.keys());
  }

  /** What is left of all that nobody opened, by the numbers that the store knows. */
  List<Long> left() {
    return Stream.of(
            left.values().stream().flatMap(List::stream).map(QueueState::queueId),
            leftSchedules.keySet().stream(),
            leftKeys.keySet().stream())
        .flatMap(Function.identity())
        .distinct()
        .toList();
  }

  /** The event loop on which something of an exchange lives: its number says where. */
  HomeRoutes of(long roomId) {
    return homes.get((int) (roomId % homes.size()));
  }

  /** What an exchange keeps. */
  ExchangeRooms openRooms(VirtualHost vhost, ExchangeAdded exchange) {
    ExchangeSpec spec = exchange.spec();
    RoomIds ids = exchange.rooms();
    return new ExchangeRooms(
        ids.duplicates() == 0 ? null : openDuplicates(vhost, spec, ids.duplicates()),
        ids.delays() == 0 ? null : openDelays(vhost, spec, ids.delays()),
        ids.history() == 0 ? null : openHistory(spec, ids.history()));
  }

  private RoomEntry openDuplicates(VirtualHost vhost, ExchangeSpec spec, long id) {
    HomeRoutes home = of(id);
    List<RememberedKey> stored = leftKeys.remove(id);
    Deduplication duplicates =
        Deduplication.open(
            id,
            home.store(),
            spec.durable(),
            ExchangeStateRules.duplicates(spec),
            new RoomRouting(
                home, vhost, spec.name(), id, ExchangeRooms::duplicates, message -> message),
            stored == null ? List.of() : stored);
    return new RoomEntry(spec, duplicates, _ -> true);
  }

  private RoomEntry openDelays(VirtualHost vhost, ExchangeSpec spec, long id) {
    HomeRoutes home = of(id);
    ScheduleState stored = leftSchedules.remove(id);
    Delays delays =
        Delays.open(
            id,
            home.store(),
            spec.durable(),
            DelayHeaders::due,
            new RoomRouting(
                home, vhost, spec.name(), id, ExchangeRooms::delay, DelayHeaders::delivered),
            stored);
    if (stored != null) {
      restored.add(delays);
    }
    LoopClock clock = home.store().loop().clock();
    return new RoomEntry(
        spec, delays, properties -> DelayHeaders.delays(properties.headers(), clock.millis()));
  }

  private RoomEntry openHistory(ExchangeSpec spec, long id) {
    ScheduleState stored = leftSchedules.remove(id);
    History history =
        History.open(id, of(id).store(), spec.durable(), ExchangeStateRules.history(spec), stored);
    if (stored != null) {
      restored.add(history);
    }
    return new RoomEntry(spec, history, ExchangeStateRules::isRemembered);
  }

  /** All queues and bindings are back: what is due may leave. */
  void startRooms() {
    restored.forEach(ExchangeRoom::start);
    restored.clear();
  }

  /**
   * A queue.
   *
   * @param settings by its arguments and policies
   */
  QueueAddress open(QueueAdded queue, QueueSettings settings) {
    HomeRoutes home = homes.get(queue.home());
    QueueSpec spec = queue.spec();
    List<QueueState> stored = left.remove(queue.id());
    List<RememberedKey> remembered = leftKeys.remove(queue.id());
    return Queues.open(
        queue.id(),
        home.store(),
        expireAtHeadOnly
            ? QueueMeaning.traits(spec).withExpiryAtFront()
            : QueueMeaning.traits(spec),
        settings,
        owner,
        new DeadLetterPath(vhosts, queue.vhost(), spec.name(), home),
        stored == null ? List.of() : stored,
        remembered == null || QueueMeaning.traits(spec).duplicates() == null
            ? List.of()
            : remembered);
  }
}
