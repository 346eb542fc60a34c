package org.warrenmq.router;

import org.jspecify.annotations.Nullable;

/** The vhost's queues by name, which is all the default exchange routes by; read by event loops. */
@FunctionalInterface
public interface QueueLookup {
  @Nullable QueueDestination find(String name);
}
