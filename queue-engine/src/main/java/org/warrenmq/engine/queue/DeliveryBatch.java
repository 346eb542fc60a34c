package org.warrenmq.engine.queue;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.home.Revocable;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Message;

/**
 * What a queue gives to one consumer in one turn. The queue's room fills it until it leaves for the
 * connection's room, which owns it from then on.
 *
 * <p>Bounded by {@link #MAX_MESSAGES} and, roughly, {@link #MAX_BYTES} of bodies.
 */
public final class DeliveryBatch implements Revocable {
  static final int MAX_MESSAGES = 256;
  static final int MAX_BYTES = 128 * 1024;

  private final Consumer consumer;
  private final long epoch;
  private @Nullable Message[] messages = new @Nullable Message[4];
  private long[] positions = new long[4];

  /** Bit i: delivery i was delivered before. */
  private long[] redelivered = {};

  private int count;

  /** Those before were written. */
  private int next;

  private int granted;
  private long bytes;
  private boolean taken;

  DeliveryBatch(Consumer consumer, long epoch) {
    this.consumer = consumer;
    this.epoch = epoch;
  }

  /** True while the queue may still add: the batch has neither left the loop nor been opened. */
  boolean isOpen(RoomLoop queueLoop) {
    // The epoch is looked at first: once the batch has left the loop, 'taken' is another thread's.
    return epoch == queueLoop.epoch() && !taken;
  }

  boolean isFull() {
    return count >= MAX_MESSAGES || bytes >= MAX_BYTES;
  }

  void add(long position, Message message, boolean isRedelivered) {
    if (count == positions.length) {
      positions = Arrays.copyOf(positions, count * 4);
      messages = Arrays.copyOf(messages, count * 4);
    }
    positions[count] = position;
    messages[count] = message;
    if (isRedelivered) {
      if (redelivered.length == 0) {
        redelivered = new long[MAX_MESSAGES / 64];
      }
      redelivered[count >> 6] |= 1L << count;
    }
    count++;
    bytes += message.sizeInMemory();
  }

  void addGranted() {
    granted++;
  }

  /** How many of the deliveries used up a grant of the channel's shared limit. */
  public int granted() {
    return granted;
  }

  /** Nothing of it is delivered, unless the store has it already that it was. */
  @Override
  public void takeBack(LoopStore home) {
    if (consumer.queue().home() != home || !isOpen(home.loop())) {
      return;
    }
    for (int i = 0; i < count; i++) {
      if (message(i).hasStoredBody()) {
        home.bodies().release(message(i).content().body());
      }
    }
    int unused = granted;
    granted = 0;
    count = 0;
    consumer.takeBack(unused);
  }

  @Override
  public void open() {
    taken = true;
    if (count > 0) {
      consumer.subscriber().deliver(this);
    }
  }

  public Consumer consumer() {
    return consumer;
  }

  public int count() {
    return count;
  }

  @SuppressWarnings("NullAway") // below count every slot is filled
  public Message message(int i) {
    return messages[i];
  }

  public long position(int i) {
    return positions[i];
  }

  public boolean redelivered(int i) {
    return redelivered.length != 0 && (redelivered[i >> 6] & 1L << i) != 0;
  }

  /** The first delivery that was not written yet. Connection's room. */
  public int next() {
    return next;
  }

  /** The next one was written. Connection's room. */
  public void wroteNext() {
    Message message = message(next);
    bytes -= message.sizeInMemory();
    messages[next++] = null;
  }

  /** What it holds in memory, in bytes, about. */
  public long bytes() {
    return bytes;
  }

  /** Its deliveries went back: only its share of the window is left of it. Connection's room. */
  public void empty() {
    Arrays.fill(messages, next, count, null);
    count = next;
    bytes = 0;
  }

  /** Gives the batch's share of the delivery window back to the queue. Connection's room. */
  public void flushedToClient() {
    consumer
        .subscriber()
        .loop()
        .send(consumer.queue().loop(), new QueueCommand.FlushedToClient(consumer));
  }
}
