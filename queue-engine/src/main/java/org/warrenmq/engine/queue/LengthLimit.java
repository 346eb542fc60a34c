package org.warrenmq.engine.queue;

import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.QueueSettings.Overflow;

/**
 * A queue has so many ready messages, of so many octets, at most, wherever they lie: it refuses one
 * more, or drops the oldest. What its consumers hold does not count. Runs in the queue's room.
 *
 * @param most messages, 0 or more
 * @param mostBytes octets of their bodies, 0 or more
 */
record LengthLimit(long most, long mostBytes, Overflow overflow) {
  /** What settings ask for; null when that is nothing. */
  static @Nullable LengthLimit of(QueueSettings settings) {
    return settings.maxLength() == QueueSettings.UNLIMITED
            && settings.maxBytes() == QueueSettings.UNLIMITED
        ? null
        : new LengthLimit(settings.maxLength(), settings.maxBytes(), settings.overflow());
  }

  /** Whether one more message may come. */
  boolean admits(Message message, Lanes lanes) {
    return overflow == Overflow.DROP_HEAD
        || (lanes.readyCount() < most
            && (mostBytes == QueueSettings.UNLIMITED
                || lanes.readyBytes() + message.size() <= mostBytes));
  }

  /** Whether the front message has to leave. */
  boolean drops(Lanes lanes) {
    return overflow == Overflow.DROP_HEAD
        && (lanes.readyCount() > most
            || (mostBytes != QueueSettings.UNLIMITED && lanes.readyBytes() > mostBytes));
  }

  /**
   * Ready messages without those that have to leave and only wait until the front was read; of a
   * limit of octets nobody knows how many these are.
   */
  long staying(Lanes lanes) {
    long ready = lanes.readyCount();
    boolean waits =
        overflow == Overflow.DROP_HEAD
            && most != QueueSettings.UNLIMITED
            && ready > most
            && lanes.front().first() < 0;
    return waits ? most : ready;
  }
}
