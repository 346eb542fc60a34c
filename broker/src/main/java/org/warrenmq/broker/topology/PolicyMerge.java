package org.warrenmq.broker.topology;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

/**
 * How arguments, a policy and an operator's policy come together: by {@link PolicyKey}, key by key.
 * Stateless, any thread.
 */
final class PolicyMerge {
  /** No time is longer, whoever sets it: ten years, as with arguments. */
  private static final long LONGEST = 315_360_000_000L;

  private static final long UNSAID = -1;

  private PolicyMerge() {}

  /** What two policies say together. */
  static FieldTable definition(@Nullable Policy policy, @Nullable Policy operator) {
    if (policy == null || operator == null) {
      Policy only = policy == null ? operator : policy;
      return only == null ? FieldTable.EMPTY : only.definition();
    }
    FieldTable.Builder merged = FieldTable.builder().putAll(policy.definition());
    for (Map.Entry<String, FieldValue> said : operator.definition().entries()) {
      FieldValue given = policy.definition().get(said.getKey());
      PolicyKey key = PolicyKey.named(said.getKey());
      merged.put(
          said.getKey(),
          given == null || key == null ? said.getValue() : key.overruled(given, said.getValue()));
    }
    return merged.build();
  }

  /**
   * The arguments that a queue would have to have to be what it is without policies.
   *
   * @param own those it was declared with
   * @param definition what policies say
   */
  static FieldTable arguments(FieldTable own, FieldTable definition) {
    if (definition.isEmpty()) {
      return own;
    }
    boolean quorum = QueueArgument.isQuorum(own);
    FieldTable.Builder all = FieldTable.builder().putAll(own);
    for (Map.Entry<String, FieldValue> said : definition.entries()) {
      PolicyKey key = PolicyKey.named(said.getKey());
      QueueArgument argument = key == null ? null : key.argument();
      if (key != null && argument != null && argument.isTakenBy(quorum)) {
        FieldValue value = key.isTime() ? atMost(LONGEST, said.getValue()) : said.getValue();
        FieldValue declared = argument.in(own);
        all.put(
            argument.wireName(), declared == null ? value : key.beside(declared, value, quorum));
      }
    }
    return all.build();
  }

  /**
   * Milliseconds in which what is delivered has to be acked, 0 for any time.
   *
   * @param otherwise what holds where nobody says anything
   */
  static long ackTimeout(FieldTable own, FieldTable definition, long otherwise) {
    if (own.isEmpty() && definition.isEmpty()) {
      return otherwise;
    }
    long declared = millis(QueueArgument.CONSUMER_TIMEOUT.in(own));
    long set = millis(definition.get(PolicyKey.CONSUMER_TIMEOUT.wireName()));
    if (declared == UNSAID && set == UNSAID) {
      return otherwise;
    }
    // Where one of them sets no bound the other one counts.
    return declared > 0 && set > 0 ? Math.min(declared, set) : Math.max(declared, set);
  }

  /** No number, or one below 1, sets no bound. */
  private static long millis(@Nullable FieldValue value) {
    if (value == null) {
      return UNSAID;
    }
    return value.isInteger() ? Math.max(0, value.asLong()) : 0;
  }

  private static FieldValue atMost(long most, FieldValue value) {
    return value.asLong() <= most ? value : FieldValue.of(most);
  }
}
