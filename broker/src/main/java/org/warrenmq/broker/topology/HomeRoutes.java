package org.warrenmq.broker.topology;

import java.util.List;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.message.Message;
import org.warrenmq.router.Exchange;
import org.warrenmq.router.MessageProperties;
import org.warrenmq.router.QueueDestination;
import org.warrenmq.router.RouteCache;
import org.warrenmq.router.RouteResult;
import org.warrenmq.router.Router;

/**
 * An event loop that queues live on, and the routes of what its queues publish themselves. Lives on
 * that loop.
 */
final class HomeRoutes {
  private final LoopStore store;
  private final Router router = new Router();
  private final RouteCache used = new RouteCache(router);
  private final RouteResult result = new RouteResult();

  HomeRoutes(LoopStore store) {
    this.store = store;
  }

  LoopStore store() {
    return store;
  }

  /**
   * The queues that a message would come to which is published to an exchange.
   *
   * @param furtherKeys by which it is routed, too
   */
  QueueDestination[] route(
      VirtualHost vhost, Exchange exchange, Message message, List<String> furtherKeys) {
    if (furtherKeys.isEmpty()) {
      return used.lookup(
          vhost.exchanges(),
          vhost::queue,
          exchange,
          message.routingKey(),
          MessageProperties.of(message.content().view()));
    }
    router.route(
        vhost.exchanges(),
        vhost::queue,
        exchange,
        message.routingKey(),
        furtherKeys,
        MessageProperties.of(message.content().view()),
        result);
    return take();
  }

  /** The same of a dead letter: it is no duplicate of itself. */
  QueueDestination[] routeLetter(
      VirtualHost vhost, Exchange exchange, Message message, List<String> furtherKeys) {
    router.passDuplicates(true);
    try {
      return route(vhost, exchange, message, furtherKeys);
    } finally {
      router.passDuplicates(false);
    }
  }

  /** The same of a message that a room of the exchange has kept so far. */
  QueueDestination[] routeOn(
      VirtualHost vhost, Exchange exchange, Message message, List<String> furtherKeys) {
    router.routeOn(
        vhost.exchanges(),
        vhost::queue,
        exchange,
        message.routingKey(),
        furtherKeys,
        MessageProperties.of(message.content().view()),
        result);
    return take();
  }

  private QueueDestination[] take() {
    QueueDestination[] found = result.toArray();
    result.clear();
    return found;
  }
}
