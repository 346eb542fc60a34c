package org.warrenmq.broker.auth;

import java.util.List;

/**
 * Someone who has logged in.
 *
 * @param tags what the user was allowed beside messaging by then
 */
public record User(String name, List<String> tags) {
  private static final String IMPERSONATOR = "impersonator";

  /** One who only sends and receives messages. */
  public User(String name) {
    this(name, List.of());
  }

  /** Whether messages may name somebody else as the one who sent them. */
  public boolean mayImpersonate() {
    return tags.contains(IMPERSONATOR);
  }
}
