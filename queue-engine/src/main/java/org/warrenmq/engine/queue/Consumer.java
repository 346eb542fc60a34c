package org.warrenmq.engine.queue;

import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.loop.NodeMemory.Level;
import org.warrenmq.engine.message.Message;

/**
 * One subscription to a queue. Its fixed part may be read anywhere; what changes belongs to the
 * queue's room.
 *
 * <p>Two limits hold it: the prefetch count, in messages delivered and not settled, and the
 * delivery window, in batches that its connection has not written out yet. The window is what keeps
 * a consumer whose socket is full from piling messages up in memory. A third one is shared by all
 * consumers of a channel (basic.qos with global): a limited consumer asks its channel before it
 * takes anything, and gives back what it was granted and cannot use.
 */
public final class Consumer {
  /**
   * Delivery batches under way at most: one being written, one being filled; while memory is short,
   * one alone.
   */
  private static final int WINDOW = 2;

  private final QueueAddress queue;
  private final Subscriber subscriber;
  private final boolean noAck;
  private final boolean exclusive;
  private final int prefetch;
  private final int priority;

  // Owned by the queue's room.
  private int unsettled;
  private int batchesUnderWay;
  private boolean limited;
  private int grants;
  private boolean asking;
  private @Nullable DeliveryBatch open;
  boolean inRing;
  boolean cancelled;

  /**
   * @param prefetch deliveries outstanding at most; 0 is no limit; without meaning when noAck
   * @param priority higher ones are served first while they have room
   * @param limited whether it starts under its channel's shared limit
   */
  public Consumer(
      QueueAddress queue,
      Subscriber subscriber,
      boolean noAck,
      boolean exclusive,
      int prefetch,
      int priority,
      boolean limited) {
    this.queue = queue;
    this.subscriber = subscriber;
    this.noAck = noAck;
    this.exclusive = exclusive;
    this.prefetch = prefetch;
    this.priority = priority;
    this.limited = limited;
  }

  public QueueAddress queue() {
    return queue;
  }

  public Subscriber subscriber() {
    return subscriber;
  }

  public boolean noAck() {
    return noAck;
  }

  public boolean exclusive() {
    return exclusive;
  }

  public int prefetch() {
    return prefetch;
  }

  public int priority() {
    return priority;
  }

  /** Whether it can take one more delivery now. */
  boolean hasRoom() {
    return (!limited || grants > 0) && hasRoomOfItsOwn();
  }

  private boolean hasRoomOfItsOwn() {
    return !cancelled
        && (noAck || prefetch == 0 || unsettled < prefetch)
        && (batchesUnderWay < window() || openBatchHasSpace());
  }

  private int window() {
    return queue.loop().account().node().isAtLeast(Level.SLOWING) ? 1 : WINDOW;
  }

  /** Puts it under its channel's shared limit, or takes it out from under it. */
  void limit(boolean on) {
    limited = on;
    asking = false;
  }

  boolean isLimited() {
    return limited;
  }

  /** There are messages for it: asks its channel, unless it has asked already. */
  void ask() {
    if (limited && grants == 0 && !asking && hasRoomOfItsOwn()) {
      asking = true;
      queue.loop().send(subscriber.loop(), () -> subscriber.wants(this));
    }
  }

  /** Its channel lets it take some more. */
  void grant(int count) {
    asking = false;
    grants += count;
  }

  /** Gives back what was granted and not used. */
  void returnGrants() {
    int unused = grants;
    grants = 0;
    if (unused > 0) {
      queue.loop().send(subscriber.loop(), () -> subscriber.unused(this, unused));
    }
  }

  /** What had used up so many grants was taken back. */
  void takeBack(int granted) {
    grants += granted;
    returnGrants();
  }

  private boolean openBatchHasSpace() {
    DeliveryBatch batch = open;
    return batch != null && batch.isOpen(queue.loop()) && !batch.isFull();
  }

  /** Adds a delivery to the batch that leaves with this turn. */
  void deliver(long position, Message message, boolean redelivered) {
    DeliveryBatch batch = open;
    if (batch == null || !batch.isOpen(queue.loop()) || batch.isFull()) {
      batch = new DeliveryBatch(this, queue.loop().epoch());
      open = batch;
      batchesUnderWay++;
      queue.loop().send(subscriber.loop(), batch);
    }
    batch.add(position, message, redelivered);
    if (grants > 0) {
      grants--;
      batch.addGranted();
    }
    if (!noAck) {
      unsettled++;
    }
  }

  void settled(int count) {
    unsettled -= count;
  }

  /** Whether something that was delivered to it has neither been settled nor come back. */
  boolean hasDeliveriesOut() {
    return unsettled > 0;
  }

  void flushedToClient() {
    batchesUnderWay--;
    if (batchesUnderWay == 0) {
      // It was written: a consumer that waits must not hold the messages it got last.
      open = null;
    }
  }
}
