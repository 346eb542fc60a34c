package org.warrenmq.broker.amqp;

import io.netty.channel.Channel;

/**
 * Decides whether a connection's socket is read: the only place where back-pressure reaches a
 * client. It closes for a reason and opens when every reason is gone. Runs on the connection's
 * loop.
 *
 * <p>Reasons: publishes under way to queues (until they are accepted), more waiting for the disk
 * than it can take, much of unfinished bodies during an alarm, frames parked behind a question to
 * another room, replies that the peer does not read.
 */
final class ReadGate {
  /** Publishes under way, in bytes as charged, at which reading stops; and at half, goes on. */
  private static final long MAX_UNDER_WAY = 4L << 20;

  /** Parked content and frames at which reading stops; it goes on when nothing is parked. */
  private static final long MAX_PARKED = 1L << 20;

  /**
   * Unread replies at which reading stops. Deliveries wait from far less on, so only replies to the
   * peer's own methods come this far.
   */
  private static final long MAX_UNREAD = 2L << 20;

  private final Channel socket;
  private long underWay;
  private long parked;
  private boolean closedByPublishes;
  private boolean closedByPark;
  private boolean closedByReplies;
  private boolean closedByStore;
  private boolean closedByUpload;
  private boolean over;
  private boolean deaf;

  ReadGate(Channel socket) {
    this.socket = socket;
  }

  /** A publish leaves for another loop. */
  void charge(long cost) {
    underWay += cost;
    if (underWay >= MAX_UNDER_WAY && !closedByPublishes) {
      closedByPublishes = true;
      update();
    }
  }

  /** It was accepted there. */
  void release(long cost) {
    underWay -= cost;
    if (closedByPublishes && underWay <= MAX_UNDER_WAY / 2) {
      closedByPublishes = false;
      update();
    }
  }

  /** A frame waits behind a question, or no longer does when negative. */
  void park(long cost) {
    parked += cost;
    boolean close = closedByPark ? parked > 0 : parked >= MAX_PARKED;
    if (close != closedByPark) {
      closedByPark = close;
      update();
    }
  }

  /** How much the peer has not read. */
  void unread(long bytes) {
    boolean close = closedByReplies ? bytes > MAX_UNREAD / 2 : bytes >= MAX_UNREAD;
    if (close != closedByReplies) {
      closedByReplies = close;
      update();
    }
  }

  /** The store has no room, or has some again. */
  void storeIsFull(boolean full) {
    closedByStore = full;
    update();
  }

  /** Much of unfinished bodies is here while an alarm is on; or that is over. */
  void uploadWaits(boolean waits) {
    if (closedByUpload != waits) {
      closedByUpload = waits;
      update();
    }
  }

  boolean isClosedByStore() {
    return closedByStore;
  }

  /** The connection is closing: what comes is read and dropped, so that its end is seen. */
  void openForGood() {
    over = true;
    update();
  }

  /** It is closing and still sends: nothing of that is read any more. */
  void closeForGood() {
    deaf = true;
    update();
  }

  private void update() {
    boolean closed =
        closedByPublishes || closedByPark || closedByReplies || closedByStore || closedByUpload;
    boolean open = (over || !closed) && !deaf;
    if (socket.config().isAutoRead() != open) {
      socket.config().setAutoRead(open);
    }
  }
}
