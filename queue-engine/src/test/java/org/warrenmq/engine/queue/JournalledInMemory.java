package org.warrenmq.engine.queue;

import org.warrenmq.engine.message.Entry;
import org.warrenmq.engine.message.Message;
import org.warrenmq.store.SettleReason;

/** The ledger of a queue that writes everything down and keeps everything in memory as well. */
record JournalledInMemory(QueueJournal journal) implements Ledger {
  @Override
  public void restored(long delivered, long bytes) {
    journal.restore(delivered, bytes);
  }

  @Override
  public boolean sweep(long from) {
    throw new AssertionError("a message is not in memory");
  }

  @Override
  public void learnSince() {
    throw new AssertionError("a message is not in memory");
  }

  @Override
  public void leavesMiddle(long position) {}

  @Override
  public void middleSettled(long position, Entry entry, SettleReason reason) {
    settled(position, entry, reason);
  }

  @Override
  public void appended(long position, Message message) {
    journal.appended(position, message);
  }

  @Override
  public void settled(long position, Entry entry, SettleReason reason) {
    journal.settled(position, entry, reason);
  }

  @Override
  public void returned(long[] positions, int count) {
    journal.returned(positions, count);
  }

  @Override
  public void setAside(long position) {}

  @Override
  public void purged(long below, long[] kept) {
    journal.purged(below, kept);
  }

  @Override
  public boolean mayLeave(long position, Message message) {
    return true;
  }

  @Override
  public void fetch(long position, boolean toDrop) {
    throw new AssertionError("a message is not in memory");
  }

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
