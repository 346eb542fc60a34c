package org.warrenmq.router;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A word of topic patterns: changed by the topology room, read by event loops without locks.
 *
 * <p>The bindings here are those whose pattern ends with this word. All parts are made on first use
 * and dropped when empty, because an exchange may have hundreds of thousands of nodes.
 */
final class TopicNode {
  static final String ONE = "*";
  static final String MANY = "#";

  final @Nullable TopicNode parent;
  final String word;
  final int hash;

  /** Whether this is a {@code #} with another {@code #} above it. */
  final boolean repeatedMany;

  /** Whether a {@code #} is on the way from the root to here, this word included. */
  private final boolean underMany;

  private volatile @Nullable TopicNode one;
  private volatile @Nullable TopicNode many;
  private volatile @Nullable Children words;
  private volatile @Nullable BindingSet bindings;

  TopicNode(@Nullable TopicNode parent, String word) {
    this.parent = parent;
    this.word = word;
    this.hash = KeyHash.of(word, 0, word.length());
    boolean isMany = word.equals(MANY);
    boolean below = parent != null && parent.underMany;
    this.repeatedMany = isMany && below;
    this.underMany = isMany || below;
  }

  /** The child for a {@code *}. */
  @Nullable TopicNode one() {
    return one;
  }

  /** The child for a {@code #}. */
  @Nullable TopicNode many() {
    return many;
  }

  /** The child for a literal word of a message's key, which may well be {@code *} or {@code #}. */
  @Nullable TopicNode literal(String key, int from, int to) {
    Children children = words;
    return children == null ? null : children.find(key, from, to);
  }

  /** The child for a word of a pattern. */
  @Nullable TopicNode child(String pattern, int from, int to) {
    if (isWord(ONE, pattern, from, to)) {
      return one;
    }
    return isWord(MANY, pattern, from, to) ? many : literal(pattern, from, to);
  }

  /** Links a new child for a word that has none; called by the writer. */
  void link(TopicNode child) {
    switch (child.word) {
      case ONE -> one = child;
      case MANY -> many = child;
      default -> {
        Children children = words;
        if (children == null) {
          children = new Children();
          words = children;
        }
        children.insert(child);
      }
    }
  }

  /** Unlinks a child; called by the writer. */
  void unlink(TopicNode child) {
    if (child == one) {
      one = null;
    } else if (child == many) {
      many = null;
    } else {
      Children children = words;
      if (children != null && children.delete(child) && children.isEmpty()) {
        words = null;
      }
    }
  }

  /** Adds a binding whose pattern ends here; called by the writer. */
  void add(Binding binding) {
    BindingSet set = bindings;
    if (set == null) {
      set = new BindingSet();
      set.insert(binding);
      bindings = set;
    } else {
      set.insert(binding);
    }
  }

  /** Removes a binding whose pattern ends here; called by the writer. */
  void remove(Binding binding) {
    BindingSet set = bindings;
    if (set != null && set.delete(binding) && set.isEmpty()) {
      bindings = null;
    }
  }

  /**
   * Removes the bindings to a destination from here and below, and every node that is left without
   * any; called by the writer. Goes as deep as patterns have words.
   *
   * @param unlinkedMany told of every {@code #} that went
   * @return whether nothing is left here
   */
  boolean sweep(Destination destination, Consumer<TopicNode> unlinkedMany) {
    BindingSet set = bindings;
    if (set != null
        && set.deleteIf(binding -> binding.destination() == destination)
        && set.isEmpty()) {
      bindings = null;
    }
    TopicNode single = one;
    if (single != null && single.sweep(destination, unlinkedMany)) {
      one = null;
    }
    TopicNode any = many;
    if (any != null && any.sweep(destination, unlinkedMany)) {
      many = null;
      unlinkedMany.accept(any);
    }
    Children children = words;
    if (children != null
        && children.deleteIf(child -> child.sweep(destination, unlinkedMany))
        && children.isEmpty()) {
      words = null;
    }
    return isEmpty();
  }

  @Override
  public int hashCode() {
    return hash;
  }

  boolean hasChildren() {
    return one != null || many != null || words != null;
  }

  boolean isEmpty() {
    return bindings == null && !hasChildren();
  }

  void report(Matcher.Sink sink) {
    BindingSet set = bindings;
    if (set != null) {
      set.report(sink);
    }
  }

  private static boolean isWord(String word, String text, int from, int to) {
    return to - from == 1 && text.charAt(from) == word.charAt(0);
  }

  /** The children for literal words. */
  private static final class Children extends SlotTable<TopicNode> {
    @Nullable TopicNode find(String key, int from, int to) {
      AtomicReferenceArray<@Nullable Object> table = slots();
      int hash = KeyHash.of(key, from, to);
      int mask = table.length() - 1;
      for (int i = hash & mask, probes = 0; probes <= mask; i = (i + 1) & mask, probes++) {
        Object slot = table.getAcquire(i);
        if (slot == null) {
          return null;
        }
        TopicNode node = cast(slot);
        if (node != null
            && node.hash == hash
            && node.word.length() == to - from
            && key.startsWith(node.word, from)) {
          return node;
        }
      }
      return null;
    }
  }
}
