package org.warrenmq.engine.queue;

import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.loop.TimerWheel;
import org.warrenmq.engine.message.Stamps;

/**
 * The {@link Agenda} of one queue on its loop: at most one timer, and one piece of mail to itself.
 * Lives in the queue's room.
 */
final class LoopAgenda implements Agenda {
  private final RoomLoop loop;
  private final Owner queue;

  /** When the queue has to look again; null while nothing is due. */
  private TimerWheel.@Nullable Timer timer;

  /** When that is. */
  private long due = Stamps.NEVER;

  /** Something came back, or more has to leave, and that is seen to when others had their turn. */
  private boolean soon;

  LoopAgenda(RoomLoop loop, Owner queue) {
    this.loop = loop;
    this.queue = queue;
  }

  @Override
  public long now() {
    return loop.clock().millis();
  }

  @Override
  public long turnTime() {
    return loop.turnTime();
  }

  @Override
  public void proceedAt(long millis) {
    if (millis != Stamps.NEVER && millis >= due) {
      // The one before comes early, and then sees.
      return;
    }
    due = millis;
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    if (millis != Stamps.NEVER) {
      timer = loop.timers().at(millis, this::isDue);
    }
  }

  private void isDue() {
    timer = null;
    due = Stamps.NEVER;
    queue.proceed();
  }

  /**
   * Before the turn ends, or in the next one: what a channel gives back with one method comes as
   * mail of its own for each of its consumers, all of which is opened before this.
   */
  @Override
  public void proceedSoon() {
    if (!soon) {
      soon = true;
      loop.send(
          loop,
          () -> {
            soon = false;
            queue.proceed();
          });
    }
  }
}
