package org.warrenmq.broker.topology;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.auth.Limits;
import org.warrenmq.broker.topology.TopologyChange.VhostAdded;
import org.warrenmq.broker.topology.TopologyChange.VhostDescribed;
import org.warrenmq.broker.topology.TopologyChange.VhostLimitsRemoved;
import org.warrenmq.broker.topology.TopologyChange.VhostLimitsSet;
import org.warrenmq.broker.topology.TopologyChange.VhostRemoved;
import org.warrenmq.broker.topology.TopologyChange.VhostUndescribed;
import org.warrenmq.broker.topology.TopologyCommand.CreateVhost;
import org.warrenmq.broker.topology.TopologyCommand.DeleteVhost;
import org.warrenmq.broker.topology.TopologyCommand.SetVhostLimits;
import org.warrenmq.broker.topology.TopologyReply.Done;

/** Decides about virtual hosts. Lives in the topology's room. */
final class VhostCommands {
  private static final Logger log = LoggerFactory.getLogger(VhostCommands.class);

  private final Catalogue catalogue;
  private final Decisions decisions;
  private final TopologyAccount account;
  private final NodeRoom node;
  private final VhostBeginnings beginnings;
  private final QueueCommands queues;
  private final Consumer<TopologyRequest> again;
  private final List<Consumer<VirtualHost>> mourners = new ArrayList<>();

  /** Those that are going, by name, and the requests that wait until they are gone. */
  private final Map<String, ArrayDeque<TopologyRequest>> going = new HashMap<>();

  /**
   * @param again handles a request from its beginning
   */
  VhostCommands(
      Catalogue catalogue,
      Decisions decisions,
      TopologyAccount account,
      NodeRoom node,
      VhostBeginnings beginnings,
      QueueCommands queues,
      Consumer<TopologyRequest> again) {
    this.catalogue = catalogue;
    this.decisions = decisions;
    this.account = account;
    this.node = node;
    this.beginnings = beginnings;
    this.queues = queues;
    this.again = again;
  }

  /** Tells somebody of each one that goes, in the topology's room. */
  void whenGoing(Consumer<VirtualHost> somebody) {
    mourners.add(somebody);
  }

  private boolean isDeferred(String name, TopologyRequest request) {
    ArrayDeque<TopologyRequest> waiting = going.get(name);
    if (waiting != null) {
      waiting.add(request);
      return true;
    }
    return false;
  }

  /** To create what is there is fine. */
  void create(CreateVhost command, TopologyRequest request) {
    String name = command.name();
    if (isDeferred(name, request)) {
      return;
    }
    if (command.traits() != null) {
      VhostRules.check(command.traits());
      account.checkRoomForParameter(command.traits().cost());
    }
    if (catalogue.vhost(name) == null) {
      VhostRules.checkName(name);
      node.checkVhost(name);
      account.checkRoomForVhost(name);
      decisions.make(new VhostAdded(name));
      log.info("vhost '{}' was created", name);
      beginnings.apply(catalogue.required(name));
    }
    VhostTraits traits = command.traits();
    VirtualHost vhost = catalogue.vhost(name);
    if (traits != null && vhost != null && !traits.equals(vhost.traits())) {
      describe(vhost, traits);
    }
    decisions.answer(request, new Done());
  }

  private void describe(VirtualHost vhost, VhostTraits traits) {
    decisions.make(
        traits.equals(VhostTraits.NONE)
            ? new VhostUndescribed(vhost.name())
            : new VhostDescribed(vhost.name(), traits));
    log.info("vhost '{}' is described as {}", vhost.name(), traits);
  }

  /**
   * Nobody gets in any more, and who is in it is told, and does not have to agree. When all its
   * queues have agreed to their end, so that nothing more is written of them, it goes with
   * everything in it, in one piece: after a crash all of it is there or nothing.
   */
  void delete(DeleteVhost command, TopologyRequest request) {
    String name = command.name();
    if (isDeferred(name, request)) {
      return;
    }
    VirtualHost vhost = catalogue.vhost(name);
    if (vhost == null) {
      throw Refusal.noVhost(name);
    }
    going.put(name, new ArrayDeque<>(1));
    vhost.markDeleted();
    mourners.forEach(mourner -> mourner.accept(vhost));
    queues.sealAll(List.copyOf(vhost.queues()), () -> gone(vhost, request));
  }

  /** Who is in it already stays. */
  void limit(SetVhostLimits command) {
    VirtualHost vhost = catalogue.vhost(command.vhost());
    if (vhost == null || vhost.isDeleted()) {
      throw Refusal.noVhost(command.vhost());
    }
    try {
      Limits limits = Limits.ofVhost(command.limits());
      decisions.make(
          limits.equals(Limits.NONE)
              ? new VhostLimitsRemoved(vhost.name())
              : new VhostLimitsSet(vhost.name(), limits));
      log.info("vhost '{}' has the limits {}", vhost.name(), limits.byName());
    } catch (IllegalArgumentException e) {
      throw Refusal.invalidVhost(String.valueOf(e.getMessage()));
    }
  }

  private void gone(VirtualHost vhost, TopologyRequest request) {
    List<QueueEntry> gone = List.copyOf(vhost.queues());
    decisions.make(new VhostRemoved(vhost.name()));
    gone.forEach(queues::ended);
    log.info("vhost '{}' was deleted, with {} queues", vhost.name(), gone.size());
    decisions.answer(request, new Done());
    ArrayDeque<TopologyRequest> waiting = going.remove(vhost.name());
    if (waiting != null) {
      waiting.forEach(again);
    }
  }
}
