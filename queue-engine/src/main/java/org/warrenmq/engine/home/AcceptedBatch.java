package org.warrenmq.engine.home;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.loop.Mail;
import org.warrenmq.engine.loop.RoomLoop;

/**
 * What the queues of one loop accepted, or refused, from one publisher in one turn: its bytes
 * return to the publisher's read gate, its sequence numbers to the confirms. The queues' loop fills
 * it until it leaves for the connection's room.
 */
public final class AcceptedBatch implements Mail {
  private final Publisher publisher;
  private final long epoch;
  private long[] sequences = new long[8];
  private int count;
  private long cost;
  private boolean taken;

  private AcceptedBatch(Publisher publisher, long epoch) {
    this.publisher = publisher;
    this.epoch = epoch;
  }

  /** The batch to add to: the last one, if it is this publisher's and still here, or a new one. */
  static AcceptedBatch open(@Nullable AcceptedBatch last, RoomLoop loop, Publisher publisher) {
    if (last != null && last.publisher == publisher && last.epoch == loop.epoch() && !last.taken) {
      return last;
    }
    AcceptedBatch batch = new AcceptedBatch(publisher, loop.epoch());
    loop.send(publisher.loop(), batch);
    return batch;
  }

  /**
   * @param sequence the publisher's number for the message, negative when it is refused; 0 when it
   *     wants no confirm
   * @param bytes what the message was charged with
   */
  void add(long sequence, long bytes) {
    cost += bytes;
    if (sequence != 0) {
      if (count == sequences.length) {
        sequences = Arrays.copyOf(sequences, count * 2);
      }
      sequences[count++] = sequence;
    }
  }

  @Override
  public void open() {
    taken = true;
    publisher.accepted(this);
  }

  public long cost() {
    return cost;
  }

  public int count() {
    return count;
  }

  /** The publisher's number for a message. */
  public long sequence(int i) {
    return Math.abs(sequences[i]);
  }

  /** Whether the queue has refused it. */
  public boolean isRejected(int i) {
    return sequences[i] < 0;
  }
}
