package org.warrenmq.broker.auth;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Lets in the users of this node's own. Answers at once. Any thread. */
public record InternalBackend(Accounts accounts) implements AuthBackend {
  @Override
  public CompletionStage<Login> login(Credentials who, Peer peer) {
    Account account = accounts.find(who.name());
    return account != null && isRight(account, who) ? granted(account) : refused(who);
  }

  private static boolean isRight(Account account, Credentials who) {
    return switch (who) {
      case Credentials.Password(_, String password) -> account.password().matches(password);
      case Credentials.Proven _ -> true;
    };
  }

  @Override
  public CompletionStage<Login> authorise(Credentials who, Peer peer) {
    Account account = accounts.find(who.name());
    return account == null ? refused(who) : granted(account);
  }

  private static CompletionStage<Login> refused(Credentials who) {
    return CompletableFuture.completedStage(new Login.Refused(who.name()));
  }

  private CompletionStage<Login> granted(Account account) {
    return CompletableFuture.completedStage(
        new Login.Granted(account.asUser(), authority(account.name())));
  }

  /** What a user may do. */
  public Authority authority(String user) {
    return new Kept(accounts, user);
  }

  private record Kept(Accounts accounts, String user) implements Authority {
    @Override
    public CompletionStage<Verdict> mayOpen(String vhost, Peer peer) {
      return CompletableFuture.completedStage(
          Verdict.of(accounts.permissions(user, vhost).mayOpen()));
    }

    @Override
    public long epoch() {
      return accounts.epoch();
    }

    @Override
    public @Nullable Rights rights(String vhost) {
      return accounts.permissions(user, vhost);
    }

    @Override
    public CompletionStage<Verdict> ask(String vhost, Wish wish) {
      throw new IllegalStateException("all is known");
    }
  }
}
