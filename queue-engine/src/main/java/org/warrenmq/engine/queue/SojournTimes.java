package org.warrenmq.engine.queue;

import org.HdrHistogram.IntCountsHistogram;
import org.warrenmq.engine.queue.QueueCommand.Sojourns;

/**
 * How long messages were in a queue, of those that left in the last half minute to minute. Part of
 * its {@link QueueCounts} while somebody asks. Runs in the queue's room; takes {@link #COST} octets
 * at most.
 *
 * <p>Of what came before the first question the time is known to {@link LogSegment#COARSE} only: it
 * counts once that makes no difference to how long it was here.
 */
final class SojournTimes {
  /** Two histograms of {@link #LONGEST} and two digits. */
  static final int COST = 32 * 1024;

  /** Each of them is of so many milliseconds. */
  private static final long HALF = 30_000;

  /** Longer ones count as this: a year, about. */
  private static final long LONGEST = 1L << 35;

  private static final int DIGITS = 2;

  /** Milliseconds after which what came before counts. */
  private static final long SETTLED = 20 * LogSegment.COARSE;

  private final Agenda agenda;

  /** Neither is ever ahead of the clock, though that may be set back. */
  private long begun;

  private long halfBegun;
  private IntCountsHistogram present = new IntCountsHistogram(DIGITS);
  private IntCountsHistogram before = new IntCountsHistogram(DIGITS);

  SojournTimes(Agenda agenda) {
    this.agenda = agenda;
    this.begun = agenda.turnTime();
    this.halfBegun = begun;
  }

  /**
   * A message leaves.
   *
   * @param came when it came, in milliseconds since the epoch
   */
  void left(long came) {
    long now = agenda.turnTime();
    passTo(now);
    if (came >= begun || now - begun >= SETTLED) {
      present.recordValue(Math.clamp(now - came, 0, LONGEST));
    }
  }

  Sojourns now() {
    passTo(agenda.turnTime());
    IntCountsHistogram both = present.copy();
    both.add(before);
    return new Sojourns(
        both.getTotalCount(),
        both.getValueAtPercentile(50),
        both.getValueAtPercentile(95),
        both.getValueAtPercentile(99),
        both.getMaxValue());
  }

  private void passTo(long now) {
    begun = Math.min(begun, now);
    halfBegun = Math.min(halfBegun, now);
    long passed = now - halfBegun;
    if (passed < HALF) {
      return;
    }
    IntCountsHistogram oldest = before;
    before = present;
    present = oldest;
    present.reset();
    if (passed >= 2 * HALF) {
      before.reset();
    }
    halfBegun = now;
  }
}
