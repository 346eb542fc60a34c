package org.warrenmq.broker.topology;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.routing.DeadLetter;
import org.warrenmq.broker.routing.Deaths;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.DeadLetterRoute;
import org.warrenmq.engine.queue.DeadLetterTarget;
import org.warrenmq.engine.queue.QueueAddress;
import org.warrenmq.router.Exchange;
import org.warrenmq.router.QueueDestination;
import org.warrenmq.store.SettleReason;

/**
 * The way of one queue's dead letters: by the dead-letter exchange of its virtual host, as it is at
 * that moment, to the queues bound there. Lives in the queue's room.
 */
final class DeadLetterPath implements DeadLetterRoute {
  private final Function<String, @Nullable VirtualHost> vhosts;
  private final String vhostName;
  private final String queueName;
  private final HomeRoutes home;

  /**
   * @param vhosts finds a virtual host by its name
   * @param home where the queue lives
   */
  DeadLetterPath(
      Function<String, @Nullable VirtualHost> vhosts,
      String vhostName,
      String queueName,
      HomeRoutes home) {
    this.vhosts = vhosts;
    this.vhostName = vhostName;
    this.queueName = queueName;
    this.home = home;
  }

  @Override
  public @Nullable Copies route(Message message, SettleReason reason, DeadLetterTarget target) {
    VirtualHost vhost = vhosts.apply(vhostName);
    Exchange exchange = vhost == null ? null : vhost.exchanges().find(target.exchange());
    if (vhost == null || exchange == null) {
      return null;
    }
    long now = home.store().loop().clock().millis();
    DeadLetter dead =
        Deaths.of(message, queueName, reason, now, target.exchange(), target.routingKey());
    if (dead == null) {
      // It cannot be told what became of it.
      return new Copies(message, List.of());
    }
    QueueDestination[] found =
        home.routeLetter(vhost, exchange, dead.message(), dead.furtherKeys());
    if (found.length == 0) {
      return null;
    }
    List<QueueAddress> queues = new ArrayList<>(found.length);
    for (QueueDestination destination : found) {
      QueueEntry queue = (QueueEntry) destination;
      if (queue instanceof RoomEntry || !dead.isCycleAt(queue.name())) {
        queues.add(queue.room());
      }
    }
    return new Copies(dead.message(), queues);
  }
}
