package org.warrenmq.engine.queue;

import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.store.QueueState;

/** Where queues come to be. */
public final class Queues {
  private Queues() {}

  /**
   * A new queue. Any thread, before anybody has its address.
   *
   * @param id never used for another queue
   * @param home where it lives
   * @param owner told when it ends by itself
   */
  public static QueueAddress open(
      long id, LoopStore home, QueueTraits traits, QueueSettings settings, QueueOwner owner) {
    return open(id, home, traits, settings, owner, null);
  }

  /**
   * A queue that comes back at a start, with what it holds.
   *
   * @param stored null when nothing is stored of it
   */
  public static QueueAddress open(
      long id,
      LoopStore home,
      QueueTraits traits,
      QueueSettings settings,
      QueueOwner owner,
      @Nullable QueueState stored) {
    QueueAddress address = new QueueAddress(id, home);
    Queue queue = new Queue(address, traits, settings, owner, stored);
    address.moveIn(queue);
    if (stored != null && !settings.equals(QueueSettings.NONE)) {
      // Some of it may have to leave.
      address.loop().post(queue::proceed);
    }
    return address;
  }
}
