package org.warrenmq.broker.amqp;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.warrenmq.engine.RoomLoop;

/**
 * What a connection's socket brings: decoded at once, or, while the loop has enough to do, kept
 * until it is this connection's turn. Reading stops meanwhile, so it is little more than one
 * buffer. Runs on the connection's loop.
 */
final class Input {
  /** Who sends so little does not wait for those who send much. */
  private static final int FEW = 1024;

  private final AmqpConnection connection;
  private final RoomLoop loop;
  private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>(0);

  Input(AmqpConnection connection) {
    this.connection = connection;
    this.loop = connection.loop();
  }

  /** Octets came; takes over the buffer. */
  void read(ByteBuf in) {
    if (!waiting.isEmpty()) {
      keep(in);
    } else if (loop.isBehind(in.readableBytes() <= FEW)) {
      keep(in);
      loop.whenCaughtUp(this::resume);
    } else if (!take(in)) {
      keep(in);
      loop.whenCaughtUp(this::resume);
    }
  }

  private void keep(ByteBuf in) {
    waiting.add(in);
    connection.gate().arriving(in.capacity());
    connection.gate().inputWaits(true);
  }

  /** True when all of it was taken in, and it was given back. */
  private boolean take(ByteBuf in) {
    boolean taken = false;
    try {
      connection.take(in);
      taken = !in.isReadable();
      return taken;
    } catch (Throwable e) {
      taken = true;
      throw e;
    } finally {
      if (taken) {
        in.release();
      }
    }
  }

  /** It is this connection's turn: one buffer, or what a turn takes of it. */
  private void resume() {
    next();
    if (waiting.isEmpty()) {
      connection.gate().inputWaits(false);
    } else {
      loop.whenCaughtUp(this::resume);
    }
  }

  private void next() {
    ByteBuf in = waiting.peek();
    if (in != null) {
      long capacity = in.capacity();
      if (take(in)) {
        waiting.poll();
        connection.gate().arriving(-capacity);
      }
    }
  }

  /** The socket has ended: what it brought before counts. */
  void finish() {
    while (!waiting.isEmpty()) {
      next();
    }
  }
}
