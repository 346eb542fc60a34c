package org.warrenmq.broker.topology;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is noted of a virtual host. Immutable.
 *
 * @param description for people
 * @param tags for people
 * @param defaultQueueType of durable queues that name none; null: classic
 * @param isProtected whether it must not be deleted by mistake
 */
public record VhostTraits(
    String description, List<String> tags, @Nullable String defaultQueueType, boolean isProtected) {
  public static final VhostTraits NONE = new VhostTraits("", List.of(), null, false);

  /** Bytes that it takes in memory, about. */
  long cost() {
    long cost = 2L * description.length();
    for (String tag : tags) {
      cost += 64 + 2L * tag.length();
    }
    return cost;
  }

  public VhostTraits {
    tags = List.copyOf(tags);
  }
}
