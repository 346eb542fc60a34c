package org.warrenmq.broker.auth.oauth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.PublicKey;
import java.text.ParseException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.config.BackendConfig;

/**
 * The public keys that tokens are signed by, from files and from where the issuer has them. Any
 * thread.
 *
 * <p>A token with a key that is not known has them fetched again, every {@link #PAUSE} at most:
 * anybody can send such tokens.
 */
final class TokenKeys {
  private static final Logger log = LoggerFactory.getLogger(TokenKeys.class);

  private static final Duration PAUSE = Duration.ofSeconds(10);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final String DISCOVERY = "/.well-known/openid-configuration";

  /** Octets of an answer. */
  private static final int LONGEST = 1 << 20;

  private static final int OK = 200;

  private final BackendConfig.Keys config;
  private final HttpClient client;
  private final Map<String, PublicKey> fromFiles;
  private volatile Map<String, PublicKey> fetched = Map.of();
  private @Nullable CompletableFuture<Map<String, PublicKey>> fetching;
  private long fetchedAt;

  /**
   * @param fromFiles by their ids
   */
  TokenKeys(BackendConfig.Keys config, Map<String, PublicKey> fromFiles, HttpClient client) {
    this.config = config;
    this.fromFiles = Map.copyOf(fromFiles);
    this.client = client;
    fetchedAt = System.nanoTime() - PAUSE.toNanos();
  }

  /**
   * The key of that id; fails when it cannot be found out.
   *
   * @param named null where the token names none
   */
  CompletionStage<PublicKey> find(@Nullable String named) {
    String id = named == null ? config.byDefault() : named;
    if (id == null) {
      return CompletableFuture.failedStage(new IOException("the token names no key"));
    }
    PublicKey known = fromFiles.get(id);
    known = known == null ? fetched.get(id) : known;
    if (known != null) {
      return CompletableFuture.completedStage(known);
    }
    return fetch()
        .thenApply(
            keys -> {
              PublicKey found = keys.get(id);
              if (found == null) {
                throw new CompletionException(new IOException("the token's key is not known"));
              }
              return found;
            });
  }

  /** All that are there now; who comes meanwhile waits for the same answer. */
  private synchronized CompletionStage<Map<String, PublicKey>> fetch() {
    if (config.jwks() == null && config.issuer() == null) {
      return CompletableFuture.completedStage(Map.of());
    }
    CompletableFuture<Map<String, PublicKey>> running = fetching;
    if (running != null && !running.isDone()) {
      return running;
    }
    if (System.nanoTime() - fetchedAt < PAUSE.toNanos()) {
      return running == null ? CompletableFuture.completedStage(Map.of()) : running;
    }
    fetchedAt = System.nanoTime();
    CompletableFuture<Map<String, PublicKey>> next =
        place().thenCompose(this::get).thenApply(TokenKeys::keys).toCompletableFuture();
    fetching = next;
    return next.whenComplete(
        (keys, cause) -> {
          if (cause == null) {
            fetched = keys;
          } else {
            log.error("the keys of tokens could not be fetched: {}", reason(cause));
          }
        });
  }

  private CompletionStage<URI> place() {
    URI jwks = config.jwks();
    URI issuer = config.issuer();
    if (jwks != null || issuer == null) {
      return jwks == null
          ? CompletableFuture.failedStage(new IOException("nobody has keys"))
          : CompletableFuture.completedStage(jwks);
    }
    String base = issuer.toString().replaceAll("/+$", "");
    return get(URI.create(base + DISCOVERY)).thenApply(TokenKeys::jwksUri);
  }

  private static URI jwksUri(String document) {
    try {
      URI uri = JSONObjectUtils.getURI(JSONObjectUtils.parse(document), "jwks_uri");
      if (uri == null) {
        throw new CompletionException(new IOException("the issuer names no jwks_uri"));
      }
      return uri;
    } catch (ParseException e) {
      throw new CompletionException(e);
    }
  }

  private CompletionStage<String> get(URI where) {
    HttpRequest request = HttpRequest.newBuilder(where).timeout(TIMEOUT).GET().build();
    return client
        .sendAsync(
            request,
            HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofString(), LONGEST))
        .thenApply(
            response -> {
              if (response.statusCode() != OK) {
                throw new CompletionException(
                    new IOException(where + " answered " + response.statusCode()));
              }
              return response.body();
            });
  }

  private static Map<String, PublicKey> keys(String document) {
    try {
      Map<String, PublicKey> keys = new HashMap<>();
      for (JWK key : JWKSet.parse(document).getKeys()) {
        if (key.getKeyID() != null && key instanceof RSAKey rsa) {
          keys.put(key.getKeyID(), rsa.toPublicKey());
        } else if (key.getKeyID() != null && key instanceof ECKey ec) {
          keys.put(key.getKeyID(), ec.toPublicKey());
        }
      }
      return Map.copyOf(keys);
    } catch (ParseException | JOSEException e) {
      throw new CompletionException(e);
    }
  }

  /** Why something was not found out. */
  static String reason(Throwable cause) {
    Throwable inner =
        cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
    return inner.getMessage() == null
        ? inner.getClass().getSimpleName()
        : String.valueOf(inner.getMessage());
  }
}
