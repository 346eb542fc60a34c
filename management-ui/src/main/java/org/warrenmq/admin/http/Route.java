package org.warrenmq.admin.http;

import java.util.List;
import java.util.stream.Stream;

/**
 * A line of the table of all endpoints. Immutable.
 *
 * @param method of HTTP; HEAD goes with GET
 * @param path behind the prefix, {@code /queues/{vhost}/{queue}}: what is in braces stands for one
 *     part
 * @param authority what callers have to be
 */
public record Route(String method, String path, Authority authority, Endpoint endpoint) {
  public static Route get(String path, Authority authority, Endpoint endpoint) {
    return new Route("GET", path, authority, endpoint);
  }

  public static Route put(String path, Authority authority, Endpoint endpoint) {
    return new Route("PUT", path, authority, endpoint);
  }

  public static Route post(String path, Authority authority, Endpoint endpoint) {
    return new Route("POST", path, authority, endpoint);
  }

  public static Route delete(String path, Authority authority, Endpoint endpoint) {
    return new Route("DELETE", path, authority, endpoint);
  }

  /** The parts of the path. */
  List<String> parts() {
    return Stream.of(path.split("/")).filter(part -> !part.isEmpty()).toList();
  }

  /** Whether a part of a path stands for anything. */
  static boolean isVariable(String part) {
    return part.startsWith("{");
  }
}
