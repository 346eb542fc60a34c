package org.warrenmq.conformance.crash;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A model of some exchanges, queues with messages, and bindings; immutable. Each change makes a new
 * one, so that before and after of a change can both be kept.
 */
record Terrain(
    Map<String, ExchangeSpec> exchanges, Map<String, QueueSpec> queues, Set<Binding> bindings) {

  static final Terrain EMPTY = new Terrain(Map.of(), Map.of(), Set.of());

  /**
   * An exchange as it was declared.
   *
   * @param alternate name of its alternate exchange, or empty
   */
  record ExchangeSpec(String type, boolean durable, String alternate) {
    Map<String, Object> arguments() {
      return alternate.isEmpty() ? Map.of() : Map.of("alternate-exchange", alternate);
    }
  }

  /**
   * A queue as it was declared, and the persistent messages in it.
   *
   * @param content their ids in order
   */
  record QueueSpec(boolean durable, Map<String, Object> arguments, List<Long> content) {}

  record Binding(
      String source,
      String destination,
      boolean toQueue,
      String key,
      Map<String, Object> arguments) {}

  /** A message to learn from where it arrives. */
  record Probe(String key, Map<String, Object> headers) {}

  /** One that tells apart whatever the actors bind. */
  static final List<Probe> PROBES =
      List.of(
          new Probe("k1", Map.of()),
          new Probe("k2", Map.of("h", 1)),
          new Probe("a.b", Map.of("h", 1, "g", 2)),
          new Probe("x.a.b", Map.of("g", 2)));

  // ---------------------------------------------------------------- changes

  Terrain withExchange(String name, ExchangeSpec spec) {
    var changed = new HashMap<>(exchanges);
    changed.put(name, spec);
    return new Terrain(Map.copyOf(changed), queues, bindings);
  }

  Terrain withoutExchange(String name) {
    var changed = new HashMap<>(exchanges);
    changed.remove(name);
    return new Terrain(Map.copyOf(changed), queues, bindings).withoutLooseBindings();
  }

  Terrain withQueue(String name, QueueSpec spec) {
    var changed = new HashMap<>(queues);
    changed.put(name, spec);
    return new Terrain(exchanges, Map.copyOf(changed), bindings);
  }

  Terrain withoutQueue(String name) {
    var changed = new HashMap<>(queues);
    changed.remove(name);
    return new Terrain(exchanges, Map.copyOf(changed), bindings).withoutLooseBindings();
  }

  Terrain withMessage(String queue, long id) {
    QueueSpec spec = queues.get(queue);
    var content = new ArrayList<>(spec.content);
    content.add(id);
    return withQueue(queue, new QueueSpec(spec.durable, spec.arguments, List.copyOf(content)));
  }

  Terrain with(Binding binding) {
    var changed = new HashSet<>(bindings);
    changed.add(binding);
    return new Terrain(exchanges, queues, Set.copyOf(changed));
  }

  Terrain without(Binding binding) {
    var changed = new HashSet<>(bindings);
    changed.remove(binding);
    return new Terrain(exchanges, queues, Set.copyOf(changed));
  }

  private Terrain withoutLooseBindings() {
    Set<Binding> whole =
        bindings.stream()
            .filter(binding -> exchanges.containsKey(binding.source))
            .filter(
                binding ->
                    binding.toQueue
                        ? queues.containsKey(binding.destination)
                        : exchanges.containsKey(binding.destination))
            .collect(Collectors.toUnmodifiableSet());
    return new Terrain(exchanges, queues, whole);
  }

  /** What is left of it after the end of the broker. */
  Terrain afterRestart() {
    var lasting = new HashMap<>(exchanges);
    lasting.values().removeIf(spec -> !spec.durable);
    var lastingQueues = new HashMap<>(queues);
    lastingQueues.values().removeIf(spec -> !spec.durable);
    return new Terrain(Map.copyOf(lasting), Map.copyOf(lastingQueues), bindings)
        .withoutLooseBindings();
  }

  // ---------------------------------------------------------------- what clients can see of it

  /**
   * All that a client can find out.
   *
   * @param content messages by queue
   * @param routes the queues that each probe reaches, by exchange
   */
  record View(
      Set<String> exchanges,
      Map<String, List<Long>> content,
      Map<String, List<Set<String>>> routes) {}

  View view() {
    var content = new TreeMap<String, List<Long>>();
    queues.forEach((name, spec) -> content.put(name, spec.content));
    var routes = new TreeMap<String, List<Set<String>>>();
    for (String exchange : exchanges.keySet()) {
      routes.put(exchange, PROBES.stream().map(probe -> route(exchange, probe)).toList());
    }
    return new View(new TreeSet<>(exchanges.keySet()), content, routes);
  }

  private Set<String> route(String start, Probe probe) {
    var reached = new TreeSet<String>();
    var visited = new HashSet<String>();
    Deque<String> left = new ArrayDeque<>(List.of(start));
    while (!left.isEmpty()) {
      String exchange = left.remove();
      ExchangeSpec spec = exchanges.get(exchange);
      if (spec == null || !visited.add(exchange)) {
        continue;
      }
      boolean matched = false;
      for (Binding binding : bindings) {
        if (binding.source.equals(exchange) && matches(spec.type, binding, probe)) {
          matched = true;
          if (binding.toQueue) {
            reached.add(binding.destination);
          } else {
            left.add(binding.destination);
          }
        }
      }
      if (!matched && !spec.alternate.isEmpty()) {
        left.add(spec.alternate);
      }
    }
    return reached;
  }

  private static boolean matches(String type, Binding binding, Probe probe) {
    return switch (type) {
      case "direct" -> binding.key.equals(probe.key);
      case "fanout" -> true;
      case "topic" -> topic(List.of(binding.key.split("\\.")), List.of(probe.key.split("\\.")));
      case "headers" -> headers(binding.arguments, probe.headers);
      default -> throw new IllegalArgumentException(type);
    };
  }

  private static boolean topic(List<String> pattern, List<String> words) {
    if (pattern.isEmpty()) {
      return words.isEmpty();
    }
    List<String> rest = pattern.subList(1, pattern.size());
    if (pattern.getFirst().equals("#")) {
      return topic(rest, words)
          || (!words.isEmpty() && topic(pattern, words.subList(1, words.size())));
    }
    return !words.isEmpty()
        && (pattern.getFirst().equals("*") || pattern.getFirst().equals(words.getFirst()))
        && topic(rest, words.subList(1, words.size()));
  }

  private static boolean headers(Map<String, Object> arguments, Map<String, Object> headers) {
    var wanted = new HashMap<>(arguments);
    boolean any = "any".equals(wanted.remove("x-match"));
    return any
        ? wanted.entrySet().stream().anyMatch(headers.entrySet()::contains)
        : headers.entrySet().containsAll(wanted.entrySet());
  }
}
