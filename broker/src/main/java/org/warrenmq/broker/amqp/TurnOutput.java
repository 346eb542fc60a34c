package org.warrenmq.broker.amqp;

import java.util.ArrayDeque;
import java.util.ArrayList;
import org.warrenmq.codec.FrameEncoder;
import org.warrenmq.codec.Method;
import org.warrenmq.engine.RoomLoop;

/**
 * What a connection says in a turn: methods as they come, confirms when the turn ends, all flushed
 * once; and the consumers that hold deliveries back until the socket takes more. Runs on the
 * connection's loop.
 */
final class TurnOutput implements RoomLoop.TurnEnd {
  private final RoomLoop loop;
  private final Outbound outbound;
  private final ReadGate gate;
  private final ArrayList<Channel> confirming = new ArrayList<>(2);
  private final ArrayDeque<Consumers> waitingForSocket = new ArrayDeque<>(2);
  private boolean atTurnEnd;
  private boolean ended;

  TurnOutput(RoomLoop loop, Outbound outbound, ReadGate gate) {
    this.loop = loop;
    this.outbound = outbound;
    this.gate = gate;
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
  void confirmAtTurnEnd(Channel channel) {
    if (!confirming.contains(channel)) {
      confirming.add(channel);
    }
    flushAtTurnEnd();
  }

  /** Writes a channel's confirms now. */
  void writeConfirms(Channel channel) {
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
    if (!outbound.isWritable()) {
      gate.unread(outbound.pending());
    }
  }

  boolean isWritable() {
    return outbound.isWritable();
  }

  /** Consumers hold deliveries back until the socket takes more. */
  void deliverWhenWritable(Consumers consumers) {
    if (!waitingForSocket.contains(consumers)) {
      waitingForSocket.add(consumers);
    }
  }

  /** The socket takes more: large bodies first, then deliveries, as long as it does. */
  void writable() {
    outbound.resume();
    for (int n = waitingForSocket.size(); n > 0 && outbound.isWritable(); n--) {
      Consumers consumers = waitingForSocket.poll();
      if (consumers != null && !consumers.writeWaiting()) {
        waitingForSocket.add(consumers);
      }
    }
    gate.unread(outbound.pending());
  }

  /** The socket is closed: nothing is said any more. */
  void end() {
    ended = true;
    outbound.close();
  }
}
