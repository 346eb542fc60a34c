package org.warrenmq.broker.auth;

/** Who a client says it is, and how it shows that. Immutable. */
public sealed interface Credentials {
  String name();

  /** By a password, or by a token in its place. */
  record Password(String name, String password) implements Credentials {
    /** Without the password: this may end up in a log. */
    @Override
    public String toString() {
      return "Password[" + name + "]";
    }
  }

  /** By its certificate, which was checked: there is no more to show. */
  record Proven(String name) implements Credentials {}
}
