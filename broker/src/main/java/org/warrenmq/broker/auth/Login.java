package org.warrenmq.broker.auth;

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

  /** Whoever knows could not be asked. */
  record Failed(Throwable cause) implements Login {}
}
