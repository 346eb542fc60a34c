package org.warrenmq.router;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the queues of a message; one per event loop, with that loop's scratch state.
 *
 * <p>It works through the exchanges a message reaches over bindings between exchanges, each once,
 * so loops end. An exchange that selects nothing at all, neither queue nor exchange, passes the
 * message on to its alternate exchange; one that is missing is ignored. One that has a room for the
 * message selects nothing but that, and the message goes on from there. Without allocation, unless
 * a matcher needs some or the scratch state has to grow.
 */
public final class Router {
  private final Matcher.Sink sink = this::found;

  // Of the message at hand; cleared afterwards.
  private @Nullable RouteResult result;
  private int matches;

  /** Its duplicates were dropped already. */
  private @Nullable Exchange left;

  /** No room is asked. */
  private boolean passesRooms;

  /** None that drops duplicates is. */
  private boolean passesDuplicates;

  /**
   * Routes a message by its routing key.
   *
   * @param table the exchanges of the message's virtual host
   * @param queues the queues of that virtual host, for the default exchange
   * @param first the exchange it was published to
   * @param out cleared, then filled
   */
  public void route(
      ExchangeTable table,
      QueueLookup queues,
      Exchange first,
      String routingKey,
      MessageProperties properties,
      RouteResult out) {
    route(table, queues, first, routingKey, List.of(), properties, out);
  }

  /**
   * Routes a message by its routing key and those in its CC and BCC headers. Each queue gets one
   * copy however many keys lead to it, and an exchange that takes one way asks for the first alone;
   * the result is not cacheable if there are further keys.
   */
  public void route(
      ExchangeTable table,
      QueueLookup queues,
      Exchange first,
      String routingKey,
      List<String> furtherKeys,
      MessageProperties properties,
      RouteResult out) {
    out.clear();
    out.discover(first);
    result = out;
    try {
      for (int i = 0; i < out.discovered(); i++) {
        Exchange exchange = out.exchange(i);
        out.enter(i, exchange);
        matches = 0;
        ask(exchange, queues, routingKey, properties);
        if (!exchange.matcher().firstKeyOnly()) {
          for (int k = 0; k < furtherKeys.size(); k++) {
            ask(exchange, queues, furtherKeys.get(k), properties);
          }
        }
        if (matches == 0) {
          passOn(table, exchange);
        }
      }
    } finally {
      result = null;
    }
    if (!furtherKeys.isEmpty()) {
      out.notCacheable();
    }
  }

  /** The same for a message that a room of the first exchange has kept so far. */
  public void routeOn(
      ExchangeTable table,
      QueueLookup queues,
      Exchange first,
      String routingKey,
      List<String> furtherKeys,
      MessageProperties properties,
      RouteResult out) {
    left = first;
    try {
      route(table, queues, first, routingKey, furtherKeys, properties, out);
    } finally {
      left = null;
    }
  }

  /** Whether what comes now is no duplicate of anything: dead letters, which were there before. */
  public void passDuplicates(boolean pass) {
    passesDuplicates = pass;
  }

  /** The same as if no exchange had any room: who gets the message in the end. */
  public void routeThrough(
      ExchangeTable table,
      QueueLookup queues,
      Exchange first,
      String routingKey,
      List<String> furtherKeys,
      MessageProperties properties,
      RouteResult out) {
    passesRooms = true;
    try {
      route(table, queues, first, routingKey, furtherKeys, properties, out);
    } finally {
      passesRooms = false;
    }
  }

  /** Whether a room keeps the message for now. */
  private boolean isKept(Exchange exchange, ExchangeRooms rooms, MessageProperties properties) {
    if (passesRooms) {
      return false;
    }
    RoomDestination duplicates = rooms.duplicates();
    if (duplicates != null
        && exchange != left
        && !passesDuplicates
        && duplicates.takes(properties)) {
      found(duplicates);
      return true;
    }
    RoomDestination delay = rooms.delay();
    if (delay != null && delay.takes(properties)) {
      found(delay);
      return true;
    }
    RoomDestination history = rooms.history();
    if (history != null && result != null && history.takes(properties)) {
      // Nobody gets it by that: there may be an alternate exchange.
      result.add(history);
    }
    return false;
  }

  private void ask(
      Exchange exchange, QueueLookup queues, String routingKey, MessageProperties properties) {
    ExchangeRooms rooms = exchange.rooms();
    if (rooms != null && isKept(exchange, rooms, properties)) {
      return;
    }
    if (!exchange.isDefault()) {
      exchange.matcher().match(routingKey, properties, sink);
      return;
    }
    // Queues come and go without any exchange's generation.
    if (result != null) {
      result.notCacheable();
    }
    QueueDestination queue = queues.find(routingKey);
    if (queue != null) {
      found(queue);
    }
  }

  private void passOn(ExchangeTable table, Exchange exchange) {
    String name = exchange.alternate();
    Exchange alternate = name == null ? null : table.find(name);
    if (alternate != null) {
      found(alternate);
    }
  }

  private void found(Destination destination) {
    RouteResult out = result;
    if (out == null) {
      throw new IllegalStateException("a matcher reported " + destination + " after its call");
    }
    matches++;
    switch (destination) {
      case QueueDestination queue -> out.add(queue);
      case Exchange exchange -> out.discover(exchange);
    }
  }
}
