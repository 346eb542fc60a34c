package org.warrenmq.broker.topology;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.topology.TopologyChange.VhostAdded;
import org.warrenmq.broker.topology.TopologyChange.VhostRemoved;
import org.warrenmq.broker.topology.TopologyCommand.CreateVhost;
import org.warrenmq.broker.topology.TopologyCommand.DeleteVhost;

/** Decides about virtual hosts. Lives in the topology's room. */
final class VhostCommands {
  private static final Logger log = LoggerFactory.getLogger(VhostCommands.class);

  private final Catalogue catalogue;
  private final Decisions decisions;
  private final TopologyAccount account;
  private final QueueCommands queues;
  private final List<Consumer<VirtualHost>> mourners = new ArrayList<>();

  VhostCommands(
      Catalogue catalogue, Decisions decisions, TopologyAccount account, QueueCommands queues) {
    this.catalogue = catalogue;
    this.decisions = decisions;
    this.account = account;
    this.queues = queues;
  }

  /** Tells somebody of each one that is gone, in the topology's room. */
  void whenGone(Consumer<VirtualHost> somebody) {
    mourners.add(somebody);
  }

  /** To create what is there is fine. */
  void create(CreateVhost command) {
    String name = command.name();
    if (catalogue.vhost(name) == null) {
      VhostRules.checkName(name);
      account.checkRoomForVhost(name);
      decisions.make(new VhostAdded(name));
      log.info("vhost '{}' was created", name);
    }
  }

  /**
   * It goes at once with everything in it, in one piece: after a crash all of it is there or
   * nothing. Who is in it is told, and does not have to agree.
   */
  void delete(DeleteVhost command) {
    String name = command.name();
    VirtualHost vhost = catalogue.vhost(name);
    if (vhost == null) {
      throw Refusal.noVhost(name);
    }
    List<QueueEntry> gone = List.copyOf(vhost.queues());
    gone.forEach(queues::seal);
    decisions.make(new VhostRemoved(name));
    gone.forEach(queues::ended);
    mourners.forEach(mourner -> mourner.accept(vhost));
    log.info("vhost '{}' was deleted, with {} queues", name, gone.size());
  }
}
