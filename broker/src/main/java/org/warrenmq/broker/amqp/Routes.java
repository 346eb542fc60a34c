package org.warrenmq.broker.amqp;

import org.jspecify.annotations.Nullable;
import org.warrenmq.router.RouteCache;
import org.warrenmq.router.Router;

/** The routes that a connection's channels have used. Lives on the connection's loop. */
final class Routes {
  private final Router router;

  /** Null until one is used: most connections only consume, or publish to queues by name. */
  private @Nullable RouteCache used;

  Routes(Router router) {
    this.router = router;
  }

  /** For what is not worth remembering. */
  Router router() {
    return router;
  }

  RouteCache used() {
    RouteCache known = used;
    if (known == null) {
      known = new RouteCache(router);
      used = known;
    }
    return known;
  }

  /** What they take in memory, in bytes. */
  long held() {
    return used == null ? 0 : used.held();
  }

  void forget() {
    used = null;
  }
}
