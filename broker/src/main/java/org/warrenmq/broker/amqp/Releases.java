package org.warrenmq.broker.amqp;

import java.util.ArrayList;
import org.warrenmq.broker.topology.Topology;
import org.warrenmq.broker.topology.TopologyCommand.ReleaseConnection;
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
  private final ArrayList<ReleaseConnection> waiting = new ArrayList<>();

  Releases(RoomLoop loop, Topology topology) {
    this.loop = loop;
    this.topology = topology;
  }

  /** Passes a command on when the turn ends. */
  void add(ReleaseConnection command) {
    if (waiting.isEmpty()) {
      loop.atTurnEnd(this);
    }
    waiting.add(command);
  }

  @Override
  public void endTurn() {
    for (ReleaseConnection command : waiting) {
      loop.send(topology.room(), topology.mail(command));
    }
    waiting.clear();
    loop.postOutgoing();
  }
}
