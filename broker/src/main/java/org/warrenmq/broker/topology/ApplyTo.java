package org.warrenmq.broker.topology;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a policy applies to, by RabbitMQ's names. */
public enum ApplyTo {
  ALL("all"),
  QUEUES("queues"),
  CLASSIC_QUEUES("classic_queues"),
  QUORUM_QUEUES("quorum_queues"),
  STREAMS("streams"),
  EXCHANGES("exchanges");

  private static final Map<String, ApplyTo> BY_NAME =
      Arrays.stream(values()).collect(Collectors.toMap(each -> each.wireName, Function.identity()));

  private final String wireName;

  ApplyTo(String wireName) {
    this.wireName = wireName;
  }

  /** The one of that name, or null. */
  static @Nullable ApplyTo named(String name) {
    return BY_NAME.get(name);
  }

  public String wireName() {
    return wireName;
  }

  boolean takesExchanges() {
    return this == ALL || this == EXCHANGES;
  }

  /** Whether it takes queues of a type. */
  boolean takesQueues(boolean quorum) {
    return switch (this) {
      case ALL, QUEUES -> true;
      case CLASSIC_QUEUES -> !quorum;
      case QUORUM_QUEUES -> quorum;
      case STREAMS, EXCHANGES -> false;
    };
  }
}
