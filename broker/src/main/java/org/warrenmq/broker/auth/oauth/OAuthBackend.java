package org.warrenmq.broker.auth.oauth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.net.http.HttpClient;
import java.security.PublicKey;
import java.text.ParseException;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.auth.AuthBackend;
import org.warrenmq.broker.auth.Credentials;
import org.warrenmq.broker.auth.Login;
import org.warrenmq.broker.auth.Peer;
import org.warrenmq.broker.auth.User;
import org.warrenmq.broker.config.BackendConfig;

/**
 * Lets in who has a token of OAuth 2 for this broker as password: a signed JWT that says who that
 * is, and what he may do, until when. Any thread; a signature takes a millisecond at most.
 */
public final class OAuthBackend implements AuthBackend {
  private static final Logger log = LoggerFactory.getLogger(OAuthBackend.class);

  private static final String TAG = "tag:";

  /** Characters; no issuer makes them longer. */
  private static final int LONGEST = 64 << 10;

  private final BackendConfig.OAuth config;
  private final TokenKeys keys;
  private final Scopes scopes;

  /**
   * @param fromFiles keys by their ids
   * @param client fetches further ones
   */
  public OAuthBackend(
      BackendConfig.OAuth config, Map<String, PublicKey> fromFiles, HttpClient client) {
    this.config = config;
    keys = new TokenKeys(config.keys(), fromFiles, client);
    scopes = new Scopes(config);
  }

  @Override
  public CompletionStage<Login> login(Credentials who, Peer peer) {
    return who instanceof Credentials.Password(String name, String token)
        ? login(name, token)
        : CompletableFuture.completedStage(new Login.Refused(who.name()));
  }

  private CompletionStage<Login> login(String name, String token) {
    SignedJWT read = read(token);
    if (read == null) {
      // Mostly it is a password, for another back end.
      return CompletableFuture.completedStage(new Login.Refused(name));
    }
    return keys.find(read.getHeader().getKeyID())
        .handle(
            (key, cause) -> {
              if (cause != null) {
                log.warn("a token of '{}': {}", name, TokenKeys.reason(cause));
                return new Login.Refused(name);
              }
              return login(name, read, key);
            });
  }

  private static @Nullable SignedJWT read(String token) {
    try {
      return token.length() > LONGEST ? null : SignedJWT.parse(token);
    } catch (ParseException e) {
      return null;
    }
  }

  private Login login(String name, SignedJWT token, PublicKey key) {
    try {
      if (!isSigned(token, key)) {
        log.warn("a token of '{}' is not signed by its key", name);
        return new Login.Refused(name);
      }
      JWTClaimsSet claims = token.getJWTClaimsSet();
      String fault = fault(claims);
      if (fault != null) {
        log.warn("a token of '{}': {}", name, fault);
        return new Login.Refused(name);
      }
      List<String> allowed = scopes.of(claims);
      List<String> tags =
          allowed.stream()
              .filter(scope -> scope.startsWith(TAG))
              .map(scope -> scope.substring(TAG.length()))
              .toList();
      Date end = claims.getExpirationTime();
      return new Login.Granted(
          new User(username(claims), tags),
          new TokenAuthority(this, allowed, end == null ? null : end.toInstant()));
    } catch (ParseException | JOSEException | IllegalArgumentException e) {
      log.warn("a token of '{}': {}", name, e.getMessage());
      return new Login.Refused(name);
    }
  }

  private boolean isSigned(SignedJWT token, PublicKey key) throws JOSEException {
    JWSHeader header = token.getHeader();
    JWSAlgorithm algorithm = header.getAlgorithm();
    // A public key as the secret of an HMAC is no signature.
    boolean allowed =
        config.algorithms().isEmpty()
            ? JWSAlgorithm.Family.SIGNATURE.contains(algorithm)
            : config.algorithms().contains(algorithm.getName())
                && JWSAlgorithm.Family.SIGNATURE.contains(algorithm);
    if (!allowed) {
      return false;
    }
    JWSVerifier verifier = new DefaultJWSVerifierFactory().createJWSVerifier(header, key);
    return token.verify(verifier);
  }

  /** What is wrong with a token that is signed, or null. */
  private @Nullable String fault(JWTClaimsSet claims) {
    Instant now = Instant.now();
    Date end = claims.getExpirationTime();
    if (end == null && config.requireExpiry()) {
      return "it has no exp claim";
    }
    if (end != null && !end.toInstant().isAfter(now)) {
      return "it has expired at " + end.toInstant();
    }
    Date begin = claims.getNotBeforeTime();
    if (begin != null && begin.toInstant().isAfter(now)) {
      return "it holds from %s on".formatted(begin.toInstant());
    }
    return config.verifyAudience() && !claims.getAudience().contains(config.resourceServerId())
        ? "it is for %s, not for %s".formatted(claims.getAudience(), config.resourceServerId())
        : null;
  }

  private String username(JWTClaimsSet claims) {
    for (String claim : config.usernameClaims()) {
      if (claims.getClaim(claim) instanceof String name && !name.isEmpty()) {
        return name;
      }
    }
    for (String claim : List.of("sub", "client_id")) {
      if (claims.getClaim(claim) instanceof String name && !name.isEmpty()) {
        return name;
      }
    }
    return "unknown";
  }

  /** A new token for the same user. */
  CompletionStage<Login> renewed(User user, String token) {
    return login(user.name(), token)
        .thenApply(
            login ->
                login instanceof Login.Granted(User other, _) && !other.name().equals(user.name())
                    ? new Login.Refused(user.name())
                    : login);
  }
}
