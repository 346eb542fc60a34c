package org.warrenmq.broker.amqp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
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

  private final ChannelHandlerContext socket;
  private @Nullable ByteBuf buffer;
  private boolean unflushed;
  private long written;

  Outbound(ChannelHandlerContext socket) {
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
    unflushed = true;
    written += full.readableBytes();
    socket.write(full, socket.voidPromise());
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

  /** Sends a heartbeat by itself: it does not count as something written. */
  void heartbeat() {
    ByteBuf beat = socket.alloc().directBuffer(HEARTBEAT_SIZE);
    FrameEncoder.heartbeat(beat);
    socket.writeAndFlush(beat, socket.voidPromise());
  }

  /** Whether anything was written since this was asked last: the heartbeat's question. */
  boolean wasQuiet() {
    boolean quiet = written == 0;
    written = 0;
    return quiet;
  }

  /** Whether the socket takes more; while it does not, deliveries wait. */
  boolean isWritable() {
    return socket.channel().isWritable();
  }

  /** Bytes that wait for the peer to read. */
  long pending() {
    var outgoing = socket.channel().unsafe().outboundBuffer();
    return outgoing == null ? 0 : outgoing.totalPendingWriteBytes();
  }

  /** Gives back what was never handed over. */
  void close() {
    ByteBuf open = buffer;
    if (open != null) {
      buffer = null;
      open.release();
    }
  }
}
