package org.warrenmq.broker.config;

import static org.warrenmq.broker.config.Setting.Reload.RESTART;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.warrenmq.broker.config.BackendConfig.Kind;
import org.warrenmq.broker.config.Setting.Reader;
import org.warrenmq.broker.config.ValueType.Flag;
import org.warrenmq.broker.config.ValueType.Secret;
import org.warrenmq.broker.config.ValueType.Text;
import org.warrenmq.broker.config.ValueType.Whole;

/** The part of the table about who says who may log in; see {@link Settings}. Immutable. */
final class BackendSettings {
  private static final Whole MILLIS = new Whole("milliseconds", 1, 3_600_000);
  private static final Text NAME = new Text(1, 255);
  private static final Text TEXT = new Text(0, 4096);

  static final Setting<Kind> BACKEND =
      row(
          "auth_backends.$num",
          new ValueType.Backend(),
          "`internal`",
          "who is asked whether a client may log in, one after the other by their numbers, until"
              + " one lets it in. See [authentication](authentication.md)");
  static final Setting<Kind> BACKEND_LOGIN =
      row(
          "auth_backends.$num.authn",
          new ValueType.Backend(),
          "",
          "the same, where others say what the client may do");
  static final Setting<Kind> BACKEND_RIGHTS =
      row("auth_backends.$num.authz", new ValueType.Backend(), "", "who says that");
  static final Setting<Kind> CACHED =
      row(
          "auth_cache.cached_backend",
          new ValueType.Backend(),
          "internal",
          "whose answers the back end `cache` remembers");
  static final Setting<Kind> CACHED_LOGIN =
      row("auth_cache.cached_backend.authn", new ValueType.Backend(), "", "the same, for logins");
  static final Setting<Kind> CACHED_RIGHTS =
      row(
          "auth_cache.cached_backend.authz",
          new ValueType.Backend(),
          "",
          "the same, for what clients may do");
  static final Setting<Long> CACHE_TIME =
      row("auth_cache.cache_ttl", MILLIS, "15000", "how long they are remembered");
  static final Setting<Boolean> CACHE_REFUSALS =
      row("auth_cache.cache_refusals", new Flag(), "false", "whether refusals are, too");

  static final Setting<String> HTTP_METHOD =
      row(
          "auth_http.http_method",
          ValueType.Any.of("get|post"),
          "get",
          "how the server is asked; with `get` its log may have passwords");
  static final Setting<URI> HTTP_USER =
      row("auth_http.user_path", new ValueType.Url(), "", "where it is asked about logins");
  static final Setting<URI> HTTP_VHOST =
      row("auth_http.vhost_path", new ValueType.Url(), "", "about virtual hosts");
  static final Setting<URI> HTTP_RESOURCE =
      row("auth_http.resource_path", new ValueType.Url(), "", "about queues and exchanges");
  static final Setting<URI> HTTP_TOPIC =
      row("auth_http.topic_path", new ValueType.Url(), "", "about routing keys");
  static final Setting<Long> HTTP_REQUEST_TIMEOUT =
      row("auth_http.request_timeout", MILLIS, "15000", "for an answer");
  static final Setting<Long> HTTP_CONNECTION_TIMEOUT =
      row("auth_http.connection_timeout", MILLIS, "15000", "for a connection");
  static final Setting<Path> HTTP_CACERTFILE =
      row(
          "auth_http.ssl_options.cacertfile",
          new ValueType.File(),
          "those that Java trusts",
          "who may sign the server's certificate; PEM");
  static final Setting<Path> HTTP_CERTFILE =
      row("auth_http.ssl_options.certfile", new ValueType.File(), "", "shown to the server");
  static final Setting<Path> HTTP_KEYFILE =
      row("auth_http.ssl_options.keyfile", new ValueType.File(), "", "its private key");
  static final Setting<String> HTTP_PASSWORD =
      row("auth_http.ssl_options.password", new Secret(), "", "of that key");
  static final Setting<String> HTTP_VERIFY =
      row(
          "auth_http.ssl_options.verify",
          ValueType.Any.of("verify_peer|verify_none"),
          "verify_peer",
          "`verify_none`: whoever answers is believed");

  static final Setting<String> RESOURCE_SERVER =
      row("auth_oauth2.resource_server_id", NAME, "", "who tokens have to be for");
  static final Setting<String> SCOPE_PREFIX =
      row(
          "auth_oauth2.scope_prefix",
          TEXT,
          "`resource_server_id` and a dot",
          "what scopes begin with that are for this broker");
  static final Setting<Boolean> VERIFY_AUD =
      row(
          "auth_oauth2.verify_aud",
          new Flag(),
          "true",
          "whether the claim `aud` has to have `resource_server_id`");
  static final Setting<Boolean> REQUIRE_EXP =
      row("auth_oauth2.require_exp", new Flag(), "false", "whether tokens need the claim `exp`");
  static final Setting<String> ADDITIONAL_SCOPES =
      row(
          "auth_oauth2.additional_scopes_key",
          TEXT,
          "",
          "further claims with scopes, blanks between them, dots for claims in claims");
  static final Setting<String> SCOPE_ALIAS =
      row(
          "auth_oauth2.scope_aliases.$name",
          TEXT,
          "",
          "scopes that one of that name stands for, blanks between them");
  static final Setting<String> USERNAME_CLAIM =
      row(
          "auth_oauth2.preferred_username_claims.$preferred_username_claims",
          NAME,
          "",
          "where a user's name is looked for, before `sub` and `client_id`");
  static final Setting<String> ALGORITHM =
      row(
          "auth_oauth2.algorithms.$algorithm",
          ValueType.Any.of("RS256|RS384|RS512|PS256|PS384|PS512|ES256|ES384|ES512"),
          "all of them",
          "what tokens may be signed by, one a key");
  static final Setting<Path> SIGNING_KEY =
      row(
          "auth_oauth2.signing_keys.$name",
          new ValueType.File(),
          "",
          "the public key of that id, or a certificate; PEM");
  static final Setting<String> DEFAULT_KEY =
      row("auth_oauth2.default_key", NAME, "", "the id of the key of tokens that name none");
  static final Setting<URI> JWKS_URI =
      row("auth_oauth2.jwks_uri", new ValueType.Url(), "", "where further keys are fetched");
  static final Setting<URI> JWKS_URL =
      row("auth_oauth2.jwks_url", new ValueType.Url(), "", "the same, as it was called before");
  static final Setting<URI> ISSUER =
      row("auth_oauth2.issuer", new ValueType.Url(), "", "who says where that is");
  static final Setting<Path> OAUTH_CACERTFILE =
      row(
          "auth_oauth2.https.cacertfile",
          new ValueType.File(),
          "those that Java trusts",
          "who may sign the issuer's certificate; PEM");
  static final Setting<String> OAUTH_VERIFY =
      row(
          "auth_oauth2.https.verify",
          ValueType.Any.of("verify_peer|verify_none"),
          "verify_peer",
          "`verify_none`: whoever answers is believed");
  static final Setting<String> OAUTH_PEER_VERIFICATION =
      row(
          "auth_oauth2.https.peer_verification",
          ValueType.Any.of("verify_peer|verify_none"),
          "",
          "the same, as it was called before");

  /** All of them, in the order of the documentation. */
  static final List<Setting<?>> TABLE =
      List.of(
          BACKEND,
          BACKEND_LOGIN,
          BACKEND_RIGHTS,
          CACHED,
          CACHED_LOGIN,
          CACHED_RIGHTS,
          CACHE_TIME,
          CACHE_REFUSALS,
          HTTP_METHOD,
          HTTP_USER,
          HTTP_VHOST,
          HTTP_RESOURCE,
          HTTP_TOPIC,
          HTTP_REQUEST_TIMEOUT,
          HTTP_CONNECTION_TIMEOUT,
          HTTP_CACERTFILE,
          HTTP_CERTFILE,
          HTTP_KEYFILE,
          HTTP_PASSWORD,
          HTTP_VERIFY,
          RESOURCE_SERVER,
          SCOPE_PREFIX,
          VERIFY_AUD,
          REQUIRE_EXP,
          ADDITIONAL_SCOPES,
          SCOPE_ALIAS,
          USERNAME_CLAIM,
          ALGORITHM,
          SIGNING_KEY,
          DEFAULT_KEY,
          JWKS_URI,
          JWKS_URL,
          ISSUER,
          OAUTH_CACERTFILE,
          OAUTH_VERIFY,
          OAUTH_PEER_VERIFICATION);

  private BackendSettings() {}

  private static <T> Setting<T> row(
      String key, ValueType<T> type, String byDefault, String meaning) {
    return Setting.of(key, type, Reader.BACKENDS, byDefault, RESTART, meaning);
  }
}
