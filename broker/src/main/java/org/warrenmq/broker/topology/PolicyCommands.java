package org.warrenmq.broker.topology;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.topology.TopologyChange.PolicyRemoved;
import org.warrenmq.broker.topology.TopologyChange.PolicySet;
import org.warrenmq.broker.topology.TopologyCommand.ClearPolicy;
import org.warrenmq.broker.topology.TopologyCommand.SetPolicy;
import org.warrenmq.broker.topology.TopologyReply.Done;

/**
 * Decides about policies; what is refused is thrown before anything changed. A change is answered
 * when all that was there goes by it. Lives in the topology's room.
 */
final class PolicyCommands {
  private static final Logger log = LoggerFactory.getLogger(PolicyCommands.class);

  private final Catalogue catalogue;
  private final Decisions decisions;
  private final TopologyAccount memory;
  private final PolicySweep sweep;

  PolicyCommands(
      TopologyRoom room, Catalogue catalogue, Decisions decisions, TopologyAccount memory) {
    this.catalogue = catalogue;
    this.decisions = decisions;
    this.memory = memory;
    sweep = new PolicySweep(room);
  }

  void set(SetPolicy command, TopologyRequest request) {
    PolicySpec spec = command.spec();
    VirtualHost vhost = catalogue.existing(spec.vhost());
    PolicyRules.policy(spec);
    memory.checkRoomForParameter(PolicyCatalogue.cost(spec));
    decisions.make(new PolicySet(spec));
    log.info(
        "{} '{}' in vhost '{}' is {} for {} like '{}', priority {}",
        word(spec.kind()),
        spec.name(),
        spec.vhost(),
        JsonTerm.pairs(spec.definition()),
        spec.applyTo(),
        spec.pattern(),
        spec.priority().display());
    List<String> inVain = PolicyRules.withoutEffect(spec.definition());
    if (!inVain.isEmpty()) {
      log.info(
          "{} '{}' in vhost '{}': {} without effect so far",
          word(spec.kind()),
          spec.name(),
          spec.vhost(),
          String.join(", ", inVain));
    }
    sweep.begin(vhost, () -> decisions.answer(request, new Done()));
  }

  void clear(ClearPolicy command, TopologyRequest request) {
    VirtualHost vhost = catalogue.existing(command.vhost());
    if (vhost.policies().find(command.kind(), command.name()) == null) {
      throw Refusal.noParameter();
    }
    decisions.make(new PolicyRemoved(command.kind(), vhost.name(), command.name()));
    log.info(
        "{} '{}' in vhost '{}' was cleared", word(command.kind()), command.name(), vhost.name());
    sweep.begin(vhost, () -> decisions.answer(request, new Done()));
  }

  private static String word(PolicySpec.Kind kind) {
    return switch (kind) {
      case POLICY -> "policy";
      case OPERATOR -> "operator policy";
    };
  }
}
