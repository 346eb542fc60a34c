package org.warrenmq.admin.api;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.NodeView;

/**
 * What the queues of a list hold: asked for when one is looked at, for those that come next as
 * well, and forgotten when others are. For one thread that may wait.
 */
final class CountedQueues {
  /** Asked about together. */
  private static final int TOGETHER = 256;

  private final NodeView view;
  private final List<Facts.Queue> queues;
  private final Map<Facts.Queue, Integer> places = new IdentityHashMap<>();
  private int first;
  private List<Facts.@Nullable QueueCounts> known = List.of();

  CountedQueues(NodeView view, List<Facts.Queue> queues) {
    this.view = view;
    this.queues = queues;
  }

  /** What one of them holds; null when it is gone. */
  Facts.@Nullable QueueCounts of(Facts.Queue queue) {
    int at = place(queue);
    if (at < first || at >= first + known.size()) {
      first = at;
      known = view.counts(queues.subList(at, Math.min(at + TOGETHER, queues.size())));
    }
    return known.get(at - first);
  }

  /** Mostly the next one. */
  private int place(Facts.Queue queue) {
    for (int at = first; at < Math.min(first + known.size() + 1, queues.size()); at++) {
      if (queues.get(at) == queue) {
        return at;
      }
    }
    if (places.isEmpty()) {
      for (int i = 0; i < queues.size(); i++) {
        places.put(queues.get(i), i);
      }
    }
    return places.getOrDefault(queue, 0);
  }
}
