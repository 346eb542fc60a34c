package org.warrenmq.broker.topology;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.auth.Limits;
import org.warrenmq.broker.topology.TopologyChange.GlobalParameterRemoved;
import org.warrenmq.broker.topology.TopologyChange.GlobalParameterSet;
import org.warrenmq.broker.topology.TopologyChange.ParameterRemoved;
import org.warrenmq.broker.topology.TopologyChange.ParameterSet;
import org.warrenmq.broker.topology.TopologyCommand.ClearGlobalParameter;
import org.warrenmq.broker.topology.TopologyCommand.ClearParameter;
import org.warrenmq.broker.topology.TopologyCommand.ParameterCommand;
import org.warrenmq.broker.topology.TopologyCommand.SetGlobalParameter;
import org.warrenmq.broker.topology.TopologyCommand.SetParameter;
import org.warrenmq.broker.topology.TopologyCommand.SetVhostLimits;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

/**
 * Decides about parameters; what is refused is thrown before anything changed. Lives in the
 * topology's room.
 */
final class ParameterCommands {
  private static final Logger log = LoggerFactory.getLogger(ParameterCommands.class);

  private static final String POLICY = "policy";
  private static final String OPERATOR_POLICY = "operator_policy";
  private static final String VHOST_LIMITS = "vhost-limits";
  private static final String LIMITS = "limits";

  private final Catalogue catalogue;
  private final Decisions decisions;
  private final TopologyAccount memory;
  private final VhostCommands vhosts;

  ParameterCommands(
      Catalogue catalogue, Decisions decisions, TopologyAccount memory, VhostCommands vhosts) {
    this.catalogue = catalogue;
    this.decisions = decisions;
    this.memory = memory;
    this.vhosts = vhosts;
  }

  void carryOut(ParameterCommand command) {
    switch (command) {
      case SetParameter(Parameter parameter) -> set(parameter);
      case ClearParameter clear -> clear(clear);
      case SetGlobalParameter(String name, FieldValue value) -> {
        memory.checkRoomForParameter(PolicyCatalogue.cost(name, value));
        decisions.make(new GlobalParameterSet(name, value));
        log.info("global parameter '{}' was set", name);
      }
      case ClearGlobalParameter(String name) -> {
        if (catalogue.policies().global(name) == null) {
          throw Refusal.noParameter();
        }
        decisions.make(new GlobalParameterRemoved(name));
        log.info("global parameter '{}' was cleared", name);
      }
    }
  }

  private void set(Parameter parameter) {
    String component = parameter.component();
    if (component.equals(POLICY) || component.equals(OPERATOR_POLICY)) {
      throw Refusal.policyAsParameter("set");
    }
    VirtualHost vhost = catalogue.existing(parameter.vhost());
    check(parameter);
    if (component.equals(VHOST_LIMITS)) {
      vhosts.limit(new SetVhostLimits(vhost.name(), limits(parameter)));
    } else {
      keep(parameter);
    }
  }

  /**
   * @throws ChannelError PRECONDITION_FAILED when nobody may keep it, whatever there is
   */
  static void check(Parameter parameter) {
    switch (parameter.component()) {
      case VHOST_LIMITS -> Limits.ofVhost(limits(parameter));
      case "shovel", "federation-upstream" ->
          check(parameter, parameter.value() instanceof FieldValue.Table);
      case "federation-upstream-set" ->
          check(parameter, parameter.value() instanceof FieldValue.ArrayValue);
      default ->
          throw Refusal.invalidParameter(
              List.of("component " + parameter.component() + " not found"));
    }
  }

  /** Whether it does nothing so far. */
  static boolean isInVain(Parameter parameter) {
    return !parameter.component().equals(VHOST_LIMITS);
  }

  private static void check(Parameter parameter, boolean right) {
    if (!right) {
      throw Refusal.invalidParameter(
          List.of(parameter.name() + " not a list " + JsonTerm.of(parameter.value())));
    }
  }

  private void keep(Parameter parameter) {
    memory.checkRoomForParameter(PolicyCatalogue.cost(parameter));
    decisions.make(new ParameterSet(parameter));
    log.info(
        "parameter '{}' of {} in vhost '{}' is kept, without effect so far",
        parameter.name(),
        parameter.component(),
        parameter.vhost());
  }

  private static Map<String, Integer> limits(Parameter parameter) {
    if (!parameter.name().equals(LIMITS)
        || !(parameter.value() instanceof FieldValue.Table(FieldTable table))) {
      throw Refusal.invalidParameter(
          List.of(parameter.name() + " not a list " + JsonTerm.of(parameter.value())));
    }
    Map<String, Integer> limits = new HashMap<>();
    for (Map.Entry<String, FieldValue> limit : table.entries()) {
      FieldValue value = limit.getValue();
      if (!value.isInteger() || value.asLong() != (int) value.asLong()) {
        throw Refusal.invalidParameter(
            List.of(limit.getKey() + " should be a number, actually was " + JsonTerm.of(value)));
      }
      limits.put(limit.getKey(), (int) value.asLong());
    }
    return limits;
  }

  private void clear(ClearParameter clear) {
    String component = clear.component();
    if (component.equals(POLICY) || component.equals(OPERATOR_POLICY)) {
      throw Refusal.policyAsParameter("cleared");
    }
    VirtualHost vhost = catalogue.existing(clear.vhost());
    if (component.equals(VHOST_LIMITS) && !vhost.limits().equals(Limits.NONE)) {
      vhosts.limit(new SetVhostLimits(vhost.name(), Map.of()));
      return;
    }
    if (PolicyCatalogue.find(vhost, component, clear.name()) == null) {
      throw Refusal.noParameter();
    }
    decisions.make(new ParameterRemoved(vhost.name(), component, clear.name()));
    log.info(
        "parameter '{}' of {} in vhost '{}' was cleared", clear.name(), component, vhost.name());
  }
}
