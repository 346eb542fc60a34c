package org.warrenmq.router;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * From which word position on each {@code #} below another one has been explored; lives for one
 * match on one event loop, bounded by the number of such nodes in the trie.
 */
final class ManyMemo {
  private @Nullable TopicNode[] nodes = new TopicNode[8];
  private int[] positions = new int[8];
  private int size;

  /**
   * Enters a node at a position.
   *
   * @return the position from which on it was explored before, {@link Integer#MAX_VALUE} if never
   */
  int enter(TopicNode node, int position) {
    int slot = slot(nodes, node);
    if (nodes[slot] == null) {
      nodes[slot] = node;
      positions[slot] = position;
      if (++size > nodes.length / 2) {
        grow();
      }
      return Integer.MAX_VALUE;
    }
    int before = positions[slot];
    positions[slot] = Math.min(before, position);
    return before;
  }

  private void grow() {
    @Nullable TopicNode[] oldNodes = nodes;
    int[] oldPositions = positions;
    @Nullable TopicNode[] newNodes = Arrays.copyOf(oldNodes, oldNodes.length * 2);
    Arrays.fill(newNodes, null);
    int[] newPositions = new int[newNodes.length];
    for (int i = 0; i < oldNodes.length; i++) {
      TopicNode node = oldNodes[i];
      if (node != null) {
        int slot = slot(newNodes, node);
        newNodes[slot] = node;
        newPositions[slot] = oldPositions[i];
      }
    }
    nodes = newNodes;
    positions = newPositions;
  }

  private static int slot(@Nullable TopicNode[] nodes, TopicNode node) {
    int mask = nodes.length - 1;
    int slot = System.identityHashCode(node) & mask;
    while (nodes[slot] != null && nodes[slot] != node) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }
}
