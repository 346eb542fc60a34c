package org.warrenmq.engine.home;

import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.loop.Mail;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.store.TurnWrites.TransactionPart;

/**
 * A loop's dealings with the message store: what its queues want written, what may stay in memory,
 * large bodies, transactions, and what publishers hear of all that. The home of a queue. Lives on
 * the loop.
 */
public final class LoopStore {
  private final RoomLoop loop;
  private final MessageMemory memory;
  private final Acceptances acceptances;
  private final @Nullable Journal journal;

  /** A transaction is being carried out. */
  private boolean committing;

  /** A queue has refused something since the transaction began that is being carried out. */
  private boolean refused;

  /** Something of that transaction came too late for a queue that has gone elsewhere. */
  private boolean missed;

  /** One whose queues keep everything in memory. */
  public LoopStore(RoomLoop loop) {
    this(loop, null, Long.MAX_VALUE);
  }

  /**
   * @param messages where queues keep what must last, and what is too much for the memory
   * @param messageBytes memory that messages of queues on this loop may take
   */
  public LoopStore(RoomLoop loop, @Nullable MessageStore messages, long messageBytes) {
    this.loop = loop;
    this.memory = new MessageMemory(messageBytes, loop.account());
    this.acceptances = new Acceptances(loop);
    this.journal = messages == null ? null : new Journal(loop, acceptances, messages);
    loop.beforeMailLeaves(this::submit);
  }

  /** The turns of the loop. */
  public RoomLoop loop() {
    return loop;
  }

  public MessageMemory memory() {
    return memory;
  }

  /** Whether there is no store, and everything of its queues is in memory. */
  public boolean isMemoryOnly() {
    return journal == null;
  }

  /**
   * @throws IllegalStateException without a store
   */
  public Journal journal() {
    if (journal == null) {
      throw new IllegalStateException("a loop without a store");
    }
    return journal;
  }

  public MessageStore messages() {
    return journal().store();
  }

  /**
   * The large bodies that rooms of this loop deal with.
   *
   * @throws IllegalStateException on a loop without a store
   */
  public StoredBodies bodies() {
    return journal().bodies();
  }

  /** The node is less short of memory: reads that waited for that go on. */
  public void memoryEased() {
    memory.reads().proceed();
  }

  /** False while publishers should not be read, since too much waits to be written. Any thread. */
  public boolean hasRoom() {
    return journal == null || journal.store().hasRoom();
  }

  /** Runs something in a turn of this loop once the store has room. */
  public void whenRoom(Runnable action) {
    if (journal != null) {
      journal.store().whenRoom(() -> loop.post(action::run));
    }
  }

  long newTransaction() {
    return journal == null ? 0 : journal.store().newTransaction();
  }

  /** Everything gathered so far is submitted: what follows is another turn to the store. */
  void submit() {
    if (journal != null) {
      // First: what other rooms do with the mail may have to come after it in the store.
      journal.submit();
    }
    acceptances.forget();
  }

  /**
   * A queue on this loop has taken a message.
   *
   * @param sequence the publisher's number for it, 0 when it wants no confirm
   * @param cost what the publisher is charged with for it
   * @param whenOnDisk whether who wants a confirm hears of it only when it is on disk
   */
  public void accept(Publisher publisher, long sequence, long cost, boolean whenOnDisk) {
    if (whenOnDisk && sequence != 0 && journal != null) {
      journal.acceptWhenOnDisk(publisher, sequence, cost);
    } else {
      acceptances.add(publisher, sequence, cost);
    }
  }

  /**
   * A queue on this loop has refused a message.
   *
   * @param publisher null when nobody needs to know
   */
  public void reject(@Nullable Publisher publisher, long sequence, long cost) {
    refused = true;
    if (publisher != null) {
      acceptances.add(publisher, -sequence, cost);
    }
  }

  /**
   * Something came for a queue that has gone elsewhere: the transaction that is being carried out,
   * if one is, will not be whole here.
   */
  public void missed() {
    missed = true;
  }

  /** Whether what comes now is a transaction's, up to its end. */
  public boolean isCommitting() {
    return committing;
  }

  /** One loop's part of a transaction begins. */
  void begin() {
    submit();
    committing = true;
    refused = false;
    missed = false;
  }

  /**
   * What gathered since {@link #begin} is one loop's part of a transaction. The store gets it
   * whatever happened, as the parts of others wait for it there.
   *
   * @param publisher told when it is on disk as far as it must be; that it is rejected when a queue
   *     has refused some of it; nothing when a queue has gone elsewhere, and some of it with that
   * @param part null when it is all of it
   */
  void commit(Publisher publisher, long sequence, @Nullable TransactionPart part) {
    committing = false;
    long verdict = refused ? -sequence : sequence;
    if (journal == null || (part == null && journal.isEmpty())) {
      if (!missed) {
        acceptances.add(publisher, verdict, 0);
      }
    } else {
      if (!missed) {
        journal.acceptWhenOnDisk(publisher, verdict, 0);
      }
      journal.submit(part);
    }
  }

  /**
   * The queues that live here go on elsewhere, from what was written: what has gathered since is
   * forgotten, deliveries that have not left are taken back, and nobody hears of what is under way.
   * Each is told to abdicate in the same turn.
   */
  public void discard() {
    if (journal != null) {
      journal.discard();
    }
    for (Mail mail : loop.unsent()) {
      if (mail instanceof Revocable revocable) {
        revocable.takeBack(this);
      }
    }
  }

  /** Nobody hears that this turn is on disk before a queue's end is. */
  public void await(Journal.End end) {
    if (journal != null) {
      journal.await(end);
    }
  }
}
