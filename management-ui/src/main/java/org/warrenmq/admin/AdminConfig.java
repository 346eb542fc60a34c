package org.warrenmq.admin;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * How the HTTP API is served. Immutable.
 *
 * @param host the address to listen on
 * @param port 0 takes any free one
 * @param pathPrefix before {@code /api}; empty for none
 * @param maxBody octets of a body, at most
 * @param idleTimeout after which a connection is closed on which nothing happens
 * @param compress whether clients that take it get less octets
 * @param headers further ones of every answer
 * @param allowedOrigins of pages from elsewhere whose scripts may use it; {@code *} is any
 * @param originMaxAge for how long a browser may remember that
 */
public record AdminConfig(
    String host,
    int port,
    String pathPrefix,
    long maxBody,
    Duration idleTimeout,
    boolean compress,
    Map<String, String> headers,
    List<String> allowedOrigins,
    Duration originMaxAge) {

  public AdminConfig {
    headers = Map.copyOf(headers);
    allowedOrigins = List.copyOf(allowedOrigins);
  }

  /** What holds where nothing is set. */
  public static AdminConfig defaults() {
    return new AdminConfig(
        "0.0.0.0",
        15672,
        "",
        20_000_000,
        Duration.ofSeconds(60),
        true,
        Map.of(
            "content-security-policy",
            "script-src 'self' 'unsafe-eval' 'unsafe-inline'; object-src 'self'"),
        List.of(),
        Duration.ofSeconds(1800));
  }

  public AdminConfig withPort(int other) {
    return new AdminConfig(
        host,
        other,
        pathPrefix,
        maxBody,
        idleTimeout,
        compress,
        headers,
        allowedOrigins,
        originMaxAge);
  }
}
