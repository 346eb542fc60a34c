package org.warrenmq.broker.topology;

import org.warrenmq.broker.auth.PermissionPattern;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.router.ExchangeSpec;

/**
 * A policy that holds, or would if it matched anything. Immutable, any thread; equal to itself
 * alone.
 */
public final class Policy {
  private final PolicySpec spec;
  private final PermissionPattern pattern;
  private final ApplyTo applyTo;
  private final boolean onClassic;
  private final boolean onQuorum;

  Policy(PolicySpec spec, PermissionPattern pattern, ApplyTo applyTo) {
    this.spec = spec;
    this.pattern = pattern;
    this.applyTo = applyTo;
    onClassic = applyTo.takesQueues(false) && PolicyKey.allTakenBy(false, spec.definition());
    onQuorum = applyTo.takesQueues(true) && PolicyKey.allTakenBy(true, spec.definition());
  }

  /** As it was given. */
  public PolicySpec spec() {
    return spec;
  }

  public String name() {
    return spec.name();
  }

  public FieldTable definition() {
    return spec.definition();
  }

  double priority() {
    return ArgumentRule.number(spec.priority());
  }

  /**
   * Whether it is for such a queue, whatever others say: its type must know all that the policy
   * says.
   */
  boolean covers(QueueSpec queue) {
    return (queue.isQuorum() ? onQuorum : onClassic) && pattern.covers(queue.name());
  }

  boolean covers(ExchangeSpec exchange) {
    return applyTo.takesExchanges()
        && !exchange.name().isEmpty()
        && pattern.covers(exchange.name());
  }

  @Override
  public String toString() {
    return spec.toString();
  }
}
