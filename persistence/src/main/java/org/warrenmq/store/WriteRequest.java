package org.warrenmq.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One change to the store, as data: made in a room, applied by the writer thread. Arrays and lists
 * pass to the store and must not change afterwards.
 *
 * <p>Positions are the queue's sequence numbers, from 0, never reused while the queue exists.
 * Requests for one queue take effect in the order in which they were submitted.
 *
 * <p>This is the one vocabulary of change: what the store writes is what copies elsewhere apply.
 */
public sealed interface WriteRequest {
  /**
   * Grows with every request, and every part of one, that a reader of the version before would not
   * understand. Whoever reads a request that he does not know stops: passed over, it would leave
   * him with something else than the queue.
   */
  int VERSION = 3;

  /** A change to one queue. */
  sealed interface OfQueue extends WriteRequest {
    long queueId();
  }

  /**
   * Adds messages at the tail. Positions between the last append and {@code first} count as
   * settled: a message that needs no storing is simply left out.
   *
   * @param first position of the first message; the others follow without gaps
   * @param time when the turn was made, in milliseconds since the epoch
   */
  record Append(long queueId, long first, long time, List<? extends Storable> messages)
      implements OfQueue {}

  /**
   * Messages left the queue. In any order; positions that are unknown or already settled are passed
   * over. A message whose append has not been written yet is never written.
   *
   * @param bytes {@link Storable#bodySize} of the persistent ones that leave by this, together: the
   *     store would have to read them to know
   */
  record Settle(long queueId, SettleReason reason, long[] positions, long bytes)
      implements OfQueue {}

  /**
   * All messages below a position left, except some: a purge, in time that does not depend on
   * depth.
   *
   * @param kept ascending
   * @param bytes as in {@link Settle}: of those that leave by this, so not of what another request
   *     of the same turn settles
   */
  record SettleBelow(long queueId, long below, long[] kept, long bytes) implements OfQueue {}

  /**
   * Messages came back.
   *
   * @param counts deliveries that failed so far, one per position, replacing what was stored
   * @param dues when each may be delivered again, in milliseconds since the epoch, or {@link
   *     #AT_ONCE}; replaces what was stored, too. Null if that is at once for all
   */
  record Return(long queueId, long[] positions, int[] counts, long @Nullable [] dues)
      implements OfQueue {
    public static final long AT_ONCE = 0;

    /** When the message at an index may be delivered again. */
    public long due(int index) {
      return dues == null ? AT_ONCE : dues[index];
    }
  }

  /** Everything below this position may have been delivered; replaces what was stored. */
  record Delivered(long queueId, long mark) implements OfQueue {}

  /**
   * A queue begins, with a definition in the same turn: what is handed over for it later is not
   * written before that, even if the definition has to wait for a transaction.
   *
   * <p>A queue may also hand it over later: its turn is then not written before what came earlier
   * of that queue.
   */
  record AddQueue(long queueId) implements OfQueue {}

  /**
   * A message that waits for its time. One that is unscheduled before it has been written is never
   * written.
   *
   * @param queueId its owner, which is no queue but has a number like one
   * @param due in milliseconds since the epoch, not negative
   * @param id the owner's number for it: growing, from 1, never used again. A {@link Refer} names
   *     it as the position
   */
  record Schedule(long queueId, long due, long id, Storable message) implements OfQueue {}

  /**
   * A scheduled message is not waited for any more. Each once: the store counts them and does not
   * look.
   *
   * @param lasting whether the message was persistent
   */
  record Unschedule(long queueId, long due, long id, boolean lasting) implements OfQueue {}

  /**
   * The key of a message, which tells its duplicates. In one turn with the message, or after that
   * is on disk.
   *
   * @param queueId whose window of keys it is: a queue's, or that of something with a number like
   *     one
   * @param slot which of the window's places it takes, from 0: what was there is forgotten
   * @param number grows with every key of the window
   * @param until when it is forgotten by itself, in milliseconds since the epoch
   */
  record Remember(long queueId, int slot, long number, long until, byte[] key) implements OfQueue {}

  /** The queue and everything it holds is gone; nothing may follow for this id. */
  record DropQueue(long queueId) implements OfQueue {}

  /**
   * A change to a large body, which lies in the store in pieces, once, however many queues have
   * messages with it. It stays while a message refers to it or somebody holds it, and then goes by
   * itself. Ids come from {@link Store#newBody}.
   *
   * <p>Turns of these alone never wait for transactions. A reference handed over before its message
   * is gone after a crash if the message is.
   */
  sealed interface OfBody extends WriteRequest {
    long body();
  }

  /**
   * One piece of a body. Whoever puts the first one holds the body.
   *
   * @param index from 0; all pieces are put before somebody refers to the body
   * @param persistent whether it outlives a restart; the same for all pieces
   */
  record PutPiece(long body, int index, byte[] bytes, boolean persistent) implements OfBody {}

  /** So many more hold the body. */
  record Hold(long body, int times) implements OfBody {}

  /** One of them does so no longer. Holds do not outlive the process. */
  record Release(long body) implements OfBody {}

  /**
   * A message of a queue has this body, until it is settled or its queue dropped, also if it is
   * never appended.
   *
   * @param lasting whether the message outlives a restart; its body must do so, too
   */
  record Refer(long body, long queueId, long position, boolean lasting) implements OfBody {}

  /** Writes a definition, replacing the one with the same key. */
  record PutDefinition(DefinitionKey key, byte[] value) implements WriteRequest {}

  /** Removes a definition; none with that key is fine. */
  record DeleteDefinition(DefinitionKey key) implements WriteRequest {}

  /** What it holds in memory while it waits, roughly, in bytes. */
  default long pendingBytes() {
    return switch (this) {
      case Append(_, _, _, var messages) -> {
        long sum = 32;
        for (Storable message : messages) {
          sum += message.storedSize() + 24L;
        }
        yield sum;
      }
      case Schedule(_, _, _, Storable message) -> 96L + message.storedSize();
      case Settle(_, _, long[] positions, _) -> 48 + 8L * positions.length;
      case SettleBelow(_, _, long[] kept, _) -> 40 + 8L * kept.length;
      case Return(_, long[] positions, _, long[] dues) ->
          32 + (dues == null ? 12L : 20L) * positions.length;
      case Remember(_, _, _, _, byte[] key) -> 64L + key.length;
      case PutPiece(_, _, byte[] bytes, _) -> 48L + bytes.length;
      case PutDefinition(DefinitionKey key, byte[] value) ->
          48L + key.name().length() + value.length;
      case Delivered _,
          AddQueue _,
          DropQueue _,
          Unschedule _,
          DeleteDefinition _,
          Hold _,
          Release _,
          Refer _ ->
          32;
    };
  }
}
