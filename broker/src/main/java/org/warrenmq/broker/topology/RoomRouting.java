package org.warrenmq.broker.topology;

import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.Body;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.engine.exchange.Forwarding;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.QueueAddress;
import org.warrenmq.engine.queue.QueueCommand;
import org.warrenmq.router.Exchange;
import org.warrenmq.router.ExchangeRooms;
import org.warrenmq.router.QueueDestination;
import org.warrenmq.router.RoomDestination;

/**
 * Sends messages from a room of one exchange to where its bindings lead when they leave. Runs on
 * the room's loop.
 */
final class RoomRouting implements Forwarding {
  private static final QueueDestination[] NOWHERE = {};

  private final HomeRoutes home;
  private final VirtualHost vhost;
  private final String exchange;
  private final long id;
  private final Function<ExchangeRooms, @Nullable RoomDestination> which;
  private final UnaryOperator<Message> leaving;

  /**
   * @param id the number of the room: another exchange may get its name
   * @param which of the exchange's rooms it is
   * @param leaving makes of a message what is delivered
   */
  RoomRouting(
      HomeRoutes home,
      VirtualHost vhost,
      String exchange,
      long id,
      Function<ExchangeRooms, @Nullable RoomDestination> which,
      UnaryOperator<Message> leaving) {
    this.home = home;
    this.vhost = vhost;
    this.exchange = exchange;
    this.id = id;
    this.which = which;
    this.leaving = leaving;
  }

  @Override
  public int forward(Message message, Publisher publisher, long sequence) {
    Message delivered = leaving.apply(message);
    QueueDestination[] queues = route(delivered);
    LoopStore store = home.store();
    Body body = message.content().body();
    if (queues.length == 0) {
      store.bodies().release(body);
    } else {
      // One hold came with it.
      store.bodies().hold(body, queues.length - 1);
    }
    for (QueueDestination target : queues) {
      QueueAddress queue = ((QueueEntry) target).room();
      store
          .loop()
          .send(queue.loop(), new QueueCommand.Publish(queue, delivered, publisher, sequence));
    }
    return queues.length;
  }

  private QueueDestination[] route(Message message) {
    Exchange source = vhost.exchanges().find(exchange);
    ExchangeRooms rooms = source == null ? null : source.rooms();
    if (source != null
        && rooms != null
        && which.apply(rooms) instanceof RoomEntry entry
        && entry.room().id() == id) {
      return home.routeOn(vhost, source, message, furtherKeys(message));
    }
    return NOWHERE;
  }

  /** Routing keys that a message has beside its own. */
  static List<String> furtherKeys(Message message) {
    FieldTable headers = message.content().view().headers();
    return headers == null
        ? List.of()
        : DelayHeaders.furtherKeys(headers, message.traits().marks());
  }
}
