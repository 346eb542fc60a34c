package org.warrenmq.broker.config;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.AdminConfig;

/** Reads how the HTTP API is served, for {@link ConfigReader}. Stateless, any thread. */
final class ManagementReader {
  private ManagementReader() {}

  /**
   * How the HTTP API is served.
   *
   * @param base what holds where nothing was given
   */
  static AdminConfig read(Configuration given, AdminConfig base) {
    Map<String, String> headers = new HashMap<>(base.headers());
    for (Setting<String> header : ManagementSettings.HEADERS_SET) {
      String value = given.get(header);
      if (value != null) {
        headers.put(Objects.requireNonNull(ManagementSettings.HEADERS.get(header.key())), value);
      }
    }
    String prefix = given.get(ManagementSettings.PREFIX, base.pathPrefix());
    List<String> origins = List.copyOf(given.all(ManagementSettings.ORIGIN).values());
    long maxAge = given.get(ManagementSettings.ORIGIN_AGE, base.originMaxAge().toSeconds());
    return new AdminConfig(
        given.has(ManagementSettings.SSL_BEGINNING) && !given.has(ManagementSettings.TCP_BEGINNING)
            ? null
            : listener(given, ManagementSettings.TCP, base.http(), AdminConfig.HTTP_PORT),
        given.has(ManagementSettings.SSL_BEGINNING)
            ? listener(given, ManagementSettings.SSL, base.https(), AdminConfig.HTTPS_PORT)
            : base.https(),
        prefix.isEmpty() || prefix.startsWith("/") ? prefix : "/" + prefix,
        given.get(ManagementSettings.BODY, base.maxBody()),
        headers,
        origins.isEmpty() ? base.allowedOrigins() : origins,
        Duration.ofSeconds(maxAge));
  }

  /**
   * Refuses keys of HTTPS where there is no certificate for it.
   *
   * @throws StartupException when there are any
   */
  static void refuseWithoutCertificate(Configuration given) throws StartupException {
    for (Configuration.Value value : given.values()) {
      String key = value.given().key();
      if (key.startsWith(ManagementSettings.SSL_BEGINNING)
          && value.setting().effect() instanceof Setting.Read) {
        throw new StartupException(
            "%s: %s = %s: it takes management.ssl.certfile and management.ssl.keyfile"
                .formatted(value.given().place(), key, value.shown()));
      }
    }
  }

  private static AdminConfig.Listener listener(
      Configuration given,
      ManagementSettings.Place place,
      AdminConfig.@Nullable Listener before,
      int usualPort) {
    AdminConfig.Listener base =
        before == null ? AdminConfig.Listener.at("0.0.0.0", usualPort) : before;
    long request = given.get(place.requestTimeout(), base.requestTimeout().toMillis());
    long idle = given.get(place.idleTimeout(), base.idleTimeout().toMillis());
    return new AdminConfig.Listener(
        given.get(place.ip(), base.host()),
        given.get(place.port(), (long) base.port()).intValue(),
        Duration.ofMillis(request),
        Duration.ofMillis(idle),
        given.get(place.compress(), base.compress()));
  }
}
