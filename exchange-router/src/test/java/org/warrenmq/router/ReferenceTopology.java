package org.warrenmq.router;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What routing and auto-delete mean, written for reading and not for speed: names instead of
 * objects, sets that are searched whole, and nothing remembered.
 */
final class ReferenceTopology {
  /** An exchange by name. */
  record Node(String type, boolean autoDelete, @Nullable String argument) {}

  /** A binding by names; the destination is {@code q:name} or {@code x:name}. */
  record Edge(String source, String destination, String key, boolean needsHeader) {}

  final Map<String, Node> exchanges = new TreeMap<>();
  final Map<String, String> policies = new TreeMap<>();
  final Set<String> queues = new TreeSet<>();
  final Set<Edge> edges = new LinkedHashSet<>();
  private final Set<String> everBound = new TreeSet<>();

  void bind(Edge edge) {
    edges.add(edge);
    everBound.add(edge.source);
  }

  void unbind(Edge edge) {
    if (edges.remove(edge)) {
      reap(Set.of(edge.source));
    }
  }

  void removeQueue(String name) {
    queues.remove(name);
    reap(cut("q:" + name));
  }

  void delete(String name) {
    exchanges.remove(name);
    policies.remove(name);
    everBound.remove(name);
    edges.removeIf(edge -> edge.source.equals(name));
    reap(cut("x:" + name));
  }

  private Set<String> cut(String destination) {
    Set<String> sources = new TreeSet<>();
    edges.removeIf(edge -> edge.destination.equals(destination) && sources.add(edge.source));
    edges.removeIf(edge -> edge.destination.equals(destination));
    return sources;
  }

  private void reap(Set<String> suspects) {
    for (String suspect : suspects) {
      Node node = exchanges.get(suspect);
      if (node != null
          && node.autoDelete
          && everBound.contains(suspect)
          && edges.stream().noneMatch(edge -> edge.source.equals(suspect))) {
        delete(suspect);
      }
    }
  }

  TreeSet<String> route(String first, String key, boolean hasHeader) {
    TreeSet<String> reached = new TreeSet<>();
    Set<String> seen = new TreeSet<>();
    Deque<String> work = new ArrayDeque<>(Set.of(first));
    while (!work.isEmpty()) {
      String name = work.poll();
      if ((!name.isEmpty() && !exchanges.containsKey(name)) || !seen.add(name)) {
        continue;
      }
      Set<String> found = select(name, key, hasHeader);
      for (String destination : found) {
        if (destination.startsWith("q:")) {
          reached.add(destination.substring(2));
        } else {
          work.add(destination.substring(2));
        }
      }
      String alternate = alternate(name);
      if (found.isEmpty() && alternate != null) {
        work.add(alternate);
      }
    }
    return reached;
  }

  private @Nullable String alternate(String name) {
    Node node = exchanges.get(name);
    if (node == null || node.argument != null) {
      return node == null ? null : node.argument;
    }
    return policies.get(name);
  }

  private Set<String> select(String name, String key, boolean hasHeader) {
    Set<String> found = new TreeSet<>();
    if (name.isEmpty()) {
      if (queues.contains(key)) {
        found.add("q:" + key);
      }
      return found;
    }
    String type = exchanges.get(name).type;
    List<Edge> outgoing = edges.stream().filter(edge -> edge.source.equals(name)).toList();
    if (type.startsWith("x-")) {
      return outgoing.isEmpty() ? found : Set.of(choose(type, outgoing, key));
    }
    for (Edge edge : outgoing) {
      if (matches(type, edge, key, hasHeader)) {
        found.add(edge.destination);
      }
    }
    return found;
  }

  private static String choose(String type, List<Edge> outgoing, String key) {
    long hash = StableHash.of(key);
    return switch (type) {
      case "x-modulus-hash" -> {
        List<String> sorted = outgoing.stream().map(Edge::destination).sorted().toList();
        yield sorted.get((int) Long.remainderUnsigned(hash, sorted.size()));
      }
      case "x-consistent-hash" ->
          Collections.min(outgoing, Comparator.comparingDouble(edge -> delay(edge, hash)))
              .destination;
      default -> throw new IllegalArgumentException(type);
    };
  }

  private static double delay(Edge edge, long hash) {
    long drawn = StableHash.of(hash, StableHash.of(edge.destination)) >>> 11;
    return -StrictMath.log((drawn + 0.5) / (1L << 53)) / Integer.parseInt(edge.key);
  }

  private static boolean matches(String type, Edge edge, String key, boolean hasHeader) {
    return switch (type) {
      case "direct" -> edge.key.equals(key);
      case "fanout" -> true;
      case "topic" -> TopicMatcherTest.reference(edge.key, key);
      case "headers" -> !edge.needsHeader || hasHeader;
      default -> throw new IllegalArgumentException(type);
    };
  }
}
