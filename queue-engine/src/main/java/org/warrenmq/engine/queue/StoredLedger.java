package org.warrenmq.engine.queue;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.message.Entry;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.engine.message.Stamps;
import org.warrenmq.store.SettleReason;

/**
 * The ledger of a queue on a loop with a message store: what happens is written down there ({@link
 * QueueJournal}), and what is not in memory is read ({@link Paging}). Runs in the queue's room.
 */
final class StoredLedger implements Ledger, QueueJournal.Listener {
  private final Owner queue;
  private final QueueTraits traits;
  private final QueueLog log;
  private final LoopStore home;
  private final Paging paging;

  /** There from the start for a durable queue; for others, once they need it. */
  private @Nullable QueueJournal journal;

  /** The write that what became cold waits for before it is read. */
  private long returnsWritten;

  /** Messages that had come back, and could not become cold when that was last tried. */
  private int backLeft;

  /** Delivered messages below were forgotten, as far as they were on disk. */
  private long forgottenTo;

  /** What left from behind others; null until something does. */
  private @Nullable Departed departed;

  /** The lane, as its ledger sees it. */
  interface Owner {
    long id();

    /** The first position never delivered. */
    long head();

    /** From here on no message was delivered, in this run or an earlier one. */
    long neverDelivered();

    /** What the front message waited for has happened. */
    void proceed();

    /** What was to be swept has been read, up to a position. */
    void swept(List<MessageStore.Loaded> messages, long from, long to);

    /** What was read is not of use any more, or could not be. */
    void sweptInVain();
  }

  StoredLedger(Owner queue, QueueTraits traits, QueueLog log, LoopStore home) {
    this.queue = queue;
    this.traits = traits;
    this.log = log;
    this.home = home;
    this.paging = new Paging(queue, log, home);
    if (traits.durable()) {
      journal();
    }
  }

  private QueueJournal journal() {
    QueueJournal present = journal;
    if (present == null) {
      present = new QueueJournal(queue.id(), traits, log, home.journal(), this);
      journal = present;
    }
    return present;
  }

  @Override
  public void restored(long delivered, long bytes) {
    paging.restored();
    journal().restore(delivered, bytes);
  }

  @Override
  public void appended(long position, Message message) {
    QueueJournal present = message.hasStoredBody() ? journal() : journal;
    if (present != null) {
      present.appended(position, message);
    }
    if (paging.appended(traits.keeps(message))) {
      journal().spill(position, message);
    }
  }

  @Override
  public void settled(long position, Entry entry, SettleReason reason) {
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
  public void setAside(long position) {
    QueueJournal present = journal;
    Message message = log.get(position);
    if (message != null
        && present != null
        && paging.isShort()
        && present.isOnDisk(position, message)) {
      log.pageOut(position);
    }
  }

  @Override
  public void purged(long below, long[] kept) {
    paging.forget();
    departed = null;
    paging.passOver(null);
    QueueJournal present = journal;
    if (present != null) {
      present.purged(below, kept);
    }
  }

  @Override
  public boolean mayLeave(long position, Message message) {
    QueueJournal present = journal;
    return present == null || present.mayDeliver(position, message);
  }

  @Override
  public void fetch(long position, boolean toDrop) {
    if (toDrop) {
      paging.readToDrop(position);
    } else {
      paging.read(position);
    }
  }

  @Override
  public void delivered(long position, Message message, boolean outstanding, long ready) {
    // While memory is short, only what somebody has room for is read: when he asks for it.
    if (log.cold() != null && !paging.isShort()) {
      paging.readAhead(ready);
    }
    // Whoever gets it needs the body for longer than the queue may have it.
    home.bodies().hold(message.content().body(), 1);
    QueueJournal present = journal;
    if (outstanding && present != null && paging.isShort() && present.isOnDisk(position, message)) {
      log.pageOut(position);
    }
  }

  @Override
  public boolean sweep(long from) {
    return paging.sweep(from);
  }

  @Override
  public void learnSince() {
    paging.look();
  }

  @Override
  public void leavesMiddle(long position) {
    if (departed == null) {
      departed = new Departed();
      paging.passOver(departed);
    }
    departed.add(position);
    ColdStretch cold = log.cold();
    if (cold != null) {
      // It may have been the first there.
      cold.since(Stamps.UNKNOWN);
    }
  }

  @Override
  public void middleSettled(long position, Entry entry, SettleReason reason) {
    settled(position, entry, reason);
    if (departed != null) {
      departed.settled(position, journal().awaitWrite());
    }
  }

  private void awaitReturns() {
    returnsWritten = journal().awaitWrite();
    paging.hold(true);
  }

  /** To see what of it can be given up takes a walk: not again before there is more. */
  @Override
  public boolean hasMuchToCool(long unsettled) {
    int back = (int) (log.remains() - unsettled);
    backLeft = Math.min(backLeft, Math.max(0, back));
    return journal != null && back > backLeft + backLeft / 4 && home.memory().isMuch(back);
  }

  @Override
  public long cool(long from, long unsettled) {
    QueueJournal present = journal();
    long end = log.coldFrom();
    long first = firstOnDisk(present, from, end);
    if (first >= 0) {
      log.cool(first, end);
      paging.restored();
      // How often each came back has to be there before it is read.
      awaitReturns();
      forgottenTo = Math.min(forgottenTo, first);
    }
    backLeft = (int) Math.max(0, log.remains() - unsettled);
    return first;
  }

  /** From there on, and below an end, all is on disk; -1 when no remains are among it. */
  private long firstOnDisk(QueueJournal present, long from, long end) {
    long first = -1;
    boolean remains = false;
    for (long at = log.taken(from, end); at >= 0; at = log.taken(at + 1, end)) {
      Message message = log.get(at);
      if (message != null && !present.isOnDisk(at, message)) {
        first = -1;
        remains = false;
      } else {
        first = first < 0 ? at : first;
        remains |= message == null;
      }
    }
    return remains ? first : -1;
  }

  @Override
  public void onDisk(long end) {
    QueueJournal present = journal;
    if (present != null && present.isWritten(returnsWritten)) {
      paging.hold(false);
    }
    if (present != null && departed != null) {
      departed.written(present, paging.isReading());
    }
    // Who waited gets his messages before they are forgotten.
    queue.proceed();
    paging.onDisk(end, queue.head());
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

  @Override
  public void close() {
    paging.forget();
    QueueJournal present = journal;
    // What is stored of a durable one goes together with its definition.
    if (!traits.durable() && present != null) {
      present.dropped();
    }
  }

  @Override
  public void abandon() {
    paging.forget();
  }

  @Override
  public void stop() {
    QueueJournal present = journal;
    if (present != null) {
      present.stopAt(queue.neverDelivered());
    }
  }
}
