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
    @Nullable ResourcePermissions resources, Map<String, TopicPermissions> topics) {

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

  /** Whether something may be done with the queue or the exchange of that name. */
  public boolean allow(Operation operation, String name) {
    return resources != null && resources.pattern(operation).covers(name);
  }

  /** Whether something may be done with a routing key at a topic exchange. */
  public boolean allowTopic(Operation operation, String exchange, String key) {
    TopicPermissions limits = topics.get(exchange);
    return limits == null || limits.cover(operation, key);
  }
}
