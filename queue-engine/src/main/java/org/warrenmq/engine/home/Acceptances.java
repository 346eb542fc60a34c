package org.warrenmq.engine.home;

import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.loop.RoomLoop;

/**
 * What the queues of one loop say of messages they were sent: gathered into one {@link
 * AcceptedBatch} for each publisher in a row. Lives on the loop.
 */
final class Acceptances {
  private final RoomLoop loop;

  /** The batch last added to; forgotten when mail leaves, so that no idle loop holds it. */
  private @Nullable AcceptedBatch last;

  Acceptances(RoomLoop loop) {
    this.loop = loop;
  }

  /**
   * A queue has taken a message, or refused it; the publisher hears of it with the turn.
   *
   * @param sequence the publisher's number for it, negative when it is refused; 0 when it wants no
   *     confirm
   * @param bytes what the publisher is charged with for it
   */
  void add(Publisher publisher, long sequence, long bytes) {
    AcceptedBatch batch = AcceptedBatch.open(last, loop, publisher);
    last = batch;
    batch.add(sequence, bytes);
  }

  /** Outgoing mail leaves. */
  void forget() {
    last = null;
  }
}
