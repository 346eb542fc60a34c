package org.warrenmq.broker.amqp;

import java.util.ArrayList;
import org.warrenmq.broker.topology.Topology;
import org.warrenmq.broker.topology.TopologyRequest;
import org.warrenmq.engine.loop.RoomLoop;

/**
 * The connections of one event loop that gave up their exclusive queues in this turn: the topology
 * is told of all of them at once when it ends, with one wake-up. Runs on that loop's thread.
 *
 * <p>By then everything they sent to queues is posted, so their publishes are there before their
 * queues go.
 */
final class Releases implements RoomLoop.TurnEnd {
  private final RoomLoop loop;
  private final Topology topology;
  private final ArrayList<TopologyRequest> waiting = new ArrayList<>();

  Releases(RoomLoop loop, Topology topology) {
    this.loop = loop;
    this.topology = topology;
  }

  /** Passes a request on when the turn ends. */
  void add(TopologyRequest request) {
    if (waiting.isEmpty()) {
      loop.atTurnEnd(this);
    }
    waiting.add(request);
  }

  @Override
  public void endTurn() {
    for (TopologyRequest request : waiting) {
      loop.send(topology.room(), topology.mail(request));
    }
    waiting.clear();
    loop.postOutgoing();
  }
}
