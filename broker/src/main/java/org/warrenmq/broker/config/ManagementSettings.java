package org.warrenmq.broker.config;

import static org.warrenmq.broker.config.Setting.Reload.RESTART;
import static org.warrenmq.broker.config.Setting.of;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.warrenmq.broker.config.Setting.Reader;
import org.warrenmq.broker.config.ValueType.Flag;
import org.warrenmq.broker.config.ValueType.Size;
import org.warrenmq.broker.config.ValueType.Text;
import org.warrenmq.broker.config.ValueType.Whole;

/**
 * The part of the table about the HTTP API; see {@link Settings}, read by {@link ManagementReader}.
 * Immutable.
 */
final class ManagementSettings {
  static final String TCP_BEGINNING = "management.tcp.";
  static final String SSL_BEGINNING = "management.ssl.";
  private static final Whole MILLIS = new Whole("milliseconds", 1000, 86_400_000);

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

  /** The rows of a place where users are let in. */
  record Place(
      Setting<Long> port,
      Setting<String> ip,
      Setting<Long> requestTimeout,
      Setting<Long> idleTimeout,
      Setting<Boolean> compress) {
    List<Setting<?>> rows() {
      return List.of(port, ip, requestTimeout, idleTimeout, compress);
    }
  }

  static final Place TCP =
      place(
          "management.tcp", "15672", "the port of the [HTTP API](http-api.md); 0 takes a free one");
  static final Place SSL =
      place(
          "management.ssl",
          "15671",
          "its port by TLS. With any key of `management.ssl` and none of `management.tcp` there is"
              + " no other");

  /** What it speaks TLS by, at its port for that. */
  static final TlsSettings SSL_OPTIONS = new TlsSettings("management.ssl", Reader.TLS);

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

  /** Headers of answers by the keys that set them. */
  static final Map<String, String> HEADERS =
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
              Stream.of(TCP.rows(), SSL.rows(), SSL_OPTIONS.rows()).flatMap(List::stream),
              Stream.concat(Stream.of(PREFIX, BODY, ORIGIN, ORIGIN_AGE), HEADERS_SET.stream()))
          .<Setting<?>>map(setting -> setting)
          .toList();

  private ManagementSettings() {}

  private static Place place(String prefix, String port, String meaning) {
    return new Place(
        of(prefix + ".port", ValueType.PORT, Reader.LISTENERS, port, RESTART, meaning),
        of(
            prefix + ".ip",
            new Text(1, 255),
            Reader.LISTENERS,
            "0.0.0.0",
            RESTART,
            "the address that it listens on"),
        of(
            prefix + ".request_timeout",
            MILLIS,
            Reader.LISTENERS,
            "10000",
            RESTART,
            "in which the head of a request has to come"),
        of(
            prefix + ".idle_timeout",
            MILLIS,
            Reader.LISTENERS,
            "60000",
            RESTART,
            "after which a connection is closed on which nothing happens"),
        of(
            prefix + ".compress",
            new Flag(),
            Reader.LISTENERS,
            "true",
            RESTART,
            "whether answers are compressed for clients that take it"));
  }
}
