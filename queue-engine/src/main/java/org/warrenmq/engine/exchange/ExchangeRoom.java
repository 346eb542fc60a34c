package org.warrenmq.engine.exchange;

import org.warrenmq.engine.queue.QueueAddress;

/** What an exchange keeps, in a room of its own: published to as a queue is, and no queue. */
public sealed interface ExchangeRoom extends QueueAddress.Resident
    permits Delays, Deduplication, History {
  QueueAddress address();

  /** It came back at a start, and where it leads is back, too. Any thread. */
  void start();

  /** The exchange is gone, and no start will find it: drops everything. In its room. */
  void end();
}
