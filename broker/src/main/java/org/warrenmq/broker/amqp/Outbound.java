package org.warrenmq.broker.amqp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FrameEncoder;

/**
 * What a connection has written and not flushed yet: frames of one turn in few large buffers,
 * handed to the socket in one flush. Runs on the connection's loop.
 */
final class Outbound {
  /** A buffer of this size goes to the socket's queue; the flush still comes at the turn's end. */
  private static final int CHUNK = 64 * 1024;

  private static final int INITIAL = 2 * 1024;
  private static final int HEARTBEAT_SIZE = 8;

  /** How much of a large body is copied for the socket at once. */
  private static final int WINDOW = 128 * 1024;

  private final Channel socket;

  /** Behind a large body that is being written: more of those, and buffers; mostly unused. */
  private final ArrayDeque<Object> backlog = new ArrayDeque<>(0);

  private @Nullable ByteBuf buffer;
  private long backlogBytes;

  /** Sizes of the large bodies in the backlog. */
  private long streamBytes;

  /** What of them is in memory. */
  private long heldBytes;

  private boolean unflushed;
  private boolean closed;

  /** Octets handed to the socket since {@link #wasQuiet} was asked last. */
  private long octetsHandedOver;

  Outbound(Channel socket) {
    this.socket = socket;
  }

  /** Where the next frames go. */
  ByteBuf buffer() {
    ByteBuf open = buffer;
    if (open == null) {
      open = socket.alloc().directBuffer(INITIAL);
      buffer = open;
    }
    return open;
  }

  /** To be called after a group of frames was appended. */
  void appended() {
    ByteBuf open = buffer;
    if (open != null && open.readableBytes() >= CHUNK) {
      handOver(open);
    }
  }

  private void handOver(ByteBuf full) {
    buffer = null;
    if (backlog.isEmpty()) {
      write(full);
    } else {
      backlogBytes += full.readableBytes();
      backlog.add(full);
    }
  }

  private void write(ByteBuf full) {
    unflushed = true;
    octetsHandedOver += full.readableBytes();
    socket.write(full, socket.voidPromise());
  }

  /** Writes a large body after what was appended so far, window by window. */
  void stream(BodyStream body) {
    ByteBuf open = buffer;
    if (open != null && open.isReadable()) {
      handOver(open);
    }
    backlog.add(body);
    streamBytes += body.size();
    heldBytes += body.held();
    pump();
  }

  /**
   * Goes on with large bodies and what waits behind them, as far as the socket takes it and the
   * next piece is there.
   */
  private void pump() {
    while (!backlog.isEmpty() && socket.isWritable()) {
      switch (backlog.peek()) {
        case ByteBuf waiting -> {
          backlog.poll();
          backlogBytes -= waiting.readableBytes();
          write(waiting);
        }
        case BodyStream body -> {
          if (!body.isReady()) {
            body.fetch();
            return;
          }
          ByteBuf window = socket.alloc().directBuffer(WINDOW);
          body.write(window, WINDOW);
          write(window);
          if (body.isOver()) {
            backlog.poll();
            streamBytes -= body.size();
            heldBytes -= body.held();
          }
        }
        case null, default -> throw new IllegalStateException("no buffer, no body");
      }
    }
  }

  /** The socket takes more again. */
  void resume() {
    if (!backlog.isEmpty()) {
      pump();
      flush();
    }
  }

  /** Sends everything appended so far. */
  void flush() {
    ByteBuf open = buffer;
    if (open != null && open.isReadable()) {
      handOver(open);
    }
    if (unflushed) {
      unflushed = false;
      socket.flush();
    }
  }

  /** The same, and closes the socket after it. */
  void flushAndClose() {
    flush();
    socket.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  /** Sends a heartbeat by itself: it does not count as something written. */
  void heartbeat() {
    if (!backlog.isEmpty()) {
      return;
    }
    ByteBuf beat = socket.alloc().directBuffer(HEARTBEAT_SIZE);
    FrameEncoder.heartbeat(beat);
    socket.writeAndFlush(beat, socket.voidPromise());
  }

  /** Whether anything was written since this was asked last: the heartbeat's question. */
  boolean wasQuiet() {
    boolean quiet = octetsHandedOver == 0;
    octetsHandedOver = 0;
    return quiet;
  }

  /** Whether the socket takes more; while it does not, deliveries wait. */
  boolean isWritable() {
    return backlog.isEmpty() && socket.isWritable();
  }

  /** Bytes that wait for the peer to read. */
  long pending() {
    var outgoing = socket.unsafe().outboundBuffer();
    return backlogBytes + (outgoing == null ? 0 : outgoing.totalPendingWriteBytes());
  }

  /** The same, with what of large bodies among it is in memory. */
  long held() {
    return pending() + heldBytes;
  }

  /** The same, with all of the large bodies among it, which wait where they take no buffers. */
  long pendingWithBodies() {
    return pending() + streamBytes;
  }

  /** The socket is gone, and nothing written any more. */
  boolean isClosed() {
    return closed;
  }

  /** Gives back what was never handed over. */
  void close() {
    closed = true;
    ByteBuf open = buffer;
    if (open != null) {
      buffer = null;
      open.release();
    }
    for (Object waiting : backlog) {
      switch (waiting) {
        case ByteBuf unsent -> unsent.release();
        case BodyStream body -> body.end();
        default -> throw new IllegalStateException("no buffer, no body");
      }
    }
    backlog.clear();
  }
}
