package org.warrenmq.router;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * A trie of topic patterns by words: changed by the topology room, read by event loops without
 * locks.
 *
 * <p>{@code *} stands for exactly one word, {@code #} for any number of words. Words are separated
 * by dots and may be empty; the empty key has no word at all. A match walks the pairs of node and
 * word position, each at most once. Every node is visited at ascending positions: it has one
 * parent, and a {@code #} takes ever more words. So a {@code #} that is entered again (one below
 * another {@code #} may be) has nothing left to do, and to remember which were entered is enough to
 * keep patterns with many of them from exploding. Positions are offsets into the key; the one after
 * the last word is the key's length plus one.
 */
final class TopicMatcher implements Matcher {
  private final TopicNode root = new TopicNode(null, "");

  /**
   * Nodes that may be entered again. Raised before the first is linked and lowered after the last
   * is unlinked: a reader that saw none may skip any it meets, they came after it started.
   */
  private volatile int repeatedManys;

  @Override
  public void add(Binding binding) {
    String pattern = binding.routingKey();
    TopicNode node = root;
    int from = first(pattern);
    while (from <= pattern.length()) {
      int to = wordEnd(pattern, from);
      TopicNode child = node.child(pattern, from, to);
      node = child != null ? child : link(node, pattern.substring(from, to));
      from = to + 1;
    }
    node.add(binding);
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  private TopicNode link(TopicNode parent, String word) {
    TopicNode child = new TopicNode(parent, word);
    if (child.repeatedMany) {
      repeatedManys++;
    }
    parent.link(child);
    return child;
  }

  @Override
  public void remove(Binding binding) {
    String pattern = binding.routingKey();
    TopicNode node = root;
    int from = first(pattern);
    while (from <= pattern.length()) {
      int to = wordEnd(pattern, from);
      TopicNode child = node.child(pattern, from, to);
      if (child == null) {
        return;
      }
      node = child;
      from = to + 1;
    }
    node.remove(binding);
    prune(node);
  }

  @Override
  public void removeAll(Destination destination, Collection<Binding> bindings) {
    root.sweep(destination, this::unlinked);
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  private void unlinked(TopicNode node) {
    if (node.repeatedMany) {
      repeatedManys--;
    }
  }

  private void prune(TopicNode leaf) {
    TopicNode node = leaf;
    TopicNode parent = node.parent;
    while (parent != null && node.isEmpty()) {
      parent.unlink(node);
      unlinked(node);
      node = parent;
      parent = node.parent;
    }
  }

  @Override
  public void match(String routingKey, MessageProperties properties, Sink sink) {
    walk(routingKey, sink);
  }

  @Override
  public boolean keyOnly() {
    return true;
  }

  /** Matches and returns how many pairs of node and position it took. */
  int walk(String key, Sink sink) {
    DistinctList<TopicNode> entered = repeatedManys == 0 ? null : new DistinctList<>();
    return visit(root, key, first(key), sink, entered);
  }

  boolean isEmpty() {
    return root.isEmpty();
  }

  /** Reports the patterns through a node that match from a position on. */
  private static int visit(
      TopicNode node, String key, int from, Sink sink, @Nullable DistinctList<TopicNode> entered) {
    int steps = 1;
    TopicNode many = node.many();
    if (many != null) {
      steps += visitMany(many, key, from, sink, entered);
    }
    if (from > key.length()) {
      node.report(sink);
      return steps;
    }
    int to = wordEnd(key, from);
    TopicNode one = node.one();
    if (one != null) {
      steps += visit(one, key, to + 1, sink, entered);
    }
    TopicNode literal = node.literal(key, from, to);
    if (literal != null) {
      steps += visit(literal, key, to + 1, sink, entered);
    }
    return steps;
  }

  /** Lets a {@code #} take no word, one word and so on up to all that are left. */
  private static int visitMany(
      TopicNode many, String key, int from, Sink sink, @Nullable DistinctList<TopicNode> entered) {
    if (many.repeatedMany && (entered == null || !entered.add(many))) {
      return 0;
    }
    if (!many.hasChildren()) {
      many.report(sink);
      return 1;
    }
    int end = key.length() + 1;
    int steps = visit(many, key, from, sink, entered);
    for (int at = from; at < end; ) {
      at = wordEnd(key, at) + 1;
      steps += visit(many, key, at, sink, entered);
    }
    return steps;
  }

  private static int first(String key) {
    return key.isEmpty() ? 1 : 0;
  }

  private static int wordEnd(String key, int from) {
    int dot = key.indexOf('.', from);
    return dot < 0 ? key.length() : dot;
  }
}
