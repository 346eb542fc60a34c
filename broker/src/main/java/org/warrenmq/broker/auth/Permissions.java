package org.warrenmq.broker.auth;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What somebody may do in one virtual host. Immutable, any thread.
 *
 * @param resources null for who may not even open it
 * @param topics further limits, by the name of a topic exchange; where there is none any key goes
 */
public record Permissions(
    @Nullable ResourcePermissions resources, Map<String, TopicPermissions> topics)
    implements Rights {

  public static final Permissions NONE = new Permissions(null, Map.of());

  /** Everything. */
  public static final Permissions ALL =
      new Permissions(ResourcePermissions.of(".*", ".*", ".*"), Map.of());

  public Permissions {
    topics = Map.copyOf(topics);
  }

  /** Whether the virtual host may be opened. */
  public boolean mayOpen() {
    return resources != null;
  }

  @Override
  public boolean allow(Operation operation, String name) {
    return resources != null && resources.pattern(operation).covers(name);
  }

  @Override
  public boolean allowTopic(Operation operation, String exchange, String key) {
    TopicPermissions limits = topics.get(exchange);
    return limits == null || limits.cover(operation, key);
  }

  @Override
  public boolean limitTopics() {
    return !topics.isEmpty();
  }
}
