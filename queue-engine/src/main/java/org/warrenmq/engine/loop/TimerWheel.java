package org.warrenmq.engine.loop;

import org.jspecify.annotations.Nullable;

/**
 * What is to happen on a loop at some time: any number of timers for one of the event loop's, which
 * stands for the earliest. Lives on the loop.
 *
 * <p>Time goes round in slots of {@link #TICK} milliseconds; a timer stands in the slot of its
 * time, however many rounds away. Setting and cancelling cost the same however many there are. The
 * clock is looked at once a round at least, as it may be set ahead.
 */
public final class TimerWheel {
  /** Milliseconds that count as one time: a timer is late by so many at most. */
  public static final int TICK = 4;

  static final int SLOTS = 1024;

  private final LoopClock clock;
  private final Alarm alarm;

  /** The first timer of each slot; made with the first timer. */
  private @Nullable Timer @Nullable [] slots;

  private int count;

  /** All timers up to this tick have run. */
  private long done;

  /** The tick that the alarm is set for. */
  private long alarmed = Long.MAX_VALUE;

  /** Calls once, after a time. */
  @FunctionalInterface
  interface Alarm {
    Object after(long millis, Runnable action);
  }

  /** Something that happens once, unless it is cancelled. */
  public final class Timer {
    private final Runnable action;
    private final long tick;
    private @Nullable Timer next;
    private @Nullable Timer previous;
    private boolean pending = true;

    private Timer(Runnable action, long tick) {
      this.action = action;
      this.tick = tick;
    }

    /** It does not happen, if it has not. */
    public void cancel() {
      if (pending) {
        remove(this);
      }
    }
  }

  TimerWheel(LoopClock clock, Alarm alarm) {
    this.clock = clock;
    this.alarm = alarm;
  }

  /**
   * Runs something at a time, never before it.
   *
   * @param millis as the loop's clock has it; what has passed already comes with the next tick
   */
  public Timer at(long millis, Runnable action) {
    // A clock that was set back counts from there: what is behind it can only have run.
    long now = clock.millis() / TICK;
    if (count == 0 || now < done) {
      done = now;
    }
    long tick = Math.max(done + 1, Math.ceilDiv(millis, TICK));
    Timer timer = new Timer(action, tick);
    add(timer);
    long alarm = Math.min(tick, now + SLOTS);
    if (alarm < alarmed) {
      setAlarm(alarm);
    }
    return timer;
  }

  private void add(Timer timer) {
    @Nullable Timer[] present = slots == null ? new @Nullable Timer[SLOTS] : slots;
    slots = present;
    int slot = slot(timer.tick);
    Timer first = present[slot];
    timer.next = first;
    if (first != null) {
      first.previous = timer;
    }
    present[slot] = timer;
    count++;
  }

  private void remove(Timer timer) {
    timer.pending = false;
    count--;
    if (timer.next != null) {
      timer.next.previous = timer.previous;
    }
    if (timer.previous != null) {
      timer.previous.next = timer.next;
    } else if (slots != null) {
      slots[slot(timer.tick)] = timer.next;
    }
  }

  private static int slot(long tick) {
    return (int) (tick & SLOTS - 1);
  }

  private void setAlarm(long tick) {
    alarmed = tick;
    alarm.after(Math.max(1, tick * TICK - clock.millis()), () -> ring(tick));
  }

  /** An alarm that was overtaken by an earlier one says nothing. */
  private void ring(long tick) {
    if (tick == alarmed) {
      alarmed = Long.MAX_VALUE;
      run();
      setNextAlarm();
    }
  }

  private void run() {
    long now = clock.millis() / TICK;
    // More than a round looks at each slot once.
    long from = Math.max(done + 1, now - SLOTS + 1);
    done = now;
    for (long tick = from; tick <= now && slots != null; tick++) {
      Timer timer = slots[slot(tick)];
      while (timer != null) {
        Timer next = timer.next;
        if (timer.pending && timer.tick <= now) {
          remove(timer);
          timer.action.run();
        }
        timer = next;
      }
    }
  }

  /** For the earliest of this round, or its end. */
  private void setNextAlarm() {
    if (count == 0 || slots == null) {
      return;
    }
    long tick = done + 1;
    while (tick < done + SLOTS && !isDueAt(tick)) {
      tick++;
    }
    if (tick < alarmed) {
      setAlarm(tick);
    }
  }

  private boolean isDueAt(long tick) {
    Timer timer = slots == null ? null : slots[slot(tick)];
    while (timer != null && timer.tick != tick) {
      timer = timer.next;
    }
    return timer != null;
  }
}
