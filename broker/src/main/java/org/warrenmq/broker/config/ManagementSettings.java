package org.warrenmq.broker.config;

import static org.warrenmq.broker.config.Setting.Reload.RESTART;
import static org.warrenmq.broker.config.Setting.of;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.warrenmq.admin.AdminConfig;
import org.warrenmq.broker.config.Setting.Reader;
import org.warrenmq.broker.config.ValueType.Flag;
import org.warrenmq.broker.config.ValueType.Size;
import org.warrenmq.broker.config.ValueType.Text;
import org.warrenmq.broker.config.ValueType.Whole;

/** The part of the table about the HTTP API; see {@link Settings}. Immutable. */
final class ManagementSettings {
  static final Setting<Long> PORT =
      of(
          "management.tcp.port",
          Settings.PORT,
          Reader.LISTENERS,
          "15672",
          RESTART,
          "the port of the [HTTP API](http-api.md); 0 takes a free one");
  static final Setting<String> IP =
      of(
          "management.tcp.ip",
          new Text(1, 255),
          Reader.LISTENERS,
          "0.0.0.0",
          RESTART,
          "the address that it listens on");
  static final Setting<String> PREFIX =
      of(
          "management.path_prefix",
          new Text(0, 255),
          Reader.LISTENERS,
          "",
          RESTART,
          "what stands before `/api` in every path, `/mq`");
  static final Setting<Long> BODY =
      of(
          "management.http.max_body_size",
          new Size(1024, 1 << 30, 1000),
          Reader.LISTENERS,
          "20000000",
          RESTART,
          "largest body of a request");
  static final Setting<Long> IDLE_TIMEOUT =
      of(
          "management.tcp.idle_timeout",
          new Whole("milliseconds", 1000, 86_400_000),
          Reader.LISTENERS,
          "60000",
          RESTART,
          "after which a connection is closed on which nothing happens");
  static final Setting<Boolean> COMPRESS =
      of(
          "management.tcp.compress",
          new Flag(),
          Reader.LISTENERS,
          "true",
          RESTART,
          "whether answers are compressed for clients that take it");
  static final Setting<String> ORIGIN =
      of(
          "management.cors.allow_origins.$name",
          new Text(1, 255),
          Reader.LISTENERS,
          "",
          RESTART,
          "pages from there may use it, `https://example.com`; `*` is any");
  static final Setting<Long> ORIGIN_AGE =
      of(
          "management.cors.max_age",
          new Whole("seconds", 0, 86_400),
          Reader.LISTENERS,
          "1800",
          RESTART,
          "for how long a browser may remember that");
  private static final Map<String, String> HEADERS =
      Map.of(
          "management.csp.policy", "content-security-policy",
          "management.hsts.policy", "strict-transport-security",
          "management.headers.content_type_options", "x-content-type-options",
          "management.headers.frame_options", "x-frame-options",
          "management.headers.xss_protection", "x-xss-protection",
          "management.headers.referrer_policy", "referrer-policy");
  static final List<Setting<String>> HEADERS_SET =
      HEADERS.keySet().stream()
          .sorted()
          .map(
              key ->
                  of(
                      key,
                      new Text(1, 2048),
                      Reader.LISTENERS,
                      key.equals("management.csp.policy")
                          ? "`script-src 'self' 'unsafe-eval' 'unsafe-inline'; object-src 'self'`"
                          : "",
                      RESTART,
                      "header `" + HEADERS.get(key) + "` of every answer of the HTTP API"))
          .toList();

  /** All of them, in the order of the documentation. */
  static final List<Setting<?>> TABLE =
      Stream.concat(
              Stream.of(PORT, IP, PREFIX, BODY, IDLE_TIMEOUT, COMPRESS, ORIGIN, ORIGIN_AGE),
              HEADERS_SET.stream())
          .<Setting<?>>map(setting -> setting)
          .toList();

  private ManagementSettings() {}

  /**
   * How the HTTP API is served.
   *
   * @param base what holds where nothing was given
   */
  static AdminConfig read(Configuration given, AdminConfig base) {
    Map<String, String> headers = new HashMap<>(base.headers());
    for (Setting<String> header : HEADERS_SET) {
      String value = given.get(header);
      if (value != null) {
        headers.put(Objects.requireNonNull(HEADERS.get(header.key())), value);
      }
    }
    String prefix = given.get(PREFIX, base.pathPrefix());
    List<String> origins = List.copyOf(given.all(ORIGIN).values());
    long idle = given.get(IDLE_TIMEOUT, base.idleTimeout().toMillis());
    long maxAge = given.get(ORIGIN_AGE, base.originMaxAge().toSeconds());
    return new AdminConfig(
        given.get(IP, base.host()),
        given.get(PORT, (long) base.port()).intValue(),
        prefix.isEmpty() || prefix.startsWith("/") ? prefix : "/" + prefix,
        given.get(BODY, base.maxBody()),
        Duration.ofMillis(idle),
        given.get(COMPRESS, base.compress()),
        headers,
        origins.isEmpty() ? base.allowedOrigins() : origins,
        Duration.ofSeconds(maxAge));
  }
}
