package org.warrenmq.engine;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jctools.queues.atomic.MpscUnboundedAtomicArrayQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The turns of every room (connections and queues) that lives on one event loop; runs on that
 * loop's thread, only {@link #post} may be called from elsewhere.
 *
 * <p>A turn runs once per pass of the event loop, after all ready sockets were read: it opens the
 * mail that those reads and the other rooms produced, posts what is meant for other rooms in one
 * parcel each, and lets every connection that wrote something flush once. Mail between rooms on
 * this loop takes no queue node, no wake-up and no lock.
 *
 * <p>Local mail goes before the inbox: whatever arrives in the inbox as a consequence of something
 * this loop posted must find the effects of the local mail sent before that.
 */
public final class RoomLoop implements Room {
  /** Mail opened from the inbox in one turn before sockets get their chance again. */
  private static final int TURN_BUDGET = 256;

  private static final Logger log = LoggerFactory.getLogger(RoomLoop.class);

  private final EventLoop eventLoop;
  private final MpscUnboundedAtomicArrayQueue<Mail> inbox =
      new MpscUnboundedAtomicArrayQueue<>(256);
  private final AtomicBoolean turnScheduled = new AtomicBoolean();
  private final Runnable turn = this::runTurn;

  private final ArrayDeque<Mail> local = new ArrayDeque<>();
  private final Outboxes outboxes = new Outboxes();
  private final MessageMemory memory;
  private final @Nullable Journal journal;
  private ArrayList<TurnEnd> ending = new ArrayList<>();
  private ArrayList<TurnEnd> endingNow = new ArrayList<>();
  private long epoch;

  private long turnsHere;

  /** The same, for who watches the loop. */
  private volatile long turns;

  /** The acceptances last added to; dropped when mail leaves, so that no idle loop holds them. */
  private @Nullable AcceptedBatch accepted;

  /** Told at the end of a turn in which it asked to be: a connection that has bytes to flush. */
  public interface TurnEnd {
    /** Runs after all mail of the turn was opened and posted. */
    void endTurn();
  }

  /** A loop whose queues keep everything in memory. */
  public RoomLoop(EventLoop eventLoop) {
    this(eventLoop, null, Long.MAX_VALUE);
  }

  /**
   * @param store where queues keep what must last, and what is too much for the memory
   * @param messageBytes memory that messages of queues on this loop may take
   */
  public RoomLoop(EventLoop eventLoop, @Nullable MessageStore store, long messageBytes) {
    this.eventLoop = eventLoop;
    this.memory = new MessageMemory(messageBytes);
    this.journal = store == null ? null : new Journal(this, store);
  }

  MessageMemory memory() {
    return memory;
  }

  @Nullable Journal journal() {
    return journal;
  }

  /**
   * The large bodies that rooms of this loop deal with.
   *
   * @throws IllegalStateException on a loop without a store
   */
  public StoredBodies bodies() {
    if (journal == null) {
      throw new IllegalStateException("large bodies need a store");
    }
    return journal.bodies();
  }

  long newTransaction() {
    return journal == null ? 0 : journal.store().newTransaction();
  }

  /** False while publishers should not be read, since too much waits to be written. Any thread. */
  public boolean storeHasRoom() {
    return journal == null || journal.store().hasRoom();
  }

  /** Runs something in a turn of this loop once the store has room. */
  public void whenStoreHasRoom(Runnable action) {
    if (journal != null) {
      journal.store().whenRoom(() -> post(action::run));
    }
  }

  /** True on the thread that owns everything living here. */
  public boolean inRoom() {
    return eventLoop.inEventLoop();
  }

  public EventLoop eventLoop() {
    return eventLoop;
  }

  /**
   * Grows each time outgoing mail has left: mail stamped with the present epoch has not been opened
   * by another room yet, so its sender may still add to it.
   */
  long epoch() {
    return epoch;
  }

  /** A queue on this loop accepted a message; the publisher hears of it with the turn. */
  void accepted(Publisher publisher, long sequence, long bytes) {
    AcceptedBatch batch = AcceptedBatch.open(accepted, this, publisher);
    batch.add(sequence, bytes);
    accepted = batch;
  }

  @Override
  public void post(Mail mail) {
    inbox.add(mail);
    scheduleTurn();
  }

  /** Sends mail from a room on this loop; it leaves, or is opened, before the turn ends. */
  public void send(Room target, Mail mail) {
    assert inRoom();
    if (target == this) {
      local.add(mail);
    } else {
      outboxes.add(target, mail);
    }
    scheduleTurn();
  }

  /** Runs something on this loop after so many milliseconds. */
  public ScheduledFuture<?> schedule(long millis, Runnable task) {
    return eventLoop.schedule(NodeFault.guard(task), millis, TimeUnit.MILLISECONDS);
  }

  /** The same again and again, with so many milliseconds before each. */
  public ScheduledFuture<?> scheduleEvery(long millis, Runnable task) {
    return eventLoop.scheduleWithFixedDelay(
        NodeFault.guard(task), millis, millis, TimeUnit.MILLISECONDS);
  }

  /** How many turns were taken; grows whenever mail is posted. Any thread. */
  public long turns() {
    return turns;
  }

  /** What the loop does now. Any thread. */
  public StackTraceElement[] stackTrace() {
    return eventLoop instanceof SingleThreadEventExecutor executor
        ? executor.threadProperties().stackTrace()
        : new StackTraceElement[0];
  }

  /** Asks for {@link TurnEnd#endTurn()} once at the end of this turn; the caller avoids repeats. */
  public void atTurnEnd(TurnEnd room) {
    assert inRoom();
    ending.add(room);
    scheduleTurn();
  }

  /**
   * Posts everything sent so far to the other rooms. A room does this before it asks the topology
   * for something, so that its earlier mail to queues is there before the topology's.
   */
  public void postOutgoing() {
    assert inRoom();
    if (journal != null) {
      // First: what other rooms do with the mail may have to come after it in the store.
      journal.submit();
    }
    outboxes.post();
    epoch++;
    accepted = null;
  }

  /** A room did something outside a turn that the next one has to end. */
  void scheduleTurn() {
    if (!turnScheduled.get() && !turnScheduled.getAndSet(true)) {
      try {
        eventLoop.execute(turn);
      } catch (RejectedExecutionException e) {
        // The node stops and its loops have ended. The disk, which ends last, still reports what it
        // has written; that must not look like a failure of the disk.
        log.debug("mail for a loop that has ended: {}", e.getMessage());
      }
    }
  }

  /** After a fault the loop does not turn again: what its rooms own may be anything. */
  private void runTurn() {
    try {
      openMail();
      postOutgoing();
      endTurns();
    } catch (Throwable e) {
      NodeFault.report(e);
      return;
    }
    turns = ++turnsHere;
    // Reset only now: what the steps above sent to this loop is seen here and needs no second task.
    turnScheduled.set(false);
    if (!inbox.isEmpty() || !local.isEmpty() || !ending.isEmpty() || !outboxes.isEmpty()) {
      scheduleTurn();
    }
  }

  private void openMail() {
    int budget = TURN_BUDGET;
    do {
      openLocal();
      Mail next = budget-- > 0 ? inbox.poll() : null;
      if (next == null) {
        break;
      }
      next.open();
    } while (true);
  }

  private void openLocal() {
    Mail mail;
    while ((mail = local.poll()) != null) {
      mail.open();
    }
  }

  private void endTurns() {
    ArrayList<TurnEnd> now = ending;
    ending = endingNow;
    endingNow = now;
    for (int i = 0; i < now.size(); i++) {
      now.get(i).endTurn();
    }
    now.clear();
  }
}
