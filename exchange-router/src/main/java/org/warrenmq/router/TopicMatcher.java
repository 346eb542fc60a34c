package org.warrenmq.router;

import org.jspecify.annotations.Nullable;

/**
 * A trie of topic patterns by words: changed by the topology room, read by event loops without
 * locks.
 *
 * <p>{@code *} stands for exactly one word, {@code #} for any number of words. Words are separated
 * by dots and may be empty; the empty key has no word at all. A match walks the pairs of node and
 * word position, each at most once: a node has one parent, and a {@code #} that can be entered at
 * several positions (one below another {@code #}) remembers from where on it was explored.
 * Positions are offsets into the key; the one after the last word is the key's length plus one.
 */
final class TopicMatcher implements Matcher {
  private final TopicNode root = new TopicNode(null, "");

  /**
   * Nodes that need a {@link ManyMemo}. Raised before the first is linked and lowered after the
   * last is unlinked: a reader that saw none may skip any it meets, they came after it started.
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

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  private void prune(TopicNode leaf) {
    TopicNode node = leaf;
    TopicNode parent = node.parent;
    while (parent != null && node.isEmpty()) {
      parent.unlink(node);
      if (node.repeatedMany) {
        repeatedManys--;
      }
      node = parent;
      parent = node.parent;
    }
  }

  @Override
  public void match(String routingKey, Headers headers, MatchSink sink) {
    walk(routingKey, sink);
  }

  /** Matches and returns how many pairs of node and position it took. */
  int walk(String key, MatchSink sink) {
    ManyMemo memo = repeatedManys == 0 ? null : new ManyMemo();
    return visit(root, key, first(key), sink, memo);
  }

  boolean isEmpty() {
    return root.isEmpty();
  }

  /** Reports the patterns through a node that match from a position on. */
  private static int visit(
      TopicNode node, String key, int from, MatchSink sink, @Nullable ManyMemo memo) {
    int steps = 1;
    TopicNode many = node.many();
    if (many != null) {
      steps += visitMany(many, key, from, sink, memo);
    }
    if (from > key.length()) {
      node.report(sink);
      return steps;
    }
    int to = wordEnd(key, from);
    TopicNode one = node.one();
    if (one != null) {
      steps += visit(one, key, to + 1, sink, memo);
    }
    TopicNode literal = node.literal(key, from, to);
    if (literal != null) {
      steps += visit(literal, key, to + 1, sink, memo);
    }
    return steps;
  }

  /** Lets a {@code #} take no word, one word and so on up to all that are left. */
  private static int visitMany(
      TopicNode many, String key, int from, MatchSink sink, @Nullable ManyMemo memo) {
    int explored = Integer.MAX_VALUE;
    if (many.repeatedMany) {
      if (memo == null) {
        return 0;
      }
      explored = memo.enter(many, from);
    }
    if (!many.hasChildren()) {
      if (explored == Integer.MAX_VALUE) {
        many.report(sink);
      }
      return 1;
    }
    int steps = 0;
    int end = key.length() + 1;
    for (int at = from; at < explored && at <= end; at = at == end ? at + 1 : nextWord(key, at)) {
      steps += visit(many, key, at, sink, memo);
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

  private static int nextWord(String key, int from) {
    return wordEnd(key, from) + 1;
  }
}
