package org.warrenmq.broker.amqp;

import java.util.Arrays;

/**
 * When a channel's deliveries were made, about: marks of a time and the last tag given out by then,
 * in place of a time for each delivery. Runs on the connection's loop.
 *
 * <p>There are {@link #MOST} at most. One more takes the place of the one whose tags change their
 * age the least, in proportion, when they count with the next: so ages get coarse as they grow, and
 * nothing ever counts as older than it is.
 */
final class DeliveryMarks {
  static final int MOST = 64;

  /** A time that has not come. */
  static final long NOT_YET = Long.MAX_VALUE;

  /** Bytes of a mark. */
  private static final int COST = 16;

  private static final int FIRST = 4;
  private static final long[] NONE = {};

  /** Both rise from mark to mark. */
  private long[] times = NONE;

  private long[] tags = NONE;
  private int count;

  /** Where a look has come to. */
  private int at;

  int count() {
    return count;
  }

  /** What it takes, in bytes, about. */
  int cost() {
    return COST * times.length;
  }

  /** All tags up to this one have been given out by now. */
  void add(long now, long tag) {
    if (count > 0 && tags[count - 1] == tag) {
      return;
    }
    if (count == MOST) {
      remove(cheapest(now));
    } else if (count == times.length) {
      int larger = Math.max(FIRST, count * 2);
      times = Arrays.copyOf(times, larger);
      tags = Arrays.copyOf(tags, larger);
    }
    times[count] = now;
    tags[count++] = tag;
  }

  /** The mark that is missed the least; never the oldest, which would get younger each time. */
  private int cheapest(long now) {
    int cheapest = 1;
    double least = Double.MAX_VALUE;
    for (int i = 1; i < count - 1; i++) {
      double loss = (times[i + 1] - times[i - 1]) / (now - times[i] + 1.0);
      if (loss < least) {
        least = loss;
        cheapest = i;
      }
    }
    return cheapest;
  }

  private void remove(int mark) {
    int after = count - mark - 1;
    System.arraycopy(times, mark + 1, times, mark, after);
    System.arraycopy(tags, mark + 1, tags, mark, after);
    count--;
  }

  /** Smaller tags than this one are settled: marks for them alone go. */
  void forgetBefore(long tag) {
    int gone = 0;
    while (gone < count && tags[gone] < tag) {
      gone++;
    }
    count -= gone;
    System.arraycopy(times, gone, times, 0, count);
    System.arraycopy(tags, gone, tags, 0, count);
  }

  /** All is settled. */
  void clear() {
    count = 0;
    times = NONE;
    tags = NONE;
  }

  /** The next tag that is asked for may be any; those after it rise. */
  void rewind() {
    at = 0;
  }

  /** By when a tag had been given out, or {@link #NOT_YET} when no mark says so. */
  long givenBy(long tag) {
    while (at < count && tags[at] < tag) {
      at++;
    }
    return at < count ? times[at] : NOT_YET;
  }
}
