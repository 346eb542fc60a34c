package org.warrenmq.broker.auth;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * The one built-in user (guest, unless configured otherwise). Immutable, any thread.
 *
 * @param loopbackOnly whether only connections from this machine may log in
 */
public record DefaultUser(String name, String password, boolean loopbackOnly)
    implements AuthBackend {
  @Override
  public @Nullable User login(String givenName, String givenPassword, InetAddress peer) {
    boolean matches =
        MessageDigest.isEqual(
            password.getBytes(StandardCharsets.UTF_8),
            givenPassword.getBytes(StandardCharsets.UTF_8));
    return matches && name.equals(givenName) ? admit(peer) : null;
  }

  /** Anonymous is who knows the well-known password: with another one set, nobody. */
  @Override
  public @Nullable User anonymous(InetAddress peer) {
    return login("guest", "guest", peer);
  }

  /** Without the password: this may end up in a log. */
  @Override
  public String toString() {
    return "DefaultUser[" + name + "]";
  }

  private @Nullable User admit(InetAddress peer) {
    return loopbackOnly && !peer.isLoopbackAddress() ? null : new User(name);
  }
}
