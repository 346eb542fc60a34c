package org.warrenmq.broker.topology;

import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

/**
 * A policy as somebody wants it: names and values alone, right or wrong.
 *
 * @param kind who may set it, and over what it wins
 * @param pattern a regular expression for the names of queues and exchanges, as Perl writes them
 * @param applyTo which kinds of them, by {@link ApplyTo}'s names
 * @param priority a number: among those that match, the highest one holds
 * @param definition what it says, by {@link PolicyKey}'s names
 */
public record PolicySpec(
    Kind kind,
    String vhost,
    String name,
    String pattern,
    String applyTo,
    FieldValue priority,
    FieldTable definition) {
  /** What applies where nothing else is said. */
  public static final String USUAL_APPLY_TO = "all";

  /** That, too. */
  public static final FieldValue USUAL_PRIORITY = FieldValue.of(0L);

  /** Of each kind one policy holds for a queue or exchange, and both together. */
  public enum Kind {
    /** What users set for what is theirs. */
    POLICY,
    /** What the operator sets over that: limits, mostly. */
    OPERATOR
  }
}
