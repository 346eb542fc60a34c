package org.warrenmq.broker.amqp;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.broker.topology.QueueEntry;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.WireString;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.queue.Consumer;
import org.warrenmq.engine.queue.DeliveryBatch;
import org.warrenmq.engine.queue.SettleBatch;
import org.warrenmq.engine.queue.Settlement;
import org.warrenmq.engine.queue.Subscriber;

/**
 * A channel's side of a consumer: its tag and its open settlements. Runs on the connection's loop.
 */
final class Subscription implements Subscriber {
  /** What a consumer takes beside its tag, which is there twice, in bytes, about. */
  private static final int LEAST_COST = 320;

  private final Receiver channel;
  private final String tag;
  private final byte[] encodedTag;
  private final Consumer consumer;
  private final String queue;
  private final LongSupplier ackTimeout;
  private @Nullable SettleBatch settling;

  /** Deliveries that await an ack: they keep it, and what is left of its queue. */
  private int outstanding;

  private boolean forgotten;
  private boolean charged = true;

  /** It is being ended. */
  private boolean ending;

  /** What to do when that is done; only while somebody waits for it. */
  private @Nullable Runnable whenEnded;

  /** Where what comes from the queue goes. */
  interface Receiver {
    RoomLoop loop();

    /** Deliveries, for whoever has that consumer. */
    void deliver(Subscription subscription, DeliveryBatch batch);

    /** Its queue went away. */
    void cancelledByQueue(Subscription subscription);

    /** Under the channel's shared limit: its queue has messages for it. */
    void wants(Subscription subscription);

    /** Grants of that limit came back, or came as deliveries. */
    void unused(int grants);
  }

  /** What basic.consume asks for, as far as the queue must know it. */
  record Wish(
      QueueEntry queue,
      boolean noAck,
      boolean exclusive,
      int prefetch,
      int priority,
      boolean limited) {}

  /**
   * @param ackTimeout milliseconds in which deliveries have to be acked at present, or {@link
   *     AckTimeout#NONE}
   */
  Subscription(Receiver channel, String tag, LongSupplier ackTimeout, Wish wish) {
    this.channel = channel;
    this.tag = tag;
    this.queue = wish.queue().name();
    this.ackTimeout = ackTimeout;
    this.encodedTag = WireString.shortString(tag);
    this.consumer =
        new Consumer(
            wish.queue().room(),
            this,
            wish.noAck(),
            wish.exclusive(),
            wish.prefetch(),
            wish.priority(),
            wish.limited());
  }

  String tag() {
    return tag;
  }

  /** The tag as it stands on the wire, length octet included. */
  byte[] encodedTag() {
    return encodedTag;
  }

  Consumer consumer() {
    return consumer;
  }

  /** Milliseconds in which deliveries have to be acked at present, or {@link AckTimeout#NONE}. */
  long ackTimeout() {
    return ackTimeout.getAsLong();
  }

  /** What the administration shows of it. */
  Facts.Consumer facts() {
    return new Facts.Consumer(
        tag, queue, !consumer.noAck(), consumer.exclusive(), consumer.prefetch(), arguments());
  }

  /** What is kept of those it came with. */
  private FieldTable arguments() {
    return consumer.priority() == 0
        ? FieldTable.EMPTY
        : FieldTable.of("x-priority", FieldValue.of(consumer.priority()));
  }

  /** What it is charged with, in bytes, about. */
  int cost() {
    return LEAST_COST + 3 * encodedTag.length;
  }

  /** A delivery awaits its ack. */
  void delivered() {
    outstanding++;
  }

  /** One was settled. True when nothing keeps the consumer any more: it is not charged from now. */
  boolean settled() {
    outstanding--;
    return isFree();
  }

  /** It is to end. True when that begins with this. */
  boolean end() {
    boolean begins = !ending;
    ending = true;
    return begins;
  }

  /** Its end, which has begun, is waited for. */
  void whenEnded(Runnable action) {
    whenEnded = action;
  }

  /** What to do now that it has ended, or null. */
  @Nullable Runnable whenEnded() {
    return whenEnded;
  }

  /** The consumer has ended. True when nothing else keeps it. */
  boolean forget() {
    forgotten = true;
    return isFree();
  }

  private boolean isFree() {
    boolean free = charged && forgotten && outstanding == 0;
    charged &= !free;
    return free;
  }

  /** Settles one delivery; it leaves for the queue with the turn. */
  void settle(long position, Settlement settlement) {
    SettleBatch batch = SettleBatch.open(settling, loop(), consumer.queue(), consumer, settlement);
    settling = batch;
    batch.add(position);
  }

  @Override
  public RoomLoop loop() {
    return channel.loop();
  }

  @Override
  public void deliver(DeliveryBatch batch) {
    channel.deliver(this, batch);
  }

  @Override
  public void cancelled(Consumer ended) {
    channel.cancelledByQueue(this);
  }

  @Override
  public void wants(Consumer asking) {
    channel.wants(this);
  }

  @Override
  public void unused(Consumer granted, int grants) {
    channel.unused(grants);
  }
}
