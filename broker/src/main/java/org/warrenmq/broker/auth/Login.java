package org.warrenmq.broker.auth;

import org.jspecify.annotations.Nullable;

/** How a login went. Immutable. */
public sealed interface Login {
  /** The client is this user. */
  record Granted(User user) implements Login {}

  /**
   * Name, password or origin are not right.
   *
   * @param name who the client said it was
   */
  record Refused(String name) implements Login {}

  /** The response is not what the mechanism takes; what in it is a name, nobody knows. */
  record Malformed() implements Login {}

  /** The outcome for a client of that name. */
  static Login of(String name, @Nullable User user) {
    return user == null ? new Refused(name) : new Granted(user);
  }
}
