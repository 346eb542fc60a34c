package org.warrenmq.engine;

import org.jspecify.annotations.Nullable;
import org.warrenmq.store.SettleReason;

/**
 * A queue's dealings with the message store, as its {@link Dispatcher} sees them: what happens is
 * written down ({@link QueueJournal}), and what is not in memory is read ({@link Paging}). Runs in
 * the queue's room.
 */
final class QueueStorage implements Recorder, QueueJournal.Listener {
  private final Queue queue;
  private final boolean durable;
  private final QueueLog log;
  private final Journal loopJournal;
  private final Paging paging;

  /** There from the start for a durable queue; for others, once they need it. */
  private @Nullable QueueJournal journal;

  /** Delivered messages below were forgotten, as far as they were on disk. */
  private long forgottenTo;

  QueueStorage(Queue queue, boolean durable, QueueLog log, Journal journal, MessageMemory memory) {
    this.queue = queue;
    this.durable = durable;
    this.log = log;
    this.loopJournal = journal;
    this.paging = new Paging(queue, log, journal.store(), memory);
    if (durable) {
      journal();
    }
  }

  private QueueJournal journal() {
    QueueJournal present = journal;
    if (present == null) {
      present = new QueueJournal(queue.id(), durable, log, loopJournal, this);
      journal = present;
    }
    return present;
  }

  /** The queue comes back at a start. */
  void restored(long delivered, long bytes) {
    paging.restored();
    journal().restore(delivered, bytes);
  }

  /** True for a message that must outlive the process. */
  boolean keeps(Message message) {
    return durable && message.persistent();
  }

  @Override
  public void appended(long position, Message message) {
    QueueJournal present = message.hasStoredBody() ? journal() : journal;
    if (present != null) {
      present.appended(position, message);
    }
    if (paging.appended(keeps(message))) {
      journal().spill(position, message);
    }
  }

  @Override
  public void settled(long position, QueueLog.Entry entry, SettleReason reason) {
    QueueJournal present = journal;
    if (present != null) {
      present.settled(position, entry, reason);
    }
  }

  @Override
  public void returned(long[] positions, int count) {
    QueueJournal present = journal;
    if (present != null) {
      present.returned(positions, count);
    }
  }

  @Override
  public void purged(long below, long[] kept) {
    paging.forget();
    QueueJournal present = journal;
    if (present != null) {
      present.purged(below, kept);
    }
  }

  /**
   * Whether the front message can leave now. If not, that is seen to, and the queue proceeds then.
   *
   * @param message null when its content is not in memory
   */
  boolean isAvailable(long position, @Nullable Message message) {
    if (message == null) {
      paging.read(position);
      return false;
    }
    QueueJournal present = journal;
    return present == null || present.mayDeliver(position, message);
  }

  /**
   * A message left for somebody.
   *
   * @param outstanding whether it awaits an ack, and so stays in the queue
   * @param ready messages still ready
   */
  void delivered(long position, Message message, boolean outstanding, long ready) {
    // While memory is short, only what somebody has room for is read: when he asks for it.
    if (log.coldCount() > 0 && !paging.isShort()) {
      paging.readAhead(ready);
    }
    // Whoever gets it needs the body for longer than the queue may have it.
    loopJournal.bodies().hold(message.content().body(), 1);
    QueueJournal present = journal;
    if (outstanding && present != null && paging.isShort() && present.isOnDisk(position, message)) {
      log.pageOut(position);
    }
  }

  @Override
  public void written(long end) {
    // Who waited gets his messages before they are forgotten.
    queue.proceed();
    paging.written(end, queue.head());
    forgetDelivered(Math.min(end, queue.head()));
  }

  /**
   * What was delivered before it was on disk, and still waits for its ack. Each position is looked
   * at once, when memory gets short.
   */
  private void forgetDelivered(long to) {
    QueueJournal present = journal;
    if (present == null || forgottenTo >= to || !paging.isShort()) {
      return;
    }
    long position = Math.max(forgottenTo, log.first());
    while ((position = log.taken(position, to)) >= 0) {
      Message message = log.get(position);
      if (message != null && present.isOnDisk(position, message)) {
        log.pageOut(position);
      }
      position++;
    }
    forgottenTo = to;
  }

  /** The queue has ended. What is stored of a durable one goes together with its definition. */
  void close() {
    paging.forget();
    QueueJournal present = journal;
    if (!durable && present != null) {
      present.dropped();
    }
  }

  /** The node stops. */
  void stop() {
    QueueJournal present = journal;
    if (present != null) {
      present.stopAt(queue.neverDelivered());
    }
  }
}
