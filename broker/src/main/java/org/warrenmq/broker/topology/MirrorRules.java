package org.warrenmq.broker.topology;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

/**
 * What a policy may say about mirrored queues, as RabbitMQ knew them up to 3.13; in its words.
 * Stateless, any thread.
 */
final class MirrorRules {
  private MirrorRules() {}

  /** What is wrong with what a policy says about mirrors, or null. */
  static @Nullable String fault(FieldTable definition) {
    FieldValue mode = value(definition, PolicyKey.HA_MODE);
    if (mode == null) {
      boolean any = definition.names().stream().anyMatch(name -> name.startsWith("ha-"));
      return any
          ? "ha-mode must be specified to specify ha-params, ha-sync-mode or"
              + " ha-promote-on-shutdown"
          : null;
    }
    String fault = modeFault(mode, value(definition, PolicyKey.HA_PARAMS));
    if (fault == null) {
      fault = wordFault(definition, PolicyKey.HA_SYNC_MODE, "manual", "automatic");
    }
    if (fault == null) {
      fault = wordFault(definition, PolicyKey.HA_PROMOTE_ON_SHUTDOWN, "always", "when-synced");
    }
    if (fault == null) {
      fault = wordFault(definition, PolicyKey.HA_PROMOTE_ON_FAILURE, "always", "when-synced");
    }
    FieldValue batch = value(definition, PolicyKey.HA_SYNC_BATCH_SIZE);
    if (fault == null && batch != null && !(batch.isInteger() && batch.asLong() > 0)) {
      fault =
          "ha-sync-batch-size takes an integer greater than 0, " + JsonTerm.of(batch) + " given";
    }
    return fault;
  }

  private static @Nullable FieldValue value(FieldTable definition, PolicyKey key) {
    return definition.get(key.wireName());
  }

  private static @Nullable String modeFault(FieldValue mode, @Nullable FieldValue params) {
    String given = params == null ? "none" : JsonTerm.of(params);
    return switch (mode) {
      case FieldValue.LongString(String name) when name.equals("all") ->
          params == null ? null : "ha-mode=\"all\" does not take parameters";
      case FieldValue.LongString(String name) when name.equals("exactly") ->
          params != null && params.isInteger() && params.asLong() > 0
              ? null
              : "ha-mode=\"exactly\" takes an integer, " + given + " given";
      case FieldValue.LongString(String name) when name.equals("nodes") -> nodesFault(params);
      default -> JsonTerm.of(mode) + " is not a valid ha-mode value";
    };
  }

  private static @Nullable String nodesFault(@Nullable FieldValue params) {
    if (!(params instanceof FieldValue.ArrayValue(List<FieldValue> nodes))) {
      String given = params == null ? "none" : JsonTerm.of(params);
      return "ha-mode=\"nodes\" takes a list, " + given + " given";
    }
    if (nodes.isEmpty()) {
      return "ha-mode=\"nodes\" list must be non-empty";
    }
    List<FieldValue> wrong =
        nodes.stream().filter(node -> !(node instanceof FieldValue.LongString)).toList();
    return wrong.isEmpty()
        ? null
        : "ha-mode=\"nodes\" takes a list of strings, "
            + JsonTerm.of(new FieldValue.ArrayValue(wrong))
            + " was not a string";
  }

  private static @Nullable String wordFault(
      FieldTable definition, PolicyKey key, String one, String other) {
    FieldValue value = value(definition, key);
    if (value == null) {
      return null;
    }
    boolean right =
        value instanceof FieldValue.LongString(String word)
            && (word.equals(one) || word.equals(other));
    return right
        ? null
        : "%s must be \"%s\" or \"%s\", got %s"
            .formatted(key.wireName(), one, other, JsonTerm.of(value));
  }
}
