package org.warrenmq.broker.topology;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.routing.DeadLetter;
import org.warrenmq.broker.routing.Deaths;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.DeadLetterRoute;
import org.warrenmq.engine.queue.DeadLetterTarget;
import org.warrenmq.engine.queue.QueueCommand;
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
  public int send(
      Message message,
      SettleReason reason,
      DeadLetterTarget target,
      @Nullable Publisher publisher,
      long sequence) {
    VirtualHost vhost = vhosts.apply(vhostName);
    Exchange exchange = vhost == null ? null : vhost.exchanges().find(target.exchange());
    if (vhost == null || exchange == null) {
      return 0;
    }
    LoopStore store = home.store();
    long now = store.loop().clock().millis();
    DeadLetter dead =
        Deaths.of(message, queueName, reason, now, target.exchange(), target.routingKey());
    if (dead == null) {
      return 0;
    }
    Message letter = dead.message();
    int sent = 0;
    for (QueueDestination destination : home.route(vhost, exchange, letter, dead.furtherKeys())) {
      QueueEntry queue = (QueueEntry) destination;
      if (!dead.isCycleAt(queue.name())) {
        if (letter.hasStoredBody()) {
          store.bodies().hold(letter.content().body(), 1);
        }
        store
            .loop()
            .send(
                queue.room().loop(),
                new QueueCommand.Publish(queue.room(), letter, publisher, sequence));
        sent++;
      }
    }
    return sent;
  }
}
