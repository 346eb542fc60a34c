package org.warrenmq.broker.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The one built-in user (guest, unless configured otherwise), who may open every virtual host.
 * Answers at once. Immutable, any thread.
 *
 * @param loopbackOnly whether only connections from this machine may log in
 */
public record DefaultUser(String name, String password, boolean loopbackOnly)
    implements AuthBackend {
  @Override
  public CompletionStage<Login> login(String givenName, String givenPassword, Peer peer) {
    return CompletableFuture.completedStage(
        isRight(givenName, givenPassword) && mayComeFrom(peer)
            ? new Login.Granted(new User(name))
            : new Login.Refused(givenName));
  }

  /** Anonymous is who knows the well-known password: with another one set, nobody. */
  @Override
  public CompletionStage<Login> anonymous(Peer peer) {
    return CompletableFuture.completedStage(
        isRight("guest", "guest") && mayComeFrom(peer)
            ? new Login.Granted(new User(name))
            : new Login.Refused("anonymous"));
  }

  @Override
  public CompletionStage<Boolean> mayOpen(User user, String vhost, Peer peer) {
    return CompletableFuture.completedStage(true);
  }

  private boolean isRight(String givenName, String givenPassword) {
    boolean matches =
        MessageDigest.isEqual(
            password.getBytes(StandardCharsets.UTF_8),
            givenPassword.getBytes(StandardCharsets.UTF_8));
    return matches && name.equals(givenName);
  }

  private boolean mayComeFrom(Peer peer) {
    return !loopbackOnly || peer.isLoopback();
  }

  /** Without the password: this may end up in a log. */
  @Override
  public String toString() {
    return "DefaultUser[" + name + "]";
  }
}
