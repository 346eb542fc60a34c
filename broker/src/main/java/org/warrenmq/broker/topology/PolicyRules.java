package org.warrenmq.broker.topology;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.auth.PermissionPattern;
import org.warrenmq.broker.topology.PolicySpec.Kind;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

/**
 * What policies may be called and say; checks are in RabbitMQ's order and words. Stateless, any
 * thread.
 */
final class PolicyRules {
  private PolicyRules() {}

  /**
   * The policy that somebody wants.
   *
   * @throws ChannelError PRECONDITION_FAILED naming all that is wrong with it
   */
  static Policy policy(PolicySpec spec) {
    List<String> faults = new ArrayList<>();
    String inDefinition = definitionFault(spec);
    if (inDefinition != null) {
      faults.add(inDefinition);
    }
    ApplyTo applyTo = ApplyTo.named(spec.applyTo());
    if (applyTo == null) {
      faults.add(
          ("apply-to '%s' unrecognised; should be one of: 'queues', 'classic_queues', "
                  + " 'quorum_queues', 'streams', 'exchanges', or 'all'")
              .formatted(spec.applyTo()));
    }
    PermissionPattern pattern = null;
    try {
      pattern = PermissionPattern.matching(spec.pattern());
    } catch (PatternSyntaxException e) {
      faults.add(
          "pattern should be regular expression but is invalid: {\"%s\",%d}"
              .formatted(e.getDescription(), Math.max(0, e.getIndex())));
    }
    if (Double.isNaN(ArgumentRule.number(spec.priority()))) {
      faults.add("priority should be a number, actually was " + JsonTerm.of(spec.priority()));
    }
    if (applyTo == null || pattern == null || !faults.isEmpty()) {
      throw Refusal.invalidParameter(faults);
    }
    return new Policy(spec, pattern, applyTo);
  }

  private static @Nullable String definitionFault(PolicySpec spec) {
    FieldTable definition = spec.definition();
    if (definition.isEmpty()) {
      return "no policy provided";
    }
    FieldTable.Builder unknown = FieldTable.builder();
    boolean allKnown = true;
    for (Map.Entry<String, FieldValue> said : new TreeMap<>(definition.asMap()).entrySet()) {
      PolicyKey key = PolicyKey.named(said.getKey());
      if (key == null || spec.kind() == Kind.OPERATOR && !key.isForOperators()) {
        unknown.put(said.getKey(), said.getValue());
        allKnown = false;
      } else {
        String fault = key.value().fault(said.getValue());
        if (fault != null) {
          return fault;
        }
      }
    }
    return allKnown
        ? MirrorRules.fault(definition)
        : JsonTerm.pairs(unknown.build()) + " are not recognised policy settings";
  }

  /** The keys, in their order, that are kept and do nothing. */
  static List<String> withoutEffect(FieldTable definition) {
    return definition.names().stream()
        .filter(
            name -> {
              PolicyKey key = PolicyKey.named(name);
              return key != null && !key.hasEffect();
            })
        .toList();
  }
}
