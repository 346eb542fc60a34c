package org.warrenmq.engine.queue;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.loop.RoomLoop;

/**
 * Settlements of one kind for one queue, gathered by a connection over a turn. The connection's
 * room fills it until it leaves for the queue's room, or is full: giving back a million deliveries
 * is not one piece of work.
 */
public final class SettleBatch implements QueueCommand {
  private static final int MAX_POSITIONS = 1024;

  private final QueueAddress queue;
  private final @Nullable Consumer consumer;
  private final Settlement settlement;
  private final long epoch;
  private long[] positions = new long[8];
  private int count;
  private boolean taken;

  private SettleBatch(
      QueueAddress queue, @Nullable Consumer consumer, Settlement settlement, long epoch) {
    this.queue = queue;
    this.consumer = consumer;
    this.settlement = settlement;
    this.epoch = epoch;
  }

  /**
   * The batch to add to: the one given if it is of the same kind and still here, or a new one,
   * which is on its way to the queue already.
   *
   * @param consumer whom the messages were delivered to; null for those taken by basic.get
   */
  public static SettleBatch open(
      @Nullable SettleBatch last,
      RoomLoop loop,
      QueueAddress queue,
      @Nullable Consumer consumer,
      Settlement settlement) {
    if (last != null
        && last.epoch == loop.epoch()
        && !last.taken
        && last.count < MAX_POSITIONS
        && last.queue == queue
        && last.consumer == consumer
        && last.settlement == settlement) {
      return last;
    }
    SettleBatch batch = new SettleBatch(queue, consumer, settlement, loop.epoch());
    loop.send(queue.loop(), batch);
    return batch;
  }

  public void add(long position) {
    if (count == positions.length) {
      positions = Arrays.copyOf(positions, count * 2);
    }
    positions[count++] = position;
  }

  @Override
  public void open() {
    taken = true;
    queue.resident().accept(this);
  }

  @Override
  public QueueAddress queue() {
    return queue;
  }

  @Nullable Consumer consumer() {
    return consumer;
  }

  Settlement settlement() {
    return settlement;
  }

  int count() {
    return count;
  }

  /** The first {@link #count()} are meant. */
  long[] positions() {
    return positions;
  }
}
