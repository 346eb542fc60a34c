package org.warrenmq.engine.loop;

import java.util.Locale;

/**
 * What the rooms of one loop (or a room with a thread of its own) hold for clients, by kind; lives
 * there. Whoever holds something charges it before taking the memory and gives it back after. It
 * reports to the {@link NodeMemory} now and then, so that no charge touches a word that other loops
 * write.
 */
public final class LoopAccount {
  /** Bytes that the node may not know of. */
  static final long SLACK = 64 << 10;

  /** What something is held for: by queues, then by connections, then by definitions. */
  public enum Kind {
    /** Messages in queues that are in memory; in each for itself, also where they share a body. */
    QUEUED,
    /** Input that was read and is not dealt with, and contents that are not whole. */
    ARRIVING,
    /** Methods that wait for another room, or for the end of an alarm. */
    PARKED,
    /** Publishes that no queue has accepted yet. */
    UNDER_WAY,
    /** Deliveries and replies that the client has not read. */
    GOING_OUT,
    /** Transactions, what awaits an ack, connections, channels, consumers. */
    BOOKKEEPING,
    /** Queues, exchanges and bindings, without what is in them. */
    TOPOLOGY;

    /** Whether it goes with the connections that have it. */
    boolean isOfConnections() {
      return this != QUEUED && this != TOPOLOGY;
    }

    /** As a log has it. */
    String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  private static final int KINDS = Kind.values().length;

  private final NodeMemory node;
  private final long[] held = new long[KINDS];
  private long total;
  private long reported;
  private volatile long largest;

  public LoopAccount(NodeMemory node) {
    this.node = node;
    node.add(this);
  }

  /** So many bytes more are held, or fewer when negative. */
  public void charge(Kind kind, long bytes) {
    held[kind.ordinal()] += bytes;
    total += bytes;
    long unreported = total - reported;
    if (unreported >= SLACK || unreported <= -SLACK) {
      reported = total;
      node.add(unreported);
    }
  }

  /** What the largest holder of this loop has, now that memory is used up. */
  public void largest(long bytes) {
    largest = bytes;
  }

  /** The same for whoever compares loops. Any thread. */
  long largest() {
    return largest;
  }

  public long held(Kind kind) {
    return held[kind.ordinal()];
  }

  public NodeMemory node() {
    return node;
  }
}
