package org.warrenmq.broker.auth;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Lets in the users of this node's own. Answers at once. Any thread.
 *
 * @param loopbackUsers those that may log in from this machine only
 */
public record InternalBackend(Accounts accounts, Set<String> loopbackUsers) implements AuthBackend {
  /** As whom those come who do not say who they are, and with which password: RabbitMQ's. */
  private static final String ANYBODY = "guest";

  @Override
  public CompletionStage<Login> login(String name, String password, Peer peer) {
    return CompletableFuture.completedStage(
        isRight(name, password, peer) ? granted(name) : new Login.Refused(name));
  }

  /** Anonymous is who knows the well-known password: with another one set, nobody. */
  @Override
  public CompletionStage<Login> anonymous(Peer peer) {
    return CompletableFuture.completedStage(
        isRight(ANYBODY, ANYBODY, peer) ? granted(ANYBODY) : new Login.Refused("anonymous"));
  }

  /** Whether the user is there, and this is the password. */
  public boolean isRight(String name, String password) {
    Account account = accounts.find(name);
    return account != null && account.password().matches(password);
  }

  private boolean isRight(String name, String password, Peer peer) {
    return isRight(name, password) && (peer.isLoopback() || !loopbackUsers.contains(name));
  }

  private Login granted(String name) {
    Account account = accounts.find(name);
    return account == null ? new Login.Refused(name) : new Login.Granted(account.asUser());
  }

  @Override
  public CompletionStage<Boolean> mayOpen(User user, String vhost, Peer peer) {
    return CompletableFuture.completedStage(permissions(user, vhost).mayOpen());
  }

  @Override
  public long epoch() {
    return accounts.epoch();
  }

  @Override
  public Permissions permissions(User user, String vhost) {
    return accounts.permissions(user.name(), vhost);
  }
}
