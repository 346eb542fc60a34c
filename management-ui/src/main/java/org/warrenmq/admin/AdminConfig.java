package org.warrenmq.admin;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the HTTP API is served. Immutable.
 *
 * @param http where users are let in; null: nowhere
 * @param https where they are let in by TLS; null: nowhere
 * @param pathPrefix before {@code /api}; empty for none
 * @param maxBody octets of a body, at most
 * @param headers further ones of every answer
 * @param allowedOrigins of pages from elsewhere whose scripts may use it; {@code *} is any
 * @param originMaxAge for how long a browser may remember that
 */
public record AdminConfig(
    @Nullable Listener http,
    @Nullable Listener https,
    String pathPrefix,
    long maxBody,
    Map<String, String> headers,
    List<String> allowedOrigins,
    Duration originMaxAge) {

  /** The usual port. */
  public static final int HTTP_PORT = 15672;

  /** The usual one by TLS. */
  public static final int HTTPS_PORT = 15671;

  private static final String ANYWHERE = "0.0.0.0";

  public AdminConfig {
    headers = Map.copyOf(headers);
    allowedOrigins = List.copyOf(allowedOrigins);
  }

  /**
   * A place where users are let in.
   *
   * @param host the address to listen on
   * @param port 0 takes any free one
   * @param requestTimeout in which the head of a request is there, counted from its first octet, of
   *     a connection's first request from accept on
   * @param idleTimeout after which a connection is closed on which nothing happens
   * @param compress whether clients that take it get less octets
   */
  public record Listener(
      String host, int port, Duration requestTimeout, Duration idleTimeout, boolean compress) {
    /** With the usual bounds. */
    public static Listener at(String host, int port) {
      return new Listener(host, port, Duration.ofSeconds(10), Duration.ofSeconds(60), true);
    }
  }

  /** What holds where nothing is set. */
  public static AdminConfig defaults() {
    return new AdminConfig(
        Listener.at(ANYWHERE, HTTP_PORT),
        null,
        "",
        20_000_000,
        Map.of(
            "content-security-policy",
            "script-src 'self' 'unsafe-eval' 'unsafe-inline'; object-src 'self'"),
        List.of(),
        Duration.ofSeconds(1800));
  }

  /** With another port for HTTP. */
  public AdminConfig withPort(int other) {
    Listener old = http == null ? Listener.at(ANYWHERE, other) : http;
    Listener there =
        new Listener(old.host(), other, old.requestTimeout(), old.idleTimeout(), old.compress());
    return new AdminConfig(
        there, https, pathPrefix, maxBody, headers, allowedOrigins, originMaxAge);
  }
}
