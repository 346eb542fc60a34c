package org.warrenmq.broker.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who says who may log in, and what they may do then. Immutable, any thread.
 *
 * @param links asked in their order, one at least
 * @param cache for those that are asked by it
 * @param http null where it is not asked
 * @param oauth null where it is not asked
 */
public record BackendConfig(
    List<Link> links, Cache cache, @Nullable Http http, @Nullable OAuth oauth) {
  /** The users of the node's own. */
  public static final BackendConfig DEFAULTS =
      new BackendConfig(
          List.of(new Link(Kind.INTERNAL, List.of())),
          new Cache(Kind.INTERNAL, List.of(), Duration.ofSeconds(15), false),
          null,
          null);

  public BackendConfig {
    links = List.copyOf(links);
  }

  /** The back ends there are. */
  public enum Kind {
    INTERNAL,
    HTTP,
    OAUTH2,
    /** One of the others, whose answers are remembered for a while. */
    CACHE
  }

  /**
   * @param login lets clients in
   * @param rights say what those may do; none: the one that lets them in
   */
  public record Link(Kind login, List<Kind> rights) {
    public Link {
      rights = List.copyOf(rights);
    }
  }

  /**
   * @param login whose answers are remembered
   * @param rights as with a link
   * @param time for which they are
   * @param refusals whether these are, too
   */
  public record Cache(Kind login, List<Kind> rights, Duration time, boolean refusals) {
    public Cache {
      rights = List.copyOf(rights);
    }
  }

  /**
   * How an HTTPS server is known, and the broker to it.
   *
   * @param cacertfile who may sign its certificate; null: whom Java trusts
   * @param identity shown to it; null: nothing
   * @param verify whether its certificate is looked at
   */
  public record ClientTls(
      String key,
      @Nullable Path cacertfile,
      TlsConfig.@Nullable Identity identity,
      boolean verify) {}

  /**
   * RabbitMQ's back end by HTTP.
   *
   * @param post whether it is asked by POST, or by GET
   * @param user where it is asked who may log in
   * @param requestTimeout for an answer
   */
  public record Http(
      boolean post,
      URI user,
      URI vhost,
      URI resource,
      URI topic,
      Duration requestTimeout,
      Duration connectionTimeout,
      ClientTls tls) {}

  /**
   * Tokens by OAuth 2.
   *
   * @param resourceServerId who a token has to be for
   * @param scopePrefix what those scopes begin with that are for this broker
   * @param verifyAudience whether who a token is for is looked at
   * @param requireExpiry whether a token has to have an end
   * @param additionalScopesKeys further claims that have scopes
   * @param scopeAliases what scopes stand for
   * @param usernameClaims where a user's name is looked for, before sub and client_id
   * @param algorithms those that a token may be signed by; empty: all with public keys
   */
  public record OAuth(
      String resourceServerId,
      String scopePrefix,
      boolean verifyAudience,
      boolean requireExpiry,
      List<String> additionalScopesKeys,
      Map<String, List<String>> scopeAliases,
      List<String> usernameClaims,
      Set<String> algorithms,
      Keys keys) {
    public OAuth {
      additionalScopesKeys = List.copyOf(additionalScopesKeys);
      scopeAliases = Map.copyOf(scopeAliases);
      usernameClaims = List.copyOf(usernameClaims);
      algorithms = Set.copyOf(algorithms);
    }
  }

  /**
   * The keys that tokens are signed by.
   *
   * @param files by their ids
   * @param byDefault of a token that names none; null: there is no such
   * @param jwks where further ones are; null: nowhere
   * @param issuer who says where they are, when {@code jwks} is null; null: nobody
   */
  public record Keys(
      Map<String, Path> files,
      @Nullable String byDefault,
      @Nullable URI jwks,
      @Nullable URI issuer,
      ClientTls tls) {
    public Keys {
      files = Map.copyOf(files);
    }
  }
}
