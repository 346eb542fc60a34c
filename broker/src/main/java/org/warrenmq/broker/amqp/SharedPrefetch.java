package org.warrenmq.broker.amqp;

import java.util.ArrayDeque;
import java.util.Collection;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.queue.QueueCommand;

/**
 * The prefetch limit that all consumers of a channel share (basic.qos with global). Runs on the
 * connection's loop.
 *
 * <p>The queues of a channel live on any loop, so the limit is kept here: a limited consumer with
 * messages waiting asks, gets as many grants as are free and fair, and gives back those its queue
 * had no use for. Those that ask are served in turn, so with a limit of one all of them progress.
 */
final class SharedPrefetch {
  /** What a channel is charged with for it, in bytes, about. */
  static final int COST = 160;

  private final RoomLoop loop;
  private final DeliveryTracker deliveries;
  private final ArrayDeque<Subscription> asking = new ArrayDeque<>(2);

  /** Deliveries outstanding at most; 0 is no limit. */
  private int limit;

  /** Grants under way to queues, or with deliveries that have not come here yet. */
  private int granted;

  SharedPrefetch(RoomLoop loop, DeliveryTracker deliveries) {
    this.loop = loop;
    this.deliveries = deliveries;
  }

  /** 0 is no limit. */
  int limit() {
    return limit;
  }

  boolean isLimited() {
    return limit > 0;
  }

  /** Sets the limit for consumers present and future; what is outstanding counts. */
  void limit(int deliveriesAtMost, Collection<Subscription> consumers) {
    boolean was = isLimited();
    limit = deliveriesAtMost;
    if (was != isLimited()) {
      asking.clear();
      for (Subscription subscription : consumers) {
        send(subscription, new QueueCommand.Limit(subscription.consumer(), isLimited()));
      }
    }
    serve();
  }

  /** A consumer's queue has messages for it. */
  void wants(Subscription subscription) {
    if (isLimited() && !asking.contains(subscription)) {
      asking.add(subscription);
      serve();
    }
  }

  /** Grants came back, or came as deliveries. */
  void unused(int grants) {
    granted -= grants;
    serve();
  }

  /** Hands out what is free; to be called when deliveries were settled. */
  void serve() {
    int free = limit - deliveries.toConsumers() - granted;
    while (free > 0 && !asking.isEmpty()) {
      int share = Math.max(1, free / asking.size());
      Subscription next = asking.poll();
      granted += share;
      free -= share;
      send(next, new QueueCommand.Grant(next.consumer(), share));
    }
  }

  /** A consumer has ended. */
  void forget(Subscription subscription) {
    asking.remove(subscription);
  }

  private void send(Subscription subscription, QueueCommand command) {
    loop.send(subscription.consumer().queue().loop(), command);
  }
}
