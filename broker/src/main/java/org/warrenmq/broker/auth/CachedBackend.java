package org.warrenmq.broker.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Remembers for a while what another back end has answered, {@value #MOST} logins and as many other
 * answers at most. Passwords are remembered as digests that mean nothing outside. Any thread.
 */
public final class CachedBackend implements AuthBackend {
  private static final int MOST = 10_000;

  private final AuthBackend backend;
  private final boolean refusals;
  private final byte[] salt = new byte[32];
  private final Cache<Asked, Login> logins;
  private final Cache<Wanted, Verdict> verdicts;

  private record Asked(boolean toLogIn, String name, String secret) {}

  /**
   * @param authority whose answer it is: two logins of a user may be for different things
   * @param from where a virtual host is to be opened from; null for a wish
   */
  private record Wanted(
      Authority authority, String vhost, @Nullable InetAddress from, @Nullable Wish wish) {}

  /**
   * @param time for which an answer is remembered
   * @param refusals whether these are, too
   */
  public CachedBackend(AuthBackend backend, Duration time, boolean refusals) {
    this.backend = backend;
    this.refusals = refusals;
    new SecureRandom().nextBytes(salt);
    logins = Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(time).build();
    verdicts = Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(time).build();
  }

  @Override
  public CompletionStage<Login> login(Credentials who, Peer peer) {
    return login(asked(true, who), () -> backend.login(who, peer));
  }

  @Override
  public CompletionStage<Login> authorise(Credentials who, Peer peer) {
    return login(asked(false, who), () -> backend.authorise(who, peer));
  }

  private CompletionStage<Login> login(Asked asked, Supplier<CompletionStage<Login>> question) {
    Login known = logins.getIfPresent(asked);
    if (known != null && !isOver(known)) {
      return CompletableFuture.completedStage(known);
    }
    return question
        .get()
        .thenApply(
            login -> {
              Login answer =
                  login instanceof Login.Granted(User user, Authority authority)
                      ? new Login.Granted(user, new Remembered(authority))
                      : login;
              if (answer instanceof Login.Granted
                  || (refusals && answer instanceof Login.Refused)) {
                logins.put(asked, answer);
              }
              return answer;
            });
  }

  private static boolean isOver(Login login) {
    if (login instanceof Login.Granted(_, Authority authority)) {
      Instant expiry = authority.expiry();
      return expiry != null && !expiry.isAfter(Instant.now());
    }
    return false;
  }

  private Asked asked(boolean toLogIn, Credentials who) {
    return switch (who) {
      case Credentials.Password(String name, String password) ->
          new Asked(toLogIn, name, digest(password));
      case Credentials.Proven(String name) -> new Asked(toLogIn, name, "");
    };
  }

  private String digest(String secret) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(salt);
      return Base64.getEncoder()
          .encodeToString(digest.digest(secret.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private CompletionStage<Verdict> verdict(
      Wanted wanted, Supplier<CompletionStage<Verdict>> question) {
    Verdict known = verdicts.getIfPresent(wanted);
    if (known != null) {
      return CompletableFuture.completedStage(known);
    }
    return question
        .get()
        .thenApply(
            verdict -> {
              if (verdict instanceof Verdict.Allowed
                  || (refusals && verdict instanceof Verdict.Denied)) {
                verdicts.put(wanted, verdict);
              }
              return verdict;
            });
  }

  private final class Remembered implements Authority {
    private final Authority authority;

    Remembered(Authority authority) {
      this.authority = authority;
    }

    @Override
    public CompletionStage<Verdict> mayOpen(String vhost, Peer peer) {
      return verdict(
          new Wanted(authority, vhost, peer.address(), null), () -> authority.mayOpen(vhost, peer));
    }

    @Override
    public long epoch() {
      return authority.epoch();
    }

    @Override
    public @Nullable Rights rights(String vhost) {
      return authority.rights(vhost);
    }

    @Override
    public CompletionStage<Verdict> ask(String vhost, Wish wish) {
      return verdict(new Wanted(authority, vhost, null, wish), () -> authority.ask(vhost, wish));
    }

    @Override
    public @Nullable Instant expiry() {
      return authority.expiry();
    }

    @Override
    public CompletionStage<Login> renew(User renewed, String secret) {
      return authority.renew(renewed, secret);
    }
  }
}
