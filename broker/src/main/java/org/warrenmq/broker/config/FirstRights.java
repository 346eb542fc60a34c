package org.warrenmq.broker.config;

import java.util.List;

/**
 * What a user of the configuration may do in a virtual host, by regular expressions, and beside
 * messaging, by tags. Immutable, any thread.
 */
public record FirstRights(String configure, String write, String read, List<String> tags) {
  /** Everything. */
  public static final FirstRights ALL = new FirstRights(".*", ".*", ".*", List.of("administrator"));

  public FirstRights {
    tags = List.copyOf(tags);
  }
}
