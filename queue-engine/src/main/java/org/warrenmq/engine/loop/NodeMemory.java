package org.warrenmq.engine.loop;

import static java.util.stream.Collectors.joining;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.warrenmq.engine.loop.LoopAccount.Kind;

/**
 * The node's memory account: what all loops together hold for clients, as they report it, and how
 * near that is to what there is. Any thread. Who holds something decides what follows from the
 * {@link Level}; the sum is behind by {@link LoopAccount#SLACK} per loop at most.
 */
public final class NodeMemory {
  /** A connection that holds less is never held up for the others' sake. */
  private static final long LEAST_SHARE = 64 << 10;

  /** All connections together may go on while they hold this part of the budget. */
  private static final int CONNECTIONS_PART = 4;

  /** Connections that together hold this part of the budget hold much of it, whoever else does. */
  private static final int MUCH_PART = 4;

  /** And those that hold a smaller one than this, hardly any. */
  private static final int SOME_PART = 10;

  /** How much a level must be fallen below to be left, in percent of the budget. */
  private static final int HYSTERESIS = 5;

  /** How much of the budget is in use. Each level comes with what those before it bring. */
  public enum Level {
    /** Nothing is restrained. */
    ROOM(0),
    /** Queues keep messages in the store only. */
    PAGING(50),
    /** Connections that hold much are not read, and messages are read back one at a time. */
    SLOWING(70),
    /** Publishers are blocked. */
    ALARM(85),
    /** Newcomers are refused, and who holds most is closed, if connections hold much of it. */
    REFUSING(95);

    private final int percent;

    Level(int percent) {
      this.percent = percent;
    }

    public boolean isAtLeast(Level other) {
      return ordinal() >= other.ordinal();
    }
  }

  private static final List<Level> FALLING = List.of(Level.values()).reversed();

  private final AtomicLong used = new AtomicLong();
  private final AtomicInteger holders = new AtomicInteger();
  private final List<Consumer<Level>> listeners = new CopyOnWriteArrayList<>();
  private final List<LoopAccount> loops = new CopyOnWriteArrayList<>();
  private volatile long budget;
  private volatile Level level = Level.ROOM;

  /**
   * @param budget bytes that may be held for clients in all
   */
  public NodeMemory(long budget) {
    this.budget = budget;
  }

  /** An account without end. */
  public static NodeMemory unlimited() {
    return new NodeMemory(Long.MAX_VALUE);
  }

  /** A loop that reports. */
  void add(LoopAccount loop) {
    loops.add(loop);
  }

  /** What the largest holder of all has, as loops said when they looked last. */
  public long largest() {
    return loops.stream().mapToLong(LoopAccount::largest).max().orElse(0);
  }

  /** What is held of a kind, about: loops go on meanwhile. */
  long held(Kind kind) {
    return loops.stream().mapToLong(loop -> loop.held(kind)).sum();
  }

  /**
   * Whether it is connections that hold much of the budget, or some of it and all that is too much,
   * so that closing some would help. If it is not, queues hold it, which only those can change who
   * consume, purge and delete.
   */
  public boolean isHeldByConnections() {
    long held = 0;
    for (Kind kind : Kind.values()) {
      held += kind.isOfConnections() ? held(kind) : 0;
    }
    long most = budget / 100 * (Level.REFUSING.percent - HYSTERESIS);
    return held >= budget / MUCH_PART || (held >= budget / SOME_PART && held >= used() - most);
  }

  /** For a log: what is held of each kind, in kB, as "queued 1200, parked 64". */
  public String byKind() {
    return Arrays.stream(Kind.values())
        .filter(kind -> held(kind) >> 10 != 0)
        .map(kind -> kind.label() + " " + (held(kind) >> 10))
        .collect(joining(", "));
  }

  /** So much more is held, or less when negative. */
  public void add(long bytes) {
    update(used.addAndGet(bytes));
  }

  /** Sets another budget, in bytes. */
  public void budget(long bytes) {
    budget = bytes;
    update(used.get());
  }

  private void update(long now) {
    if (levelAt(now) != level) {
      change();
    }
  }

  private synchronized void change() {
    Level found = levelAt(used.get());
    if (found != level) {
      level = found;
      listeners.forEach(listener -> listener.accept(found));
    }
  }

  private Level levelAt(long bytes) {
    long percent = bytes / Math.max(1, budget / 100);
    for (Level candidate : FALLING) {
      int least = candidate.isAtLeast(level) && candidate != level ? 0 : HYSTERESIS;
      if (percent >= candidate.percent - least) {
        return candidate;
      }
    }
    return Level.ROOM;
  }

  public Level level() {
    return level;
  }

  public boolean isAtLeast(Level least) {
    return level.isAtLeast(least);
  }

  /** Bytes held, as reported. */
  public long used() {
    return used.get();
  }

  public long budget() {
    return budget;
  }

  /**
   * Told of every change of the level, on the thread that made it, with the account locked: it
   * passes that on and does nothing else.
   */
  public void listen(Consumer<Level> listener) {
    listeners.add(listener);
  }

  /** One connection more holds something worth counting, or one less when negative. */
  public void holders(int more) {
    holders.addAndGet(more);
  }

  /** What one connection may hold and still be read. */
  public long share() {
    return level.isAtLeast(Level.SLOWING)
        ? Math.max(LEAST_SHARE, budget / CONNECTIONS_PART / Math.max(1, holders.get()))
        : Long.MAX_VALUE;
  }
}
