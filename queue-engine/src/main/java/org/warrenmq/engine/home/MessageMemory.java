package org.warrenmq.engine.home;

import org.warrenmq.engine.loop.LoopAccount;
import org.warrenmq.engine.loop.LoopAccount.Kind;
import org.warrenmq.engine.loop.NodeMemory;
import org.warrenmq.engine.loop.NodeMemory.Level;
import org.warrenmq.engine.message.Message;

/**
 * The memory that messages of one loop's queues may take, and do; lives on that loop. Queues that
 * would go beyond it, or are large while the node is short of memory, keep their messages in the
 * store and read them back ahead of their consumers.
 */
public final class MessageMemory {
  /** Objects around a body: message, content, arrays, a slot. */
  private static final int OVERHEAD = 192;

  /** One queue may take so large a share. */
  private static final int SHARES = 4;

  /** Remains of fewer messages are no matter. */
  private static final int FEW = 16;

  private static final long LEAST_AHEAD = 4 * 1024;

  /** A queue that takes less does not page for others' sake while queues as a whole have room. */
  private static final long SMALL = 64 * 1024;

  private final long limit;
  private final LoopAccount account;
  private final ReadTurns reads;
  private long used;

  /** Memory of its own. */
  public MessageMemory(long limit) {
    this(limit, new LoopAccount(NodeMemory.unlimited()));
  }

  /**
   * @param limit bytes, bodies and what is around them
   * @param account charged with them
   */
  public MessageMemory(long limit, LoopAccount account) {
    this.limit = limit;
    this.account = account;
    this.reads = new ReadTurns(this, account.node());
  }

  /**
   * What is left of a message of which only the size is in memory: that and a slot, its due time
   * and count of returns, and its place among those that came back.
   */
  public static final int REMAINS = 48;

  /** What a message in memory is charged with. */
  public static long cost(Message message) {
    return message.sizeInMemory() + OVERHEAD;
  }

  public void add(long bytes) {
    used += bytes;
    account.charge(Kind.QUEUED, bytes);
  }

  /** What is left of messages that are not in memory: no reason to keep fewer that are. */
  public void addRemains(long bytes) {
    account.charge(Kind.QUEUED, bytes);
  }

  /** Bytes in use now. */
  public long used() {
    return used;
  }

  /** Whose turn it is to read messages back. */
  public ReadTurns reads() {
    return reads;
  }

  /** True when nothing should be kept that is in the store. */
  boolean isShort() {
    return used > limit;
  }

  /** Whether a queue that takes so much should keep what comes next in the store only. */
  public boolean isTooMuch(long bytes) {
    return bytes > limit / SHARES
        || used > limit
        || bytes > SMALL && account.node().isAtLeast(Level.PAGING);
  }

  /** Whether the remains of so many messages take more than a queue should. */
  public boolean isMuch(int remains) {
    return remains >= FEW
        && ((long) REMAINS * remains > limit / SHARES || account.node().isAtLeast(Level.PAGING));
  }

  /** Bytes to read ahead at once: the less there is left, the fewer. */
  public long readAhead() {
    if (used > limit || account.node().isAtLeast(Level.SLOWING)) {
      return LEAST_AHEAD;
    }
    long ahead = Math.clamp(limit / 64, LEAST_AHEAD, 512 * 1024);
    boolean tight = used > limit / 2 || account.node().isAtLeast(Level.PAGING);
    return tight ? Math.min(64 * 1024, ahead) : ahead;
  }
}
