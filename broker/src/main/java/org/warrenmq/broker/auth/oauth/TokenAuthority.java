package org.warrenmq.broker.auth.oauth;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.auth.Authority;
import org.warrenmq.broker.auth.Login;
import org.warrenmq.broker.auth.Operation;
import org.warrenmq.broker.auth.Peer;
import org.warrenmq.broker.auth.Rights;
import org.warrenmq.broker.auth.User;
import org.warrenmq.broker.auth.Verdict;
import org.warrenmq.broker.auth.Wish;

/** What a token allows, until it expires: from then on nothing, and says so. Any thread. */
final class TokenAuthority implements Authority {
  private static final String VHOST = "{vhost}";
  private static final String NAME = "rabbit_auth_backend_oauth2";

  private final OAuthBackend backend;
  private final List<String> scopes;
  private final @Nullable Instant expiry;

  /**
   * @param backend takes its successor
   * @param scopes without what they begin with
   * @param expiry null: none
   */
  TokenAuthority(OAuthBackend backend, List<String> scopes, @Nullable Instant expiry) {
    this.backend = backend;
    this.scopes = List.copyOf(scopes);
    this.expiry = expiry;
  }

  private record Granted(List<Scope> scopes) implements Rights {
    @Override
    public boolean allow(Operation operation, String name) {
      return scopes.stream().anyMatch(scope -> scope.covers(operation, name));
    }

    @Override
    public boolean allowTopic(Operation operation, String exchange, String key) {
      return scopes.stream().anyMatch(scope -> scope.coversTopic(operation, exchange, key));
    }

    @Override
    public boolean limitTopics() {
      return true;
    }
  }

  private Granted in(String vhost) {
    return new Granted(
        scopes.stream()
            .map(text -> Scope.read(text.replace(VHOST, encoded(vhost))))
            .filter(Objects::nonNull)
            .<Scope>map(Objects::requireNonNull)
            .filter(scope -> scope.vhost().matches(vhost))
            .toList());
  }

  /** So that no name is taken for more than itself. */
  private static String encoded(String vhost) {
    return vhost.replace("%", "%25").replace("/", "%2F").replace("*", "%2A").replace("+", "%2B");
  }

  private boolean isOver() {
    return expiry != null && !Instant.now().isBefore(expiry);
  }

  /** The verdict on everything when the token is over. */
  private Verdict over() {
    long until = expiry == null ? 0 : expiry.getEpochSecond();
    return new Verdict.Failed(
        NAME,
        "\"Provided JWT token has expired at timestamp %d (validated at %d)\""
            .formatted(until, Instant.now().getEpochSecond()));
  }

  @Override
  public CompletionStage<Verdict> mayOpen(String vhost, Peer peer) {
    return CompletableFuture.completedStage(
        isOver() ? over() : Verdict.of(!in(vhost).scopes().isEmpty()));
  }

  @Override
  public long epoch() {
    return 0;
  }

  @Override
  public @Nullable Rights rights(String vhost) {
    return isOver() ? null : in(vhost);
  }

  @Override
  public CompletionStage<Verdict> ask(String vhost, Wish wish) {
    String key = wish.key();
    Granted rights = in(vhost);
    boolean allowed =
        key == null
            ? rights.allow(wish.operation(), wish.name())
            : rights.allowTopic(wish.operation(), wish.name(), key);
    return CompletableFuture.completedStage(isOver() ? over() : Verdict.of(allowed));
  }

  @Override
  public @Nullable Instant expiry() {
    return expiry;
  }

  @Override
  public CompletionStage<Login> renew(User user, String secret) {
    return backend.renewed(user, secret);
  }
}
