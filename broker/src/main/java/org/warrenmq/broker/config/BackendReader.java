package org.warrenmq.broker.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.config.BackendConfig.Kind;
import org.warrenmq.broker.config.BackendConfig.Link;

/** Reads who says who may log in, for {@link SecurityReader}. Stateless, any thread. */
final class BackendReader {
  private static final long TIMEOUT = 15_000;
  private static final String UNSAFE = "verify_none";

  private final Configuration given;

  private BackendReader(Configuration given) {
    this.given = given;
  }

  static BackendConfig read(Configuration given, BackendConfig base) throws StartupException {
    return new BackendReader(given).over(base);
  }

  private BackendConfig over(BackendConfig base) throws StartupException {
    List<Link> links = links();
    if (links.isEmpty()) {
      return base;
    }
    BackendConfig.Cache cache = cache();
    Set<Kind> asked = new HashSet<>();
    for (Link link : links) {
      asked.add(link.login());
      asked.addAll(link.rights());
    }
    if (asked.contains(Kind.CACHE)) {
      asked.add(cache.login());
      asked.addAll(cache.rights());
      if (cache.login() == Kind.CACHE || cache.rights().contains(Kind.CACHE)) {
        throw new StartupException("auth_cache.cached_backend = cache: it is one of the others");
      }
    }
    return new BackendConfig(
        links,
        cache,
        asked.contains(Kind.HTTP) ? http() : null,
        asked.contains(Kind.OAUTH2) ? oauth() : null);
  }

  /** By their numbers; who has both an authn and an authz is one link. */
  private List<Link> links() {
    Map<String, Kind> whole = given.all(BackendSettings.BACKEND);
    Map<String, Kind> logins = given.all(BackendSettings.BACKEND_LOGIN);
    Map<String, Kind> rights = given.all(BackendSettings.BACKEND_RIGHTS);
    Set<String> numbers = new TreeSet<>(Configuration.NUMBERS_AS_SUCH);
    numbers.addAll(whole.keySet());
    numbers.addAll(logins.keySet());
    numbers.addAll(rights.keySet());
    List<Link> links = new ArrayList<>();
    for (String number : numbers) {
      link(whole.get(number), logins.get(number), rights.get(number), links);
    }
    return links;
  }

  private static void link(
      @Nullable Kind whole, @Nullable Kind login, @Nullable Kind rights, List<Link> links) {
    Kind first = login == null ? whole : login;
    if (first == null) {
      first = rights;
    }
    if (first != null) {
      links.add(new Link(first, rights == null || rights == first ? List.of() : List.of(rights)));
    }
  }

  private BackendConfig.Cache cache() {
    List<Link> cached = new ArrayList<>();
    link(
        given.get(BackendSettings.CACHED, Kind.INTERNAL),
        given.get(BackendSettings.CACHED_LOGIN),
        given.get(BackendSettings.CACHED_RIGHTS),
        cached);
    return new BackendConfig.Cache(
        cached.getFirst().login(),
        cached.getFirst().rights(),
        Duration.ofMillis(given.get(BackendSettings.CACHE_TIME, TIMEOUT)),
        given.get(BackendSettings.CACHE_REFUSALS, false));
  }

  private BackendConfig.Http http() throws StartupException {
    return new BackendConfig.Http(
        given.get(BackendSettings.HTTP_METHOD, "get").equals("post"),
        needed(BackendSettings.HTTP_USER, "http"),
        needed(BackendSettings.HTTP_VHOST, "http"),
        needed(BackendSettings.HTTP_RESOURCE, "http"),
        needed(BackendSettings.HTTP_TOPIC, "http"),
        Duration.ofMillis(given.get(BackendSettings.HTTP_REQUEST_TIMEOUT, TIMEOUT)),
        Duration.ofMillis(given.get(BackendSettings.HTTP_CONNECTION_TIMEOUT, TIMEOUT)),
        new BackendConfig.ClientTls(
            "auth_http.ssl_options",
            given.get(BackendSettings.HTTP_CACERTFILE),
            identity(),
            !given.get(BackendSettings.HTTP_VERIFY, "").equals(UNSAFE)));
  }

  private TlsConfig.@Nullable Identity identity() throws StartupException {
    Path certificate = given.get(BackendSettings.HTTP_CERTFILE);
    Path key = given.get(BackendSettings.HTTP_KEYFILE);
    if (certificate == null && key == null) {
      return null;
    }
    return new TlsConfig.Identity(
        needed(BackendSettings.HTTP_CERTFILE, "http"),
        needed(BackendSettings.HTTP_KEYFILE, "http"),
        given.get(BackendSettings.HTTP_PASSWORD));
  }

  private <T> T needed(Setting<T> setting, String backend) throws StartupException {
    T value = given.get(setting);
    if (value == null) {
      throw new StartupException(
          "%s: auth_backends.* = %s: it takes %s"
              .formatted(given.place(BackendSettings.BACKEND), backend, setting.key()));
    }
    return value;
  }

  private BackendConfig.OAuth oauth() throws StartupException {
    String server = needed(BackendSettings.RESOURCE_SERVER, "oauth2");
    Map<String, List<String>> aliases = new HashMap<>();
    given
        .all(BackendSettings.SCOPE_ALIAS)
        .forEach((name, scopes) -> aliases.put(name, words(scopes)));
    return new BackendConfig.OAuth(
        server,
        given.get(BackendSettings.SCOPE_PREFIX, server + "."),
        given.get(BackendSettings.VERIFY_AUD, true),
        given.get(BackendSettings.REQUIRE_EXP, false),
        words(given.get(BackendSettings.ADDITIONAL_SCOPES, "")),
        aliases,
        List.copyOf(given.all(BackendSettings.USERNAME_CLAIM).values()),
        Set.copyOf(given.all(BackendSettings.ALGORITHM).values()),
        keys());
  }

  private static List<String> words(String text) {
    return Arrays.stream(text.split("\\s+")).filter(word -> !word.isEmpty()).toList();
  }

  private BackendConfig.Keys keys() throws StartupException {
    Map<String, Path> files = given.all(BackendSettings.SIGNING_KEY);
    URI jwks = given.get(BackendSettings.JWKS_URI);
    jwks = jwks == null ? given.get(BackendSettings.JWKS_URL) : jwks;
    URI issuer = given.get(BackendSettings.ISSUER);
    if (files.isEmpty() && jwks == null && issuer == null) {
      throw new StartupException(
          "auth_backends.* = oauth2: it takes auth_oauth2.issuer, jwks_uri or signing_keys.$name");
    }
    String verify =
        given.get(
            BackendSettings.OAUTH_VERIFY, given.get(BackendSettings.OAUTH_PEER_VERIFICATION, ""));
    return new BackendConfig.Keys(
        files,
        given.get(BackendSettings.DEFAULT_KEY),
        jwks,
        issuer,
        new BackendConfig.ClientTls(
            "auth_oauth2.https",
            given.get(BackendSettings.OAUTH_CACERTFILE),
            null,
            !verify.equals(UNSAFE)));
  }
}
