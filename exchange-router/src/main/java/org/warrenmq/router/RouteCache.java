package org.warrenmq.router;

import org.jspecify.annotations.Nullable;

/**
 * The routes that the channels of a connection have used lately; belongs to their event loop.
 *
 * <p>A route is found by the identity of the exchange and the routing key, and records every
 * exchange that was asked on its way together with that exchange's generation from before it was
 * asked. It is used only while all of these are unchanged. So a change anywhere along the reach of
 * an exchange is noticed with the next message, however far away it happened, the writer need not
 * know who reaches whom, and churn on one exchange spoils no route that does not pass it. Mostly
 * that is one volatile read per message. Results that depend on more than bindings and key
 * (headers, chance, default exchange) are never kept.
 *
 * <p>The table starts with 8 places, doubles when living routes dispute them, and stops at 1024.
 * From then on a newcomer replaces a living route only now and then, so that a stream of ever new
 * keys neither costs an entry per message nor drives out the keys that come back. Routes may also
 * be long: when those kept have taken {@link #MAX_HELD} bytes, all are forgotten.
 */
public final class RouteCache {
  static final int MAX_ROUTES = 1024;

  private static final int FIRST_ROUTES = 8;

  /** Bytes of routes after which the table is emptied. */
  static final long MAX_HELD = 1 << 20;

  /** A route may be in any of so many places; a power of two, at most the first size. */
  private static final int WAYS = 4;

  private static final QueueDestination[] NOWHERE = {};

  /** Of so many newcomers to a full table one is let in; a power of two. */
  private static final int ADMISSION = 8;

  private final Router router;
  private final RouteResult result = new RouteResult();
  private @Nullable Route[] routes = new Route[FIRST_ROUTES];

  /** The latest array handed out, shared by following results with the same queues. */
  private QueueDestination[] latest = NOWHERE;

  /** What all routes took that were kept since the table was empty, in bytes, about. */
  private long held;

  private int newcomers;
  private long computed;

  /** A cache that fills itself through the event loop's router. */
  public RouteCache(Router router) {
    this.router = router;
  }

  /**
   * The queues of a message, from memory if possible; the array must not be changed. A message with
   * CC or BCC keys does not belong here, but to {@link Router}.
   */
  public QueueDestination[] lookup(
      ExchangeTable table,
      QueueLookup queues,
      Exchange exchange,
      String routingKey,
      MessageProperties properties) {
    Matcher matcher = exchange.matcher();
    if (matcher.keyOnly()) {
      Route route = matcher.keyless() ? find(exchange, null) : null;
      if (route == null) {
        route = find(exchange, routingKey);
      }
      if (route != null) {
        return route.targets;
      }
    }
    router.route(table, queues, exchange, routingKey, properties, result);
    computed++;
    QueueDestination[] targets = share();
    if (result.cacheable()) {
      keep(new Route(result.keyless() ? null : routingKey, targets, result));
    }
    result.clear();
    return targets;
  }

  /** What it takes in memory, in bytes, about; never too little. */
  public long held() {
    return held;
  }

  /** How many routes had to be computed, as they were not known, or not any more. */
  public long computed() {
    return computed;
  }

  /** How many routes are kept, valid or not. */
  int size() {
    int size = 0;
    for (Route route : routes) {
      if (route != null) {
        size++;
      }
    }
    return size;
  }

  private QueueDestination[] share() {
    if (result.isEmpty()) {
      return NOWHERE;
    }
    if (!result.sameQueuesAs(latest)) {
      latest = result.toArray();
    }
    return latest;
  }

  /** A route that still holds. It lives in one of a few neighbouring places. */
  private @Nullable Route find(Exchange exchange, @Nullable String key) {
    int first = Route.hash(exchange, key) & (routes.length - 1);
    for (int i = 0; i < WAYS; i++) {
      Route route = routes[first ^ i];
      if (route != null && route.isFor(exchange, key)) {
        return route.holds() ? route : null;
      }
    }
    return null;
  }

  private void keep(Route route) {
    held += route.cost();
    if (held > MAX_HELD) {
      // Among them those that are gone. Which of them shared their queues nobody knows any more.
      routes = new Route[FIRST_ROUTES];
      latest = NOWHERE;
      held = 0;
      return;
    }
    while (!place(routes, route)) {
      if (routes.length == MAX_ROUTES) {
        if ((newcomers++ & (ADMISSION - 1)) == 0) {
          routes[route.hash() & (MAX_ROUTES - 1)] = route;
        }
        return;
      }
      grow();
    }
  }

  /** Puts a route in the place of its own kind, of none, or of one that no longer holds. */
  private static boolean place(@Nullable Route[] routes, Route route) {
    int first = route.hash() & (routes.length - 1);
    int chosen = -1;
    for (int i = 0; i < WAYS; i++) {
      int place = first ^ i;
      Route present = routes[place];
      if (present != null && present.isFor(route.exchange, route.key)) {
        chosen = place;
        break;
      }
      if (chosen < 0 && (present == null || !present.holds())) {
        chosen = place;
      }
    }
    if (chosen < 0) {
      return false;
    }
    routes[chosen] = route;
    return true;
  }

  private void grow() {
    @Nullable Route[] larger = new Route[routes.length * 2];
    for (Route route : routes) {
      if (route != null && route.holds()) {
        place(larger, route);
      }
    }
    routes = larger;
  }
}
