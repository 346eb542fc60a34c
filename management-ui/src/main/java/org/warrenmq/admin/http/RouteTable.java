package org.warrenmq.admin.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All routes, found by a path. A path is split before its parts are decoded, so that a name may
 * have slashes in it; one slash more at the end is as good as none. Immutable, any thread.
 */
public final class RouteTable {
  private final List<Route> routes;

  /** By the number of parts; what is written out is before what stands for anything. */
  private final Map<Integer, List<Resource>> resources = new HashMap<>();

  /** The routes of one path. */
  private record Resource(List<String> parts, Map<String, Route> byMethod) {}

  /** What there is at a path. */
  public sealed interface Match {
    /**
     * @param values of what is in braces, by name
     */
    record Found(Route route, Map<String, String> values) implements Match {}

    /**
     * @param methods those that there are
     */
    record OtherMethods(Set<String> methods) implements Match {}

    record Nothing() implements Match {}
  }

  public RouteTable(List<Route> routes) {
    this.routes = List.copyOf(routes);
    Map<String, Resource> byPath = new LinkedHashMap<>();
    for (Route route : routes) {
      Resource resource =
          byPath.computeIfAbsent(
              route.path(), _ -> new Resource(route.parts(), new LinkedHashMap<>()));
      if (resource.byMethod.put(route.method(), route) != null) {
        throw new IllegalStateException("two routes " + route.method() + " " + route.path());
      }
    }
    for (Resource resource : byPath.values()) {
      resources.computeIfAbsent(resource.parts.size(), _ -> new ArrayList<>()).add(resource);
    }
    resources.values().forEach(some -> some.sort(Comparator.comparing(RouteTable::shape)));
  }

  /** Sorts variable parts behind the others. */
  private static String shape(Resource resource) {
    StringBuilder shape = new StringBuilder();
    for (String part : resource.parts) {
      shape.append(Route.isVariable(part) ? '1' : '0');
    }
    return shape.toString();
  }

  /** All there are, in their order. */
  public List<Route> routes() {
    return routes;
  }

  /**
   * Looks a path up.
   *
   * @param path behind the prefix, not decoded
   * @throws ApiError when it is not well-formed
   */
  public Match find(String method, String path) {
    List<String> parts = split(path);
    for (Resource resource : resources.getOrDefault(parts.size(), List.of())) {
      Map<String, String> values = values(resource.parts, parts);
      if (values != null) {
        Route route = resource.byMethod.get(method.equals("HEAD") ? "GET" : method);
        return route == null
            ? new Match.OtherMethods(methods(resource))
            : new Match.Found(route, values);
      }
    }
    return new Match.Nothing();
  }

  private static Set<String> methods(Resource resource) {
    Set<String> methods = new TreeSet<>(resource.byMethod.keySet());
    if (methods.contains("GET")) {
      methods.add("HEAD");
    }
    methods.add("OPTIONS");
    return methods;
  }

  private static @Nullable Map<String, String> values(List<String> pattern, List<String> parts) {
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < parts.size(); i++) {
      String wanted = pattern.get(i);
      if (Route.isVariable(wanted)) {
        values.put(wanted.substring(1, wanted.length() - 1), parts.get(i));
      } else if (!wanted.equals(parts.get(i))) {
        return null;
      }
    }
    return values;
  }

  private static List<String> split(String path) {
    List<String> parts = new ArrayList<>();
    String[] given = path.split("/", -1);
    int end =
        given.length > 0 && given[given.length - 1].isEmpty() ? given.length - 1 : given.length;
    for (int i = path.startsWith("/") ? 1 : 0; i < end; i++) {
      parts.add(decode(given[i]));
    }
    return parts;
  }

  /**
   * A part of a path as it is meant. A plus is a plus here.
   *
   * @throws ApiError when it is not well-formed
   */
  static String decode(String part) {
    if (part.indexOf('%') < 0) {
      return part;
    }
    byte[] given = part.getBytes(StandardCharsets.UTF_8);
    byte[] octets = new byte[given.length];
    int size = 0;
    for (int i = 0; i < given.length; i++) {
      if (given[i] != '%') {
        octets[size++] = given[i];
      } else {
        int high = i + 2 <= given.length - 1 ? Character.digit(given[i + 1], 16) : -1;
        int low = i + 2 <= given.length - 1 ? Character.digit(given[i + 2], 16) : -1;
        if (high < 0 || low < 0) {
          throw ApiError.badRequest("the path is not well-formed");
        }
        octets[size++] = (byte) (high << 4 | low);
        i += 2;
      }
    }
    return new String(octets, 0, size, StandardCharsets.UTF_8);
  }
}
