package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the incoming octets of one connection into frames and hands them to a listener. Not
 * thread-safe: it lives on the connection's event loop.
 *
 * <p>Frames are parsed where they lie; only a frame that arrives in parts is copied, and the copy
 * grows with what has arrived, up to one frame. The size is checked before the payload is awaited.
 *
 * <p>An error that loses the frame boundary (a frame too large, a wrong end octet) latches: all
 * later input is ignored. Any other exception, the listener's included, passes through with the
 * frame consumed and the reader index behind it: call {@link #decode} again for the rest.
 */
public final class FrameDecoder {
  private static final int SNIPPET = 16;
  private static final int FIRST_KEPT = 512;

  private final FrameListener listener;
  private final KeyInterner keys;
  private int maxPayload;
  private @Nullable ByteBuf kept;
  private boolean failed;
  private boolean closed;
  private boolean paused;

  /**
   * A decoder before the first frame.
   *
   * @param initialMaxPayload frame_max until {@link #maxPayload} is called
   */
  public FrameDecoder(FrameListener listener, KeyInterner keys, int initialMaxPayload) {
    this.listener = listener;
    this.keys = keys;
    this.maxPayload = checkMax(initialMaxPayload);
  }

  /**
   * Sets the negotiated frame_max, from the next frame on. Payloads up to it are let through, as
   * RabbitMQ does, though such a frame is eight octets larger in all.
   */
  public void maxPayload(int frameMax) {
    this.maxPayload = checkMax(frameMax);
  }

  /** Whether the frame boundary was lost, so that nothing can be understood any more. */
  public boolean failed() {
    return failed;
  }

  /**
   * Consumes all readable octets, unless an exception stops it (see above) or the listener pauses
   * it. Does not release the buffer.
   *
   * @throws AmqpError what the peer did wrong, or what the listener threw
   */
  public void decode(ByteBuf in) {
    paused = false;
    if (kept != null && !stopped() && !completeKept(in)) {
      return;
    }
    while (!stopped() && !paused && in.readableBytes() >= Frame.HEAD_SIZE) {
      int size = payloadSize(in);
      if (in.readableBytes() - Frame.OVERHEAD < size) {
        break;
      }
      frame(in, size);
    }
    if (stopped()) {
      in.skipBytes(in.readableBytes());
    } else if (!paused && in.isReadable()) {
      keep(in);
    }
  }

  /**
   * For the listener: after the present frame {@link #decode} returns, and leaves the rest in the
   * buffer. Call it again with that.
   */
  public void pause() {
    paused = true;
  }

  /** Whether there may be a rest because of that. */
  public boolean isPaused() {
    return paused;
  }

  /** Releases what is kept; later input is ignored. May be called by the listener. */
  public void close() {
    closed = true;
    releaseKept();
  }

  /** Octets of memory that a frame takes which has come in part. */
  public int kept() {
    ByteBuf part = kept;
    return part == null ? 0 : part.capacity();
  }

  private boolean stopped() {
    return failed || closed;
  }

  private void keep(ByteBuf in) {
    int arrived = in.readableBytes();
    ByteBuf part = in.alloc().buffer(Math.max(FIRST_KEPT, arrived));
    part.writeBytes(in);
    kept = part;
  }

  /** Adds to the frame that came in part, and hands it on when it is whole. */
  private boolean completeKept(ByteBuf in) {
    ByteBuf part = kept;
    if (part == null) {
      return true;
    }
    if (part.readableBytes() < Frame.HEAD_SIZE && !move(in, part, Frame.HEAD_SIZE)) {
      return false;
    }
    int size = payloadSize(part);
    if (!move(in, part, size + Frame.OVERHEAD)) {
      return false;
    }
    kept = null;
    try {
      frame(part, size);
    } finally {
      part.release();
    }
    return true;
  }

  /** Moves octets until the part has as many as wanted; whether it has. */
  private static boolean move(ByteBuf in, ByteBuf part, int wanted) {
    int missing = wanted - part.readableBytes();
    int moved = Math.min(missing, in.readableBytes());
    part.writeBytes(in, moved);
    return moved == missing;
  }

  private int payloadSize(ByteBuf in) {
    int head = in.readerIndex();
    int size = in.getInt(head + 3);
    if (size < 0 || size > maxPayload) {
      int type = in.getUnsignedByte(head);
      String sizes = Integer.toUnsignedString(size) + "," + (maxPayload - Frame.OVERHEAD);
      fail();
      throw frameError(type, new byte[0], "{frame_too_large," + sizes + "}");
    }
    return size;
  }

  /**
   * Hands on the frame at the reader index. The listener sees the buffer itself, its indices set
   * around the payload, which saves a slice per frame; they are put behind the frame whatever
   * happens.
   */
  private void frame(ByteBuf in, int size) {
    int head = in.readerIndex();
    int limit = in.writerIndex();
    int type = in.getUnsignedByte(head);
    int channel = in.getUnsignedShort(head + 1);
    int payload = head + Frame.HEAD_SIZE;
    int end = payload + size;
    in.setIndex(payload, end);
    try {
      int mark = in.getUnsignedByte(end);
      if (mark != Frame.END) {
        fail();
        throw frameError(type, snippet(in, payload, size), marker(mark));
      }
      dispatch(type, channel, in, payload, size);
    } finally {
      in.setIndex(end + 1, limit);
    }
  }

  private void dispatch(int type, int channel, ByteBuf in, int payload, int size) {
    if (type == Frame.TYPE_BODY) {
      listener.body(channel, in);
    } else if (type == Frame.TYPE_METHOD && size >= MethodCodec.IDS_SIZE) {
      listener.method(channel, MethodCodec.decode(in, keys));
    } else if (type == Frame.TYPE_HEADER && size >= FrameEncoder.HEADER_FIXED_SIZE) {
      int classId = in.readUnsignedShort();
      int weight = in.readUnsignedShort();
      listener.header(channel, classId, weight, in.readLong(), in);
    } else if (type == Frame.TYPE_HEARTBEAT && size == 0) {
      heartbeat(channel);
    } else {
      throw frameError(type, snippet(in, payload, size), "unknown_frame");
    }
  }

  private void heartbeat(int channel) {
    if (channel != 0) {
      String text = description(Frame.TYPE_HEARTBEAT, new byte[0]);
      throw new ConnectionError(ReplyCode.UNEXPECTED_FRAME, text);
    }
    listener.heartbeat();
  }

  private void fail() {
    failed = true;
    releaseKept();
  }

  private void releaseKept() {
    ByteBuf part = kept;
    if (part != null) {
      kept = null;
      part.release();
    }
  }

  private static int checkMax(int frameMax) {
    if (frameMax < Frame.MIN_MAX_SIZE) {
      throw new IllegalArgumentException("frame_max below " + Frame.MIN_MAX_SIZE + ": " + frameMax);
    }
    // Head and end octet are added to sizes, which must not overflow.
    return Math.min(frameMax, Integer.MAX_VALUE - Frame.OVERHEAD);
  }

  private static String marker(int mark) {
    return "{invalid_frame_end_marker," + mark + "}";
  }

  /** The beginning of a payload, one octet longer than what is shown if there is more. */
  private static byte[] snippet(ByteBuf in, int payload, int size) {
    byte[] octets = new byte[Math.min(size, SNIPPET + 1)];
    in.getBytes(payload, octets);
    return octets;
  }

  private static ConnectionError frameError(int type, byte[] snippet, String reason) {
    String text = description(type, snippet) + ": " + reason;
    return new ConnectionError(ReplyCode.FRAME_ERROR, text, "type " + type + ": " + reason, 0, 0);
  }

  private static String description(int type, byte[] snippet) {
    boolean all = snippet.length <= SNIPPET;
    byte[] shown = all ? snippet : Arrays.copyOf(snippet, SNIPPET);
    String which = all ? "all" : "first " + SNIPPET;
    return "type " + type + ", " + which + " octets = " + TermText.binary(shown);
  }
}
