package org.warrenmq.engine.loop;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jctools.queues.atomic.MpscUnboundedAtomicArrayQueue;
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
 *
 * <p>A turn ends in time. What is left of its mail waits for the next one, and so do connections
 * whose input has brought more than the loop keeps up with ({@link #isBehind}); those go on one
 * after the other ({@link #whenCaughtUp}).
 */
public final class RoomLoop implements Room {
  /** Mail opened from the inbox in one turn before sockets get their chance again. */
  private static final int TURN_BUDGET = 256;

  /** How long mail is opened in one turn, and sockets are read between two. */
  private static final long TURN_NANOS = 5_000_000;

  /** Local mail between two looks at the clock. */
  private static final int LOOK = 8;

  /** So much local mail is enough for a turn or two. */
  private static final int ENOUGH = 4096;

  private static final long NONE = -1;

  private static final Logger log = LoggerFactory.getLogger(RoomLoop.class);

  private final EventLoop eventLoop;
  private final LoopClock clock;
  private final MpscUnboundedAtomicArrayQueue<Mail> inbox =
      new MpscUnboundedAtomicArrayQueue<>(256);
  private final AtomicBoolean turnScheduled = new AtomicBoolean();
  private final Runnable turn = this::runTurn;

  private final ArrayDeque<Mail> local = new ArrayDeque<>();
  private final Outboxes outboxes = new Outboxes();
  private final ArrayDeque<Runnable> behind = new ArrayDeque<>(0);
  private final LoopAccount account;
  private final TimerWheel timers;
  private Runnable beforeMailLeaves = () -> {};
  private ArrayList<TurnEnd> ending = new ArrayList<>();
  private ArrayList<TurnEnd> endingNow = new ArrayList<>();
  private long epoch;

  /** Local mail sent, and opened, since the start. */
  private long sentHere;

  private long openedHere;

  /**
   * What was sent here before the inbox had something in it, while turns end before all is opened;
   * otherwise {@link #NONE}.
   */
  private long beforeInbox = NONE;

  /** Things to do in local mail that is more than one. */
  private long workInMail;

  /** What is open belongs to one transaction, which is not cut in two. */
  private boolean whole;

  /** When the first socket was read after the last turn began; {@link #NONE} when none was. */
  private long readingSince = NONE;

  /** When the first turn began since sockets were looked at. */
  private long sinceSockets;

  private long turnBegan;
  private boolean turning;

  /** The time of this turn, in milliseconds; {@link #NONE} as long as nobody asked. */
  private long turnTime = NONE;

  /** The next turn comes right after this one. */
  private boolean follows;

  private long turnsHere;

  /** The same, for who watches the loop. */
  private volatile long turns;

  /** Told at the end of a turn in which it asked to be: a connection that has bytes to flush. */
  public interface TurnEnd {
    /** Runs after all mail of the turn was opened and posted. */
    void endTurn();
  }

  /** A loop whose rooms may hold any amount of memory. */
  public RoomLoop(EventLoop eventLoop) {
    this(eventLoop, NodeMemory.unlimited());
  }

  /**
   * @param node told what all rooms of this loop hold
   */
  public RoomLoop(EventLoop eventLoop, NodeMemory node) {
    this(eventLoop, node, LoopClock.SYSTEM);
  }

  /**
   * @param clock what time it is here
   */
  public RoomLoop(EventLoop eventLoop, NodeMemory node, LoopClock clock) {
    this.clock = clock;
    this.eventLoop = eventLoop;
    this.account = new LoopAccount(node);
    this.timers = new TimerWheel(clock, this::schedule);
  }

  /** What the rooms of this loop hold. */
  public LoopAccount account() {
    return account;
  }

  /** What time it is here. */
  public LoopClock clock() {
    return clock;
  }

  /**
   * When the present turn began, about, in milliseconds since 1970: for what happens to many
   * messages, as the clock is looked at once a turn, however often it is asked for. Outside a turn
   * it is now.
   */
  public long turnTime() {
    if (!turning) {
      return clock.millis();
    }
    if (turnTime == NONE) {
      turnTime = clock.millis();
    }
    return turnTime;
  }

  /** What is to happen here later. */
  public TimerWheel timers() {
    return timers;
  }

  /** Runs something each time before mail leaves for other rooms; set once, before the first. */
  public void beforeMailLeaves(Runnable action) {
    beforeMailLeaves = action;
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
  public long epoch() {
    return epoch;
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
      sentHere++;
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

  /**
   * A socket was read. True when enough has come for now, and this and other sockets' input waits
   * ({@link #whenCaughtUp}).
   *
   * @param few so little was read that it should not have to wait for those who send much
   */
  public boolean isBehind(boolean few) {
    long now = clock.nanos();
    if (turning) {
      return isFull() || now - turnBegan > TURN_NANOS;
    }
    if (readingSince == NONE) {
      readingSince = now;
      scheduleTurn();
    }
    return few
        ? local.size() + workInMail > 4 * ENOUGH || now - readingSince > 4 * TURN_NANOS
        : isFull() || !behind.isEmpty() || now - readingSince > TURN_NANOS;
  }

  /** True when there is enough to do for a turn. */
  public boolean isFull() {
    return local.size() + workInMail > ENOUGH;
  }

  /** So much more is to be done than one thing for each piece of local mail, or less. */
  public void workLeft(int things) {
    workInMail += things;
  }

  /** Runs something in a turn that has nothing else left to do; those who ask take turns. */
  public void whenCaughtUp(Runnable action) {
    behind.add(action);
    scheduleTurn();
  }

  /** From here on, or no longer, turns are not cut: what is opened belongs together. */
  public void keepWhole(boolean on) {
    whole = on;
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
    beforeMailLeaves.run();
    outboxes.post();
    epoch++;
  }

  /** The mail that has neither left nor been opened here. */
  public List<Mail> unsent() {
    List<Mail> all = new ArrayList<>(local);
    outboxes.addTo(all);
    return all;
  }

  /** A room did something outside a turn that the next one has to end. */
  public void scheduleTurn() {
    scheduleTurn(false);
  }

  /**
   * @param afterSockets an event loop runs tasks as long as there are any, but what timers bring
   *     after it has looked at its sockets
   */
  private void scheduleTurn(boolean afterSockets) {
    if (!turnScheduled.get() && !turnScheduled.getAndSet(true)) {
      try {
        if (afterSockets) {
          eventLoop.schedule(turn, 0, TimeUnit.NANOSECONDS);
        } else {
          eventLoop.execute(turn);
        }
      } catch (RejectedExecutionException e) {
        // The node stops and its loops have ended. The disk, which ends last, still reports what it
        // has written; that must not look like a failure of the disk.
        log.debug("mail for a loop that has ended: {}", e.getMessage());
      }
    }
  }

  /** After a fault the loop does not turn again: what its rooms own may be anything. */
  private void runTurn() {
    long now = clock.nanos();
    if (!follows) {
      sinceSockets = now;
    }
    turnBegan = now;
    turnTime = NONE;
    turning = true;
    try {
      openMail(now + TURN_NANOS);
      postOutgoing();
      endTurns();
    } catch (Throwable e) {
      NodeFault.report(e);
      return;
    }
    turning = false;
    turns = ++turnsHere;
    // Reset only now: what the steps above sent to this loop is seen here and needs no second task.
    turnScheduled.set(false);
    follows =
        !inbox.isEmpty()
            || !local.isEmpty()
            || !behind.isEmpty()
            || !ending.isEmpty()
            || !outboxes.isEmpty();
    if (follows) {
      follows = clock.nanos() - sinceSockets < TURN_NANOS;
      scheduleTurn(!follows);
    }
  }

  /**
   * Local mail, then one piece from the inbox, and so on; then input that waits, likewise. Some of
   * that comes with every turn, unless there is more than enough to do.
   */
  private void openMail(long end) {
    int budget = TURN_BUDGET;
    boolean resumed = false;
    readingSince = NONE;
    while (openLocal(end)) {
      Mail next = budget-- > 0 ? inbox.poll() : null;
      if (next != null) {
        openPosted(next);
      } else if (resumeInput()) {
        resumed = true;
      } else {
        return;
      }
      if (clock.nanos() - end >= 0) {
        break;
      }
    }
    if (!resumed && !isFull()) {
      resumeInput();
    }
  }

  /** True when none is left; false when the turn has taken long enough. */
  private boolean openLocal(long end) {
    int untilLook = LOOK;
    Mail mail;
    while ((mail = local.poll()) != null) {
      openedHere++;
      long more = workInMail;
      mail.open();
      untilLook -= 1 + (int) Math.max(0, more - workInMail);
      if (untilLook <= 0 && !whole) {
        untilLook = LOOK;
        openOvertaken();
        if (clock.nanos() - end >= 0) {
          if (beforeInbox == NONE && !inbox.isEmpty()) {
            beforeInbox = sentHere;
          }
          return false;
        }
      }
    }
    beforeInbox = NONE;
    return true;
  }

  /** While turns end early, the inbox waits for the local mail that was there before it only. */
  private void openOvertaken() {
    if (beforeInbox != NONE && openedHere >= beforeInbox) {
      Mail next = inbox.poll();
      if (next != null) {
        openPosted(next);
      }
      beforeInbox = next == null ? NONE : sentHere;
    }
  }

  private void openPosted(Mail mail) {
    if (mail instanceof Outboxes.Parcel(List<Mail> content)) {
      // Nothing but its own content comes between the pieces, however long they take.
      for (int i = content.size() - 1; i >= 0; i--) {
        local.addFirst(content.get(i));
      }
      sentHere += content.size();
    } else {
      mail.open();
    }
  }

  /** The connection that has waited longest deals with some of its input. */
  private boolean resumeInput() {
    Runnable next = behind.poll();
    if (next == null) {
      return false;
    }
    next.run();
    return true;
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
