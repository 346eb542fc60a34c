package org.warrenmq.engine;

/**
 * The memory that messages of one loop's queues may take, and do; lives on that loop. Queues that
 * would go beyond it keep their messages in the store and read them back ahead of their consumers.
 */
public final class MessageMemory {
  /** Objects around a body: message, content, arrays, properties, a slot. */
  private static final int OVERHEAD = 192;

  /** One queue may take so large a share. */
  private static final int SHARES = 4;

  private static final long LEAST_AHEAD = 4 * 1024;

  private final long limit;
  private long used;

  /**
   * @param limit bytes, bodies and what is around them
   */
  public MessageMemory(long limit) {
    this.limit = limit;
  }

  /** What a message in memory is charged with. */
  static long cost(Message message) {
    return message.sizeInMemory() + OVERHEAD;
  }

  void add(long bytes) {
    used += bytes;
  }

  /** Bytes in use now. */
  long used() {
    return used;
  }

  /** True when nothing should be kept that is in the store. */
  boolean isShort() {
    return used > limit;
  }

  /** Whether a queue that takes so much should keep what comes next in the store only. */
  boolean isTooMuch(long bytes) {
    return bytes > limit / SHARES || used > limit;
  }

  /** Bytes to read ahead at once: the less there is left, the fewer. */
  long readAhead() {
    if (used > limit) {
      return LEAST_AHEAD;
    }
    long ahead = Math.clamp(limit / 64, LEAST_AHEAD, 512 * 1024);
    return used > limit / 2 ? Math.min(64 * 1024, ahead) : ahead;
  }
}
