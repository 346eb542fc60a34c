package org.warrenmq.engine.queue;

import org.warrenmq.engine.message.Entry;
import org.warrenmq.engine.message.Message;
import org.warrenmq.store.SettleReason;

/**
 * Where a queue takes down what changes in it, and where messages come from that are not in memory.
 * Called by the {@link Dispatcher} as it decides, in the queue's room; arrays are the caller's and
 * may change afterwards.
 */
interface Ledger {
  /**
   * The lane came back at a start, all of it cold.
   *
   * @param delivered below it everything may have been delivered
   * @param bytes octets of its messages
   */
  void restored(long delivered, long bytes);

  /** A message was appended, and what the queue gave it is in the log. */
  void appended(long position, Message message);

  /**
   * A message left the queue.
   *
   * @param entry what the log knew of it
   */
  void settled(long position, Entry entry, SettleReason reason);

  /** Delivered messages came back, and were counted in the log, or have a time there. */
  void returned(long[] positions, int count);

  /** A message is not wanted for some time, or others before it: its content need not be here. */
  void setAside(long position);

  /**
   * All messages below a position left, except some.
   *
   * @param kept positions of unsettled deliveries, ascending
   */
  void purged(long below, long[] kept);

  /**
   * Whether a message may be delivered now. If not, that is seen to, and the queue proceeds then.
   */
  boolean mayLeave(long position, Message message);

  /**
   * Brings a message into memory whose content is not there; the queue proceeds then.
   *
   * @param position its own, or where the cold stretch begins
   * @param toDrop it, and others behind it, will be dropped: what is read takes memory for a moment
   */
  void fetch(long position, boolean toDrop);

  /**
   * Reads cold messages from a position on, as some may be due; the lane hears of them.
   *
   * @return false when something else is being read: the queue proceeds after that
   */
  boolean sweep(long from);

  /**
   * Learns when the first cold message came, for {@link ColdStretch#since}; the queue proceeds
   * then, and what else is being read before.
   */
  void learnSince();

  /**
   * A message that was never delivered leaves from behind others, or one as a dead letter from
   * anywhere. {@link #middleSettled} tells when it has: until that is on disk, reading must not
   * bring it back.
   */
  void leavesMiddle(long position);

  /** A message has left from behind others. */
  void middleSettled(long position, Entry entry, SettleReason reason);

  /**
   * Whether much is left of messages that were delivered and came back: of each its size.
   *
   * @param unsettled messages that are out, of which the same may be left
   */
  boolean hasMuchToCool(long unsettled);

  /**
   * Gives up what is in memory from a position on, behind which nothing is out, as far as it can be
   * read again.
   *
   * @return from where everything is cold now; -1 when nothing was given up
   */
  long cool(long from, long unsettled);

  /**
   * A message left for somebody.
   *
   * @param outstanding whether it awaits an ack, and so stays in the queue
   * @param ready messages still ready
   */
  void delivered(long position, Message message, boolean outstanding, long ready);

  /** The queue has ended: its content is of no use any more. */
  void close();

  /** The queue goes on elsewhere, from what was written. */
  void abandon();

  /** The node stops: what was not delivered must not be called so. */
  void stop();

  /** That of a queue whose messages are all in memory, and of use to nobody after it. */
  enum Nowhere implements Ledger {
    NOWHERE;

    @Override
    public void restored(long delivered, long bytes) {
      throw new IllegalStateException("something is stored of a queue that stores nothing");
    }

    @Override
    public void appended(long position, Message message) {}

    @Override
    public void settled(long position, Entry entry, SettleReason reason) {}

    @Override
    public void returned(long[] positions, int count) {}

    @Override
    public void setAside(long position) {}

    @Override
    public void purged(long below, long[] kept) {}

    @Override
    public boolean mayLeave(long position, Message message) {
      return true;
    }

    @Override
    public void fetch(long position, boolean toDrop) {
      throw new IllegalStateException("a message is ready but not in the log");
    }

    @Override
    public boolean sweep(long from) {
      throw new IllegalStateException("a message is due but not in the log");
    }

    @Override
    public void learnSince() {
      throw new IllegalStateException("a message is ready but not in the log");
    }

    @Override
    public void leavesMiddle(long position) {}

    @Override
    public void middleSettled(long position, Entry entry, SettleReason reason) {}

    @Override
    public boolean hasMuchToCool(long unsettled) {
      return false;
    }

    @Override
    public long cool(long from, long unsettled) {
      return -1;
    }

    @Override
    public void delivered(long position, Message message, boolean outstanding, long ready) {}

    @Override
    public void close() {}

    @Override
    public void abandon() {}

    @Override
    public void stop() {}
  }
}
