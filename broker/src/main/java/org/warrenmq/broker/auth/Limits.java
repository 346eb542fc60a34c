package org.warrenmq.broker.auth;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How much there may be of a user, or in a virtual host. Immutable.
 *
 * @param connections open ones; -1: however many
 * @param channels of a user, over all connections; -1: however many
 * @param queues in a virtual host; -1: however many
 */
public record Limits(int connections, int channels, int queues) {
  public static final Limits NONE = new Limits(-1, -1, -1);

  private static final String CONNECTIONS = "max-connections";
  private static final String CHANNELS = "max-channels";
  private static final String QUEUES = "max-queues";

  /** Any negative number says that there is no limit. */
  public Limits {
    connections = Math.max(-1, connections);
    channels = Math.max(-1, channels);
    queues = Math.max(-1, queues);
  }

  /**
   * These limits with some of them changed.
   *
   * @param changes by the names that RabbitMQ has for those of a user
   * @throws IllegalArgumentException when a user has no such limit
   */
  public Limits withUsers(Map<String, Integer> changes) {
    int newConnections = connections;
    int newChannels = channels;
    for (Map.Entry<String, Integer> change : changes.entrySet()) {
      switch (change.getKey()) {
        case CONNECTIONS -> newConnections = change.getValue();
        case CHANNELS -> newChannels = change.getValue();
        default -> throw new IllegalArgumentException("no user limit '" + change.getKey() + "'");
      }
    }
    return new Limits(newConnections, newChannels, queues);
  }

  /**
   * Those of a virtual host.
   *
   * @param given by the names that RabbitMQ has for them
   * @throws IllegalArgumentException when a virtual host has no such limit
   */
  public static Limits ofVhost(Map<String, Integer> given) {
    int connections = -1;
    int queues = -1;
    for (Map.Entry<String, Integer> limit : given.entrySet()) {
      switch (limit.getKey()) {
        case CONNECTIONS -> connections = limit.getValue();
        case QUEUES -> queues = limit.getValue();
        default -> throw new IllegalArgumentException("no vhost limit '" + limit.getKey() + "'");
      }
    }
    return new Limits(connections, -1, queues);
  }

  /** Those that are set, by RabbitMQ's names. */
  public Map<String, Integer> byName() {
    Map<String, Integer> set = new LinkedHashMap<>();
    put(set, CONNECTIONS, connections);
    put(set, CHANNELS, channels);
    put(set, QUEUES, queues);
    return set;
  }

  private static void put(Map<String, Integer> set, String name, int limit) {
    if (limit >= 0) {
      set.put(name, limit);
    }
  }
}
