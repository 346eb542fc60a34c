package org.warrenmq.broker.topology;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.topology.PolicySpec.Kind;
import org.warrenmq.broker.topology.TopologyChange.Deletion;
import org.warrenmq.broker.topology.TopologyChange.GlobalParameterRemoved;
import org.warrenmq.broker.topology.TopologyChange.GlobalParameterSet;
import org.warrenmq.broker.topology.TopologyChange.ParameterRemoved;
import org.warrenmq.broker.topology.TopologyChange.PolicyRemoved;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

/**
 * The part of the {@link Catalogue} that makes changes of policies and parameters. Changed in the
 * topology's room, or before that is open.
 *
 * <p>What is new goes by the policies that are there then; what was there before is told by {@link
 * PolicySweep}.
 */
final class PolicyCatalogue {
  // Bytes, about.
  private static final int POLICY = 600;
  private static final int PARAMETER = 200;

  private final TopologyAccount memory;
  private final Map<String, FieldValue> globals = new ConcurrentHashMap<>();

  PolicyCatalogue(TopologyAccount memory) {
    this.memory = memory;
  }

  /** The parameters of the node, by name, at about this time. Any thread. */
  Map<String, FieldValue> globals() {
    return Map.copyOf(globals);
  }

  @Nullable FieldValue global(String name) {
    return globals.get(name);
  }

  void add(VirtualHost vhost, PolicySpec spec) {
    Policy policy = PolicyRules.policy(spec);
    Policy before = vhost.policies().find(spec.kind(), spec.name());
    memory.parametersTake(cost(spec) - (before == null ? 0 : cost(before.spec())));
    vhost.policies(vhost.policies().with(policy));
  }

  List<Deletion> remove(VirtualHost vhost, PolicyRemoved removed) {
    Policy policy = vhost.policies().find(removed.kind(), removed.name());
    if (policy == null) {
      return List.of();
    }
    memory.parametersTake(-cost(policy.spec()));
    vhost.policies(vhost.policies().without(removed.kind(), removed.name()));
    return List.of(removed);
  }

  static @Nullable Parameter find(VirtualHost vhost, String component, String name) {
    for (Parameter parameter : vhost.parameters()) {
      if (parameter.isCalled(component, name)) {
        return parameter;
      }
    }
    return null;
  }

  void add(VirtualHost vhost, Parameter parameter) {
    takeAway(vhost, parameter.component(), parameter.name());
    List<Parameter> all = new ArrayList<>(vhost.parameters());
    all.add(parameter);
    vhost.parameters(List.copyOf(all));
    memory.parametersTake(cost(parameter));
  }

  List<Deletion> remove(VirtualHost vhost, ParameterRemoved removed) {
    return takeAway(vhost, removed.component(), removed.name()) ? List.of(removed) : List.of();
  }

  private boolean takeAway(VirtualHost vhost, String component, String name) {
    Parameter there = find(vhost, component, name);
    if (there == null) {
      return false;
    }
    List<Parameter> others = new ArrayList<>(vhost.parameters());
    others.remove(there);
    vhost.parameters(List.copyOf(others));
    memory.parametersTake(-cost(there));
    return true;
  }

  void add(GlobalParameterSet set) {
    FieldValue before = globals.put(set.name(), set.value());
    memory.parametersTake(
        cost(set.name(), set.value()) - (before == null ? 0 : cost(set.name(), before)));
  }

  List<Deletion> remove(GlobalParameterRemoved removed) {
    FieldValue gone = globals.remove(removed.name());
    if (gone == null) {
      return List.of();
    }
    memory.parametersTake(-cost(removed.name(), gone));
    return List.of(removed);
  }

  /** A virtual host goes, with all that is set in it. */
  List<Deletion> vhostGoes(VirtualHost vhost) {
    List<Deletion> gone = new ArrayList<>();
    long bytes = 0;
    for (Kind kind : Kind.values()) {
      for (Policy policy : vhost.policies().all(kind)) {
        bytes += cost(policy.spec());
        gone.add(new PolicyRemoved(kind, vhost.name(), policy.name()));
      }
    }
    for (Parameter parameter : vhost.parameters()) {
      bytes += cost(parameter);
      gone.add(new ParameterRemoved(vhost.name(), parameter.component(), parameter.name()));
    }
    vhost.policies(Policies.NONE);
    vhost.parameters(List.of());
    memory.parametersTake(-bytes);
    return gone;
  }

  // What it takes in memory.

  static long cost(PolicySpec policy) {
    return POLICY
        + policy.name().length()
        + UserCatalogue.costOfPattern(policy.pattern())
        + 2 * policy.definition().sizeInMemory();
  }

  static long cost(Parameter parameter) {
    return parameter.component().length() + cost(parameter.name(), parameter.value());
  }

  static long cost(String name, FieldValue value) {
    return PARAMETER + name.length() + FieldTable.of("", value).sizeInMemory();
  }
}
