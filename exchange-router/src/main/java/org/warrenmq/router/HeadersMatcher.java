package org.warrenmq.router;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

/**
 * Headers bindings indexed by their conditions: changed by the topology room, read by event loops.
 *
 * <p>A binding that needs any one of its conditions is filed under each of them and matches as soon
 * as one is met. One that needs all is filed under the one that fewest others are filed under, and
 * checked whole when that one is met. A message looks up its own headers, so it pays for those and
 * for the bindings that share one, not for every binding.
 */
final class HeadersMatcher implements Matcher {
  private final ConcurrentHashMap<HeaderPattern.Condition, Rules> byCondition =
      new ConcurrentHashMap<>();

  /** Bindings that need all of no conditions: they always match. */
  private final Rules unconditional = new Rules();

  @Override
  public void add(Binding binding) {
    Rule rule = Rule.of(binding);
    if (rule.pattern.conditions().isEmpty()) {
      if (rule.pattern.all()) {
        unconditional.insert(rule);
      }
    } else if (rule.pattern.all()) {
      file(rarest(rule.pattern), rule);
    } else {
      rule.pattern.conditions().forEach(condition -> file(condition, rule));
    }
  }

  private HeaderPattern.Condition rarest(HeaderPattern pattern) {
    HeaderPattern.Condition rarest = pattern.conditions().getFirst();
    int fewest = Integer.MAX_VALUE;
    for (HeaderPattern.Condition condition : pattern.conditions()) {
      Rules rules = byCondition.get(condition);
      int filed = rules == null ? 0 : rules.size();
      if (filed < fewest) {
        fewest = filed;
        rarest = condition;
      }
    }
    return rarest;
  }

  private void file(HeaderPattern.Condition condition, Rule rule) {
    Rules rules = byCondition.get(condition);
    if (rules == null) {
      rules = new Rules();
      byCondition.put(condition, rules);
    }
    rules.insert(rule);
  }

  @Override
  public void remove(Binding binding) {
    Rule rule = Rule.of(binding);
    if (rule.pattern.conditions().isEmpty()) {
      unconditional.delete(rule);
    }
    for (HeaderPattern.Condition condition : rule.pattern.conditions()) {
      Rules rules = byCondition.get(condition);
      if (rules != null && rules.delete(rule) && rules.isEmpty()) {
        byCondition.remove(condition);
      }
    }
  }

  @Override
  public void match(String routingKey, MessageProperties properties, Sink sink) {
    unconditional.report(FieldTable.EMPTY, sink);
    if (byCondition.isEmpty()) {
      return;
    }
    FieldTable table = properties.headers();
    if (table == null) {
      return;
    }
    for (Map.Entry<String, FieldValue> header : table.entries()) {
      report(header.getKey(), HeaderValue.ANY, table, sink);
      report(header.getKey(), HeaderValue.of(header.getValue()), table, sink);
    }
  }

  @Override
  public boolean keyOnly() {
    return false;
  }

  private void report(String name, Object value, FieldTable headers, Sink sink) {
    Rules rules = byCondition.get(new HeaderPattern.Condition(name, value));
    if (rules != null) {
      rules.report(headers, sink);
    }
  }

  boolean isEmpty() {
    return byCondition.isEmpty() && unconditional.isEmpty();
  }

  /** A binding and its arguments taken apart; the binding alone is its identity. */
  private record Rule(Binding binding, HeaderPattern pattern) {
    static Rule of(Binding binding) {
      return new Rule(binding, HeaderPattern.of(binding.arguments()));
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Rule that && binding.equals(that.binding);
    }

    @Override
    public int hashCode() {
      return binding.hashCode();
    }
  }

  /** The bindings filed under one condition. */
  private static final class Rules extends SlotTable<Rule> {
    void report(FieldTable headers, Sink sink) {
      AtomicReferenceArray<@Nullable Object> table = slots();
      for (int i = 0; i < table.length(); i++) {
        if (table.getAcquire(i) instanceof Rule(Binding binding, HeaderPattern pattern)
            && (!pattern.all() || pattern.matches(headers))) {
          sink.accept(binding.destination());
        }
      }
    }
  }
}
