package org.warrenmq.broker.topology;

import org.warrenmq.codec.Body;
import org.warrenmq.engine.exchange.History;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.QueueAddress;
import org.warrenmq.engine.queue.QueueCommand;
import org.warrenmq.router.Destination;
import org.warrenmq.router.Exchange;
import org.warrenmq.router.QueueDestination;

/**
 * The way of an exchange's history to what has become bound to it: into a queue, or by another
 * exchange. Runs on the history's loop.
 */
final class HistoryRouting implements History.Receiver {
  private final HomeRoutes home;
  private final VirtualHost vhost;
  private final Destination destination;

  HistoryRouting(HomeRoutes home, VirtualHost vhost, Destination destination) {
    this.home = home;
    this.vhost = vhost;
    this.destination = destination;
  }

  @Override
  public void send(Message message) {
    switch (destination) {
      case QueueDestination queue -> send(message, queue);
      case Exchange exchange -> {
        QueueDestination[] queues =
            home.route(vhost, exchange, message, RoomRouting.furtherKeys(message));
        LoopStore store = home.store();
        Body body = message.content().body();
        if (queues.length == 0) {
          store.bodies().release(body);
        } else {
          store.bodies().hold(body, queues.length - 1);
        }
        for (QueueDestination queue : queues) {
          send(message, queue);
        }
      }
    }
  }

  /** Nobody waits for it: it was confirmed when it was published. */
  private void send(Message message, QueueDestination target) {
    QueueAddress queue = ((QueueEntry) target).room();
    home.store().loop().send(queue.loop(), new QueueCommand.Publish(queue, message, null, 0));
  }
}
