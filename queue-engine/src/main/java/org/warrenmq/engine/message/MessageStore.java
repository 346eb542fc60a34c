package org.warrenmq.engine.message;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.Body;
import org.warrenmq.store.TurnWrites;

/**
 * The disk as queues see it: takes what a loop's turn wants written, and reads messages back.
 * Called on loops; answers come on threads of its own and are posted to a room from there.
 */
public interface MessageStore {
  /** Takes the writes of a turn; never refuses and never waits. */
  void submit(TurnWrites turn);

  /** False while so much waits to be written that publishers should not be read. */
  boolean hasRoom();

  /** Runs something once, when there is room (again). */
  void whenRoom(Runnable action);

  /**
   * Reads messages of a queue that were not settled.
   *
   * @param from the first position wanted
   * @param maxBytes about how many bytes of them, but at least one message if there is one
   * @param callback gets them by position, on the reader's thread
   * @return false when too many reads wait; nothing happens then
   */
  boolean read(long queueId, long from, long maxBytes, Consumer<Page> callback);

  /**
   * Reads messages that wait for their time, by due time and id.
   *
   * @param due with the id: the first one wanted
   * @param maxBytes as with {@link #read}
   * @param callback gets them, on the reader's thread
   * @return false when too many reads wait; nothing happens then
   * @throws UnsupportedOperationException when it is a store of queues alone
   */
  default boolean readScheduled(
      long owner, long due, long id, long maxBytes, Consumer<SchedulePage> callback) {
    throw new UnsupportedOperationException("messages that wait are not kept here");
  }

  /** An id for a large body, used for no other one in the store. */
  long newBody();

  /**
   * Reads one piece of a large body that somebody holds, or a queue refers to, and that was handed
   * over before.
   *
   * @param callback gets it, on the reader's thread or at once; null when it is not there
   * @return false when too many reads wait; nothing happens then
   */
  boolean readPiece(Body.Stored body, int index, Consumer<byte @Nullable []> callback);

  /** A number for a transaction, different from that of any other under way. */
  long newTransaction();

  /** A room found that messages are missing: the node must confirm nothing more, and stop. */
  void broken(String what);

  /**
   * What was read.
   *
   * @param resumeAt everything before was read or is settled; the next read goes on here
   */
  record Page(List<Loaded> messages, long resumeAt) {}

  /**
   * What was read of messages that wait for their time: all there are from where it began to the
   * last one.
   *
   * @param atEnd no more were behind them
   */
  record SchedulePage(List<Scheduled> messages, boolean atEnd) {
    /** There is one unless it is at the end. */
    public Scheduled last() {
      return messages.getLast();
    }
  }

  /**
   * One of them.
   *
   * @param lasting whether it outlives a restart
   */
  record Scheduled(long due, long id, Message message, boolean lasting) {}

  /**
   * A message read back.
   *
   * @param returns how often it came back after a delivery
   * @param retryAt when it may be delivered again, in milliseconds since the epoch; 0 for at once
   * @param stamps what its queue stored with it
   */
  record Loaded(long position, Message message, int returns, long retryAt, Stamps stamps) {}
}
