package org.warrenmq.broker.auth;

/** How a login went. Immutable. */
public sealed interface Login {
  /**
   * The client is this user.
   *
   * @param authority says what the user may do
   */
  record Granted(User user, Authority authority) implements Login {}

  /**
   * Name, password or origin are not right.
   *
   * @param name who the client said it was
   * @param before how many others from the same address were refused lately
   */
  record Refused(String name, long before) implements Login {
    /** The first one from there, as far as is known. */
    public Refused(String name) {
      this(name, 0);
    }
  }

  /** The response is not what the mechanism takes; what in it is a name, nobody knows. */
  record Malformed(String why) implements Login {}

  /** Whoever knows could not be asked. */
  record Failed(Throwable cause) implements Login {}
}
