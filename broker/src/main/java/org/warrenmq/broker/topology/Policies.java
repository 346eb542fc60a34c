package org.warrenmq.broker.topology;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.topology.PolicySpec.Kind;
import org.warrenmq.router.ExchangeSpec;

/**
 * All policies of a virtual host, and which of them hold for what. Immutable but for what it
 * remembers; any thread.
 *
 * <p>Of those that match, the one of the highest priority holds, and among equals the first by
 * name.
 */
public final class Policies {
  public static final Policies NONE = new Policies(List.of(), List.of());

  private static final Comparator<Policy> ORDER =
      Comparator.comparingDouble(Policy::priority).reversed().thenComparing(Policy::name);

  private final List<Policy> ofUsers;
  private final List<Policy> ofOperator;

  /** Pairs that hold somewhere, so that all for which they do share one. */
  private final ConcurrentHashMap<Pair, AppliedPolicies> applied = new ConcurrentHashMap<>();

  private record Pair(@Nullable Policy policy, @Nullable Policy operator) {}

  private Policies(List<Policy> ofUsers, List<Policy> ofOperator) {
    this.ofUsers = ofUsers;
    this.ofOperator = ofOperator;
  }

  /** Those of a kind, the highest priority first. */
  public List<Policy> all(Kind kind) {
    return switch (kind) {
      case POLICY -> ofUsers;
      case OPERATOR -> ofOperator;
    };
  }

  /** The policy of that name, or null. */
  public @Nullable Policy find(Kind kind, String name) {
    for (Policy policy : all(kind)) {
      if (policy.name().equals(name)) {
        return policy;
      }
    }
    return null;
  }

  /** What holds for a queue that was declared so. */
  public AppliedPolicies of(QueueSpec queue) {
    return applied(firstOf(ofUsers, queue), firstOf(ofOperator, queue));
  }

  /** What holds for an exchange. */
  public AppliedPolicies of(ExchangeSpec exchange) {
    return applied(firstOf(ofUsers, exchange), firstOf(ofOperator, exchange));
  }

  private AppliedPolicies applied(@Nullable Policy policy, @Nullable Policy operator) {
    return policy == null && operator == null
        ? AppliedPolicies.NONE
        : applied.computeIfAbsent(
            new Pair(policy, operator), pair -> AppliedPolicies.of(pair.policy, pair.operator));
  }

  private static @Nullable Policy firstOf(List<Policy> policies, QueueSpec queue) {
    for (Policy policy : policies) {
      if (policy.covers(queue)) {
        return policy;
      }
    }
    return null;
  }

  private static @Nullable Policy firstOf(List<Policy> policies, ExchangeSpec exchange) {
    for (Policy policy : policies) {
      if (policy.covers(exchange)) {
        return policy;
      }
    }
    return null;
  }

  /** These, with one more, or another one of its name. */
  Policies with(Policy policy) {
    Kind kind = policy.spec().kind();
    List<Policy> others = others(kind, policy.name());
    others.add(policy);
    others.sort(ORDER);
    return with(kind, others);
  }

  /** These but one. */
  Policies without(Kind kind, String name) {
    return with(kind, others(kind, name));
  }

  private List<Policy> others(Kind kind, String name) {
    List<Policy> others = new ArrayList<>(all(kind));
    others.removeIf(policy -> policy.name().equals(name));
    return others;
  }

  private Policies with(Kind kind, List<Policy> policies) {
    return switch (kind) {
      case POLICY -> new Policies(List.copyOf(policies), ofOperator);
      case OPERATOR -> new Policies(ofUsers, List.copyOf(policies));
    };
  }
}
