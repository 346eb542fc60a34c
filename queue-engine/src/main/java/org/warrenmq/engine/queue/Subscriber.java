package org.warrenmq.engine.queue;

import org.warrenmq.engine.loop.RoomLoop;

/** The channel behind a consumer: where deliveries go. Its methods run in the connection's room. */
public interface Subscriber {
  /** The loop on which the connection lives. */
  RoomLoop loop();

  /**
   * Takes a batch of deliveries. Once their bytes are under way and the socket can take more,
   * {@link DeliveryBatch#flushedToClient()} must be called, exactly once: until then the consumer's
   * window stays narrower.
   */
  void deliver(DeliveryBatch batch);

  /** The queue went away and the consumer with it. */
  void cancelled(Consumer consumer);

  /** A limited consumer has messages waiting: {@link QueueCommand.Grant} lets it take some. */
  void wants(Consumer consumer);

  /** A limited consumer could not use so much of what it was granted. */
  void unused(Consumer consumer, int grants);
}
