package org.warrenmq.broker;

import java.net.http.HttpClient;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.warrenmq.broker.auth.Accounts;
import org.warrenmq.broker.auth.AuthBackend;
import org.warrenmq.broker.auth.BackendChain;
import org.warrenmq.broker.auth.CachedBackend;
import org.warrenmq.broker.auth.InternalBackend;
import org.warrenmq.broker.auth.http.HttpBackend;
import org.warrenmq.broker.auth.oauth.OAuthBackend;
import org.warrenmq.broker.config.BackendConfig;
import org.warrenmq.broker.config.BackendConfig.Kind;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.config.StartupException;
import org.warrenmq.broker.tls.HttpsClient;
import org.warrenmq.broker.tls.PublicKeys;

/** Makes those who say who may log in, as they are configured. At a start, on its thread. */
final class AuthBackends {
  private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(10);

  private final BackendConfig config;
  private final Set<String> loopbackUsers;
  private final Map<Kind, AuthBackend> made = new EnumMap<>(Kind.class);

  /**
   * Makes those that need nothing of the node's.
   *
   * @throws StartupException when a file that one of them needs is not what it has to be
   */
  AuthBackends(BrokerConfig whole) throws StartupException {
    config = whole.security().backends();
    loopbackUsers = loopbackUsers(whole);
    BackendConfig.Http http = config.http();
    if (http != null) {
      HttpClient client = HttpsClient.of(http.tls(), http.connectionTimeout());
      made.put(Kind.HTTP, new HttpBackend(http, client));
    }
    BackendConfig.OAuth oauth = config.oauth();
    if (oauth != null) {
      HttpClient client = HttpsClient.of(oauth.keys().tls(), CONNECTION_TIMEOUT);
      made.put(Kind.OAUTH2, new OAuthBackend(oauth, keys(oauth.keys()), client));
    }
  }

  /** Those that may log in from this machine only. */
  static Set<String> loopbackUsers(BrokerConfig config) {
    Set<String> users = new HashSet<>(config.security().loopbackUsers());
    if (config.account().loopbackOnly()) {
      users.add(config.account().user());
    }
    return users;
  }

  /**
   * All of them, as one.
   *
   * @param accounts the users of the node's own
   */
  AuthBackend chain(Accounts accounts) {
    made.put(Kind.INTERNAL, new InternalBackend(accounts));
    BackendConfig.Cache cache = config.cache();
    if (config.links().stream().anyMatch(AuthBackends::isCached)) {
      BackendChain cached =
          new BackendChain(List.of(link(cache.login(), cache.rights())), Set.of());
      made.put(Kind.CACHE, new CachedBackend(cached, cache.time(), cache.refusals()));
    }
    List<BackendChain.Link> links = new ArrayList<>();
    for (BackendConfig.Link link : config.links()) {
      links.add(link(link.login(), link.rights()));
    }
    return new BackendChain(links, loopbackUsers);
  }

  private static boolean isCached(BackendConfig.Link link) {
    return link.login() == Kind.CACHE || link.rights().contains(Kind.CACHE);
  }

  private static Map<String, PublicKey> keys(BackendConfig.Keys config) throws StartupException {
    Map<String, PublicKey> keys = new HashMap<>();
    for (Map.Entry<String, Path> file : config.files().entrySet()) {
      String key = "auth_oauth2.signing_keys." + file.getKey();
      keys.put(file.getKey(), PublicKeys.read(key, file.getValue()));
    }
    return keys;
  }

  private BackendChain.Link link(Kind login, List<Kind> rights) {
    return new BackendChain.Link(
        login.name().toLowerCase(Locale.ROOT),
        backend(login),
        rights.stream().map(this::backend).toList());
  }

  private AuthBackend backend(Kind kind) {
    AuthBackend backend = made.get(kind);
    if (backend == null) {
      throw new IllegalStateException(kind + " is not configured");
    }
    return backend;
  }
}
