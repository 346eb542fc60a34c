package org.warrenmq.broker.topology;

import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;

/**
 * The policies that hold for a queue or exchange, one of each kind at most, and what they come to.
 * Immutable, any thread; shared by all for which the same hold.
 */
public final class AppliedPolicies {
  /** Where none holds. */
  public static final AppliedPolicies NONE = new AppliedPolicies(null, null);

  private final @Nullable Policy policy;
  private final @Nullable Policy operator;
  private final FieldTable definition;

  private AppliedPolicies(@Nullable Policy policy, @Nullable Policy operator) {
    this.policy = policy;
    this.operator = operator;
    definition = PolicyMerge.definition(policy, operator);
  }

  static AppliedPolicies of(@Nullable Policy policy, @Nullable Policy operator) {
    return policy == null && operator == null ? NONE : new AppliedPolicies(policy, operator);
  }

  /** The user's policy, or null. */
  public @Nullable Policy policy() {
    return policy;
  }

  /** The operator's policy, or null. */
  public @Nullable Policy operator() {
    return operator;
  }

  /** What both say together: RabbitMQ's effective_policy_definition. */
  public FieldTable definition() {
    return definition;
  }

  /** Whether it is these two that hold. */
  boolean are(@Nullable Policy its, @Nullable Policy operators) {
    return policy == its && operator == operators;
  }
}
