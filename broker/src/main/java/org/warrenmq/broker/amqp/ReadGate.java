package org.warrenmq.broker.amqp;

import io.netty.channel.Channel;
import org.warrenmq.engine.loop.LoopAccount;
import org.warrenmq.engine.loop.LoopAccount.Kind;
import org.warrenmq.engine.loop.NodeMemory.Level;

/**
 * Decides whether a connection's socket is read: the only place where back-pressure reaches a
 * client. It closes for a reason and opens when every reason is gone; and it charges the loop's
 * account with what the connection holds. Runs on the connection's loop.
 *
 * <p>Reasons: publishes under way to queues (until they are accepted), more waiting for the disk
 * than it can take, much of unfinished bodies during an alarm, frames parked behind a question to
 * another room, replies that the peer does not read, input that the loop does not keep up with, a
 * login that is not decided, and more than its share of memory while that is short.
 */
final class ReadGate {
  /** Publishes under way, in bytes as charged, at which reading stops; and at half, goes on. */
  private static final long MAX_UNDER_WAY = 4L << 20;

  /** Parked content and frames at which reading stops; it goes on when nothing is parked. */
  private static final long MAX_PARKED = 1L << 20;

  /** A connection that holds less is no holder. */
  private static final long MUCH = 64L << 10;

  private enum Reason {
    PUBLISHES,
    PARK,
    REPLIES,
    STORE,
    UPLOAD,
    INPUT,
    ANSWER,
    MEMORY;

    final int bit = 1 << ordinal();
  }

  /** Who is told which connections are held up, to let one of them go on at a time. */
  interface Pressure {
    /** A connection is not read because of what it holds, or is again. */
    void holdsUp(ReadGate gate, boolean now);
  }

  private final Channel socket;
  private final LoopAccount account;
  private final Pressure pressure;
  private long underWay;
  private long parked;

  /** What goes away as the node and the peer do their part. */
  private long held;

  /** What the client alone can end: transactions, deliveries to ack, channels. */
  private long kept;

  private int reasons;
  private boolean favoured;
  private boolean over;
  private boolean deaf;
  private boolean ended;

  ReadGate(Channel socket, LoopAccount account, Pressure pressure) {
    this.socket = socket;
    this.account = account;
    this.pressure = pressure;
  }

  /** A publish leaves for another loop. */
  void charge(long cost) {
    underWay += cost;
    if (underWay >= MAX_UNDER_WAY) {
      set(Reason.PUBLISHES, true);
    }
    hold(Kind.UNDER_WAY, cost);
  }

  /** It was accepted there. */
  void release(long cost) {
    underWay -= cost;
    if (underWay <= MAX_UNDER_WAY / 2) {
      set(Reason.PUBLISHES, false);
    }
    hold(Kind.UNDER_WAY, -cost);
  }

  /** A frame waits behind a question, or no longer does when negative. */
  void park(long cost) {
    parked += cost;
    set(Reason.PARK, is(Reason.PARK) ? parked > 0 : parked >= MAX_PARKED);
    hold(Kind.PARKED, cost);
  }

  /** So much more of what was read is not dealt with, or not whole, or less when negative. */
  void arriving(long bytes) {
    hold(Kind.ARRIVING, bytes);
  }

  /** So much more waits for the peer to read it, or less when negative. */
  void goingOut(long bytes) {
    hold(Kind.GOING_OUT, bytes);
  }

  /** So much more is remembered until the client ends it, or less when negative. */
  void keep(long bytes) {
    if (ended) {
      return;
    }
    kept += bytes;
    account.charge(Kind.BOOKKEEPING, bytes);
  }

  private void hold(Kind kind, long bytes) {
    boolean was = held >= MUCH;
    held += bytes;
    account.charge(kind, bytes);
    if (was != held >= MUCH) {
      account.node().holders(was ? -1 : 1);
    }
    if (is(Reason.MEMORY) || account.node().isAtLeast(Level.SLOWING)) {
      look();
    }
  }

  /** Memory is short, or no longer: may this connection go on with what it holds? */
  void look() {
    long share = account.node().share();
    boolean close = is(Reason.MEMORY) ? held > share / 2 : held > share;
    if (close != is(Reason.MEMORY)) {
      set(Reason.MEMORY, close);
      pressure.holdsUp(this, close && !over);
    }
  }

  /** One of those that hold too much goes on all the same, so that it gets done. */
  void favour(boolean on) {
    favoured = on;
    update();
  }

  /** All that the connection holds, in bytes. */
  long holding() {
    return held + kept;
  }

  /** The peer has not read much, or has again. */
  void repliesWait(boolean wait) {
    set(Reason.REPLIES, wait);
  }

  /** The store has no room, or has some again. */
  void storeIsFull(boolean full) {
    set(Reason.STORE, full);
  }

  /** Much of unfinished bodies is here while an alarm is on; or that is over. */
  void uploadWaits(boolean waits) {
    set(Reason.UPLOAD, waits);
  }

  /** The loop has not come to what was read last; or it has. */
  void inputWaits(boolean waits) {
    set(Reason.INPUT, waits);
  }

  /** What the last frame leads to is not known yet; or it is. */
  void answerWaits(boolean waits) {
    set(Reason.ANSWER, waits);
  }

  boolean isClosedByStore() {
    return is(Reason.STORE);
  }

  /** The connection is closing: what comes is read and dropped, so that its end is seen. */
  void openForGood() {
    over = true;
    pressure.holdsUp(this, false);
    update();
  }

  /**
   * The socket is closed. Nothing is kept for its client any more; what is still under way is given
   * back as it arrives.
   */
  void end() {
    keep(-kept);
    ended = true;
    pressure.holdsUp(this, false);
  }

  /** It is closing and still sends: nothing of that is read any more. */
  void closeForGood() {
    deaf = true;
    update();
  }

  private boolean is(Reason reason) {
    return (reasons & reason.bit) != 0;
  }

  private void set(Reason reason, boolean on) {
    if (is(reason) != on) {
      reasons ^= reason.bit;
      update();
    }
  }

  private void update() {
    // What is dropped may be read whatever is held, but no faster than it is looked at.
    int counting = over ? reasons & Reason.INPUT.bit : reasons;
    boolean open = !deaf && (favoured ? counting & ~Reason.MEMORY.bit : counting) == 0;
    if (socket.config().isAutoRead() != open) {
      socket.config().setAutoRead(open);
    }
  }
}
