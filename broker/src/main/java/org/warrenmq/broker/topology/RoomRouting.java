package org.warrenmq.broker.topology;

import java.util.List;
import org.warrenmq.codec.Body;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.engine.delay.Forwarding;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.QueueAddress;
import org.warrenmq.engine.queue.QueueCommand;
import org.warrenmq.router.Exchange;
import org.warrenmq.router.QueueDestination;

/**
 * Sends messages that one exchange has kept to where its bindings lead when they leave. Runs on the
 * loop of its delays.
 */
final class DelayRouting implements Forwarding {
  private static final QueueDestination[] NOWHERE = {};

  private final HomeRoutes home;
  private final VirtualHost vhost;
  private final String exchange;
  private final long id;

  /**
   * @param id the number of its delays: another exchange may get its name
   */
  DelayRouting(HomeRoutes home, VirtualHost vhost, String exchange, long id) {
    this.home = home;
    this.vhost = vhost;
    this.exchange = exchange;
    this.id = id;
  }

  @Override
  public int forward(Message message, Publisher publisher, long sequence) {
    FieldTable headers = message.content().view().headers();
    Message delivered =
        DelayHeaders.delivered(message, headers == null ? FieldTable.EMPTY : headers);
    List<String> furtherKeys =
        headers == null ? List.of() : DelayHeaders.furtherKeys(headers, message.traits().marks());
    QueueDestination[] queues = route(delivered, furtherKeys);
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

  private QueueDestination[] route(Message message, List<String> furtherKeys) {
    Exchange source = vhost.exchanges().find(exchange);
    if (source != null && source.delay() instanceof DelayEntry entry && entry.room().id() == id) {
      return home.route(vhost, source, message, furtherKeys);
    }
    return NOWHERE;
  }
}
