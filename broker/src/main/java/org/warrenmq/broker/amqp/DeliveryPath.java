package org.warrenmq.broker.amqp;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.DeliveryBatch;
import org.warrenmq.engine.queue.Settlement;

/**
 * A channel's way from what queues deliver to basic.deliver: batches are written as they come, or
 * when the socket has room. Runs on the connection's loop.
 *
 * <p>Batches that arrive while the socket is full wait here, unwritten; a consumer has two batches
 * under way at most, so that is the bound.
 */
final class DeliveryPath implements TurnOutput.Delivering {
  /** A message with a larger body is written alone where the socket is full. */
  private static final int LARGE = 64 * 1024;

  private final Session session;
  private final Replies channel;
  private final DeliveryTracker deliveries;
  private final AckTimeout.Watch timeouts;

  /** Null until a batch had to wait. */
  private @Nullable ArrayDeque<DeliveryBatch> unwritten;

  /** An operation has yet to be answered, and what it sets off must not come first. */
  private boolean holdsBack;

  DeliveryPath(
      Session session, Replies channel, DeliveryTracker deliveries, AckTimeout.Watch timeouts) {
    this.session = session;
    this.channel = channel;
    this.deliveries = deliveries;
    this.timeouts = timeouts;
  }

  /** Lets nothing out until {@link #goOn}. */
  void holdBack() {
    holdsBack = true;
  }

  boolean holdsBack() {
    return holdsBack;
  }

  /** The answer is out: what was held back may follow. */
  void goOn() {
    holdsBack = false;
    if (!writeWaiting()) {
      session.output().deliverWhenWritable(this);
    }
  }

  /** Deliveries from a queue: written now, or when the socket has room. */
  void deliver(Subscription subscription, DeliveryBatch batch) {
    if (!channel.isOpen()) {
      giveBack(subscription, batch);
    } else if (!mayWrite() || !nothingWaits() || !write(subscription, batch, false)) {
      if (unwritten == null) {
        unwritten = new ArrayDeque<>(2);
      }
      unwritten.add(batch);
      session.gate().goingOut(batch.bytes());
      if (!holdsBack) {
        session.output().deliverWhenWritable(this);
      }
    }
  }

  private boolean mayWrite() {
    return !holdsBack && session.output().isWritable();
  }

  private boolean nothingWaits() {
    return unwritten == null || unwritten.isEmpty();
  }

  /** The next batch that waited, or null. */
  private @Nullable DeliveryBatch nextUnwritten() {
    DeliveryBatch batch = unwritten == null ? null : unwritten.poll();
    if (batch != null) {
      session.gate().goingOut(-batch.bytes());
    }
    return batch;
  }

  @Override
  public boolean writeWaiting() {
    if (holdsBack || !channel.isOpen()) {
      return true;
    }
    DeliveryBatch batch;
    while (session.output().isWritable() && (batch = nextUnwritten()) != null) {
      if (!write(subscription(batch), batch, false) && unwritten != null) {
        unwritten.addFirst(batch);
        session.gate().goingOut(batch.bytes());
      }
    }
    return nothingWaits();
  }

  /** Writes what waited, full socket or not: a cancel must not overtake deliveries. */
  void writeAll() {
    DeliveryBatch batch;
    while (channel.isOpen() && (batch = nextUnwritten()) != null) {
      write(subscription(batch), batch, true);
    }
  }

  private static Subscription subscription(DeliveryBatch batch) {
    return (Subscription) batch.consumer().subscriber();
  }

  /**
   * Writes a batch: large messages one by one as the socket takes them, the others at once.
   *
   * @param whole whether none of it may wait
   * @return whether all of it was written
   */
  private boolean write(Subscription subscription, DeliveryBatch batch, boolean whole) {
    MessageWriter messages = session.messages();
    int number = channel.number();
    boolean tracked = !batch.consumer().noAck();
    timeouts.watch(subscription.ackTimeout());
    for (int i = batch.next(); i < batch.count(); i++) {
      Message message = batch.message(i);
      long tag =
          tracked ? deliveries.track(subscription, batch.position(i)) : deliveries.untracked();
      messages.deliver(number, subscription.encodedTag(), tag, batch.redelivered(i), message);
      batch.wroteNext();
      if (message.size() > LARGE && !whole && i + 1 < batch.count() && !mayWrite()) {
        return false;
      }
    }
    batch.flushedToClient();
    if (batch.granted() > 0) {
      subscription.unused(batch.consumer(), batch.granted());
    }
    return true;
  }

  /**
   * Memory is short and the client does not read: what waits for that, and can go back to its
   * queue, does. The consumers get nothing new before the client has read what came before.
   */
  void giveUpUnwritten() {
    if (unwritten == null || holdsBack) {
      return;
    }
    for (DeliveryBatch batch : unwritten) {
      if (!batch.consumer().noAck()) {
        session.gate().goingOut(-batch.bytes());
        giveBack(subscription(batch), batch);
        batch.empty();
      }
    }
  }

  /** The channel ends: what waited goes back. */
  void drop() {
    DeliveryBatch batch;
    while ((batch = nextUnwritten()) != null) {
      giveBack(subscription(batch), batch);
    }
  }

  /** Deliveries that the client never saw: ready again, as if never delivered. */
  private void giveBack(Subscription subscription, DeliveryBatch batch) {
    for (int i = batch.next(); i < batch.count(); i++) {
      session.store().bodies().release(batch.message(i).content().body());
    }
    if (!batch.consumer().noAck()) {
      for (int i = batch.next(); i < batch.count(); i++) {
        subscription.settle(batch.position(i), Settlement.UNDELIVERED);
      }
    }
  }
}
