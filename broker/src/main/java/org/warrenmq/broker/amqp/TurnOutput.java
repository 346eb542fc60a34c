package org.warrenmq.broker.amqp;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import org.warrenmq.codec.FrameEncoder;
import org.warrenmq.codec.Method;
import org.warrenmq.engine.loop.RoomLoop;

/**
 * What a connection says in a turn: methods as they come, confirms when the turn ends, all flushed
 * once; and the channels that hold deliveries back until the socket takes more. Runs on the
 * connection's loop.
 */
final class TurnOutput implements RoomLoop.TurnEnd {
  /**
   * Unread bytes at which reading stops, and at half goes on. Deliveries wait from far less on, so
   * only replies to the peer's own methods come this far.
   */
  private static final long MAX_UNREAD = 2L << 20;

  /** Who gathers confirms for the end of the turn. */
  interface Confirming {
    void writeConfirms(ByteBuf out);
  }

  /** Who holds deliveries back. */
  interface Delivering {
    /**
     * Writes what waited, as far as the socket takes it. True when nothing waits for that any more.
     */
    boolean writeWaiting();
  }

  private final RoomLoop loop;
  private final Outbound outbound;
  private final ReadGate gate;
  private final ArrayList<Confirming> confirming = new ArrayList<>(0);
  private final ArrayDeque<Delivering> waitingForSocket = new ArrayDeque<>(0);
  private final Runnable whenRead;
  private boolean atTurnEnd;
  private boolean ended;

  /** Messages that were asked for one by one wait until the peer has read those before. */
  private boolean full;

  /** What the gate knows of. */
  private long counted;

  private boolean repliesWait;

  /**
   * @param whenRead runs when {@link #isFull} was true and is no longer
   */
  TurnOutput(RoomLoop loop, Outbound outbound, ReadGate gate, Runnable whenRead) {
    this.loop = loop;
    this.outbound = outbound;
    this.gate = gate;
    this.whenRead = whenRead;
  }

  /** Writes a method; it is flushed with the turn. */
  void send(int number, Method method) {
    if (!ended) {
      FrameEncoder.method(outbound.buffer(), number, method);
      outbound.appended();
      flushAtTurnEnd();
    }
  }

  void flushAtTurnEnd() {
    if (!atTurnEnd) {
      atTurnEnd = true;
      loop.atTurnEnd(this);
    }
  }

  /** A channel has confirms to write when the turn ends. */
  void confirmAtTurnEnd(Confirming channel) {
    if (!confirming.contains(channel)) {
      confirming.add(channel);
    }
    flushAtTurnEnd();
  }

  /** Writes a channel's confirms now. */
  void writeConfirms(Confirming channel) {
    if (!ended) {
      channel.writeConfirms(outbound.buffer());
    }
    confirming.remove(channel);
  }

  /** Writes all channels' confirms now. */
  void writeConfirms() {
    for (int i = 0; i < confirming.size() && !ended; i++) {
      confirming.get(i).writeConfirms(outbound.buffer());
    }
    confirming.clear();
  }

  @Override
  public void endTurn() {
    atTurnEnd = false;
    writeConfirms();
    if (ended) {
      return;
    }
    outbound.flush();
    count();
  }

  private void count() {
    if (ended) {
      return;
    }
    long pending = outbound.pending();
    long held = outbound.held();
    if (held != counted) {
      gate.goingOut(held - counted);
      counted = held;
    }
    boolean wait =
        repliesWait
            ? pending > MAX_UNREAD / 2 || held > MAX_UNREAD
            : pending >= MAX_UNREAD || held >= 2 * MAX_UNREAD;
    if (wait != repliesWait) {
      repliesWait = wait;
      gate.repliesWait(wait);
    }
    if (full && outbound.pendingWithBodies() <= MAX_UNREAD / 2) {
      full = false;
      whenRead.run();
    }
  }

  boolean isWritable() {
    return outbound.isWritable();
  }

  /** Whether so much is unread that no more messages are got for the peer. */
  boolean isFull() {
    full = full || outbound.pendingWithBodies() >= MAX_UNREAD;
    return full;
  }

  /** Bytes that the peer has not read, with all of the large bodies among them. */
  long unread() {
    return outbound.pendingWithBodies();
  }

  /** Somebody holds deliveries back until the socket takes more. */
  void deliverWhenWritable(Delivering channel) {
    if (!waitingForSocket.contains(channel)) {
      waitingForSocket.add(channel);
    }
  }

  /** The socket takes more: large bodies first, then deliveries, as long as it does. */
  void writable() {
    outbound.resume();
    for (int n = waitingForSocket.size(); n > 0 && outbound.isWritable(); n--) {
      Delivering next = waitingForSocket.poll();
      if (next != null && !next.writeWaiting()) {
        waitingForSocket.add(next);
      }
    }
    count();
  }

  /** The socket is closed: nothing is said any more. */
  void end() {
    ended = true;
    outbound.close();
    gate.goingOut(-counted);
    counted = 0;
  }
}
