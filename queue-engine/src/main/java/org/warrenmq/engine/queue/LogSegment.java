package org.warrenmq.engine.queue;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.message.Entry;
import org.warrenmq.engine.message.Stamps;
import org.warrenmq.store.WriteRequest.Return;

/** So many positions in a row of a {@link QueueLog}, and what is known of the messages there. */
final class LogSegment {
  static final int SHIFT = 7;
  static final int SIZE = 1 << SHIFT;
  private static final int MASK = SIZE - 1;

  /** Milliseconds by which a message may count as older than it is, if nobody wants it exactly. */
  static final int COARSE = 100;

  final @Nullable Entry[] entries = new @Nullable Entry[SIZE];
  int live;

  /** When its first message came, in milliseconds since the epoch. */
  private long since;

  /** When each came; allocated with the first that came too long after the first of all. */
  private long @Nullable [] times;

  /** A bit for each message that came back and is ready again. */
  private long backLow;

  private long backHigh;

  /** Times each message came back; allocated with the first return. */
  private int @Nullable [] returns;

  /** When messages have to leave; allocated with the first that has to. */
  private long @Nullable [] dues;

  /** When messages that came back may be delivered again; allocated with the first that waits. */
  private long @Nullable [] retries;

  static int index(long position) {
    return (int) position & MASK;
  }

  @Nullable Entry entry(long position) {
    return entries[(int) position & MASK];
  }

  int returns(long position) {
    return returns == null ? 0 : returns[(int) position & MASK];
  }

  void returns(long position, int count) {
    if (returns == null) {
      returns = new int[SIZE];
    }
    returns[(int) position & MASK] = count;
  }

  long due(long position) {
    return dues == null ? Stamps.NEVER : dues[(int) position & MASK];
  }

  void due(long position, long millis) {
    if (dues == null) {
      dues = new long[SIZE];
      Arrays.fill(dues, Stamps.NEVER);
    }
    dues[(int) position & MASK] = millis;
  }

  long retryAt(long position) {
    return retries == null ? Return.AT_ONCE : retries[(int) position & MASK];
  }

  void retryAt(long position, long millis) {
    if (retries == null) {
      if (millis == Return.AT_ONCE) {
        return;
      }
      retries = new long[SIZE];
    }
    retries[(int) position & MASK] = millis;
  }

  boolean isBack(long position) {
    long bits = (position & 64) == 0 ? backLow : backHigh;
    return (bits & 1L << position) != 0;
  }

  void back(long position, boolean is) {
    long bit = 1L << position;
    if ((position & 64) == 0) {
      backLow = is ? backLow | bit : backLow & ~bit;
    } else {
      backHigh = is ? backHigh | bit : backHigh & ~bit;
    }
  }

  /** When the message at a position came. */
  long came(long position) {
    return times == null ? since : times[(int) position & MASK];
  }

  /**
   * A message is about to be put at a position.
   *
   * @param precision milliseconds by which it may count as older than it is
   */
  void came(long position, long millis, int precision) {
    if (live == 0) {
      since = millis;
    } else if (times != null || millis < since || millis - since > precision) {
      keep(position, millis);
    }
  }

  private void keep(long position, long millis) {
    if (times == null) {
      times = new long[SIZE];
      Arrays.fill(times, since);
    }
    times[(int) position & MASK] = millis;
  }

  /** Its last message has left: those to come find it as new. */
  void emptied() {
    times = null;
    returns = null;
    dues = null;
    retries = null;
  }
}
