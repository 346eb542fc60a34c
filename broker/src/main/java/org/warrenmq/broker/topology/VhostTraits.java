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

  public VhostTraits {
    tags = List.copyOf(tags);
  }
}
