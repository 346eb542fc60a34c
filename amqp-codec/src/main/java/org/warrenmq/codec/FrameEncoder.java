package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;

/** Writes frames. Stateless; used on the thread that owns the buffer. */
public final class FrameEncoder {
  /** Class id, weight and body size of a content header. */
  static final int HEADER_FIXED_SIZE = 12;

  private static final byte[] HEARTBEAT = {
    Frame.TYPE_HEARTBEAT, 0, 0, 0, 0, 0, 0, (byte) Frame.END
  };

  private FrameEncoder() {}

  /** Writes any frame; buffers in it are read without moving their indices. */
  public static void frame(ByteBuf out, Frame frame) {
    switch (frame) {
      case MethodFrame(int channel, Method method) -> method(out, channel, method);
      case HeaderFrame(int channel, int classId, long bodySize, ByteBuf properties) -> {
        int size = properties.readableBytes();
        headerHead(out, channel, classId, bodySize, size);
        out.writeBytes(properties, properties.readerIndex(), size).writeByte(Frame.END);
      }
      case BodyFrame(int channel, ByteBuf payload) -> body(out, channel, payload);
      case Heartbeat _ -> heartbeat(out);
    }
  }

  /** Writes a method frame. */
  public static void method(ByteBuf out, int channel, Method method) {
    int start = out.writerIndex();
    head(out, Frame.TYPE_METHOD, channel, 0);
    MethodCodec.encode(method, out);
    end(out, start);
  }

  /** Writes a content header frame with properties as they are. */
  public static void header(
      ByteBuf out, int channel, int classId, long bodySize, byte[] properties) {
    headerHead(out, channel, classId, bodySize, properties.length);
    out.writeBytes(properties).writeByte(Frame.END);
  }

  /** Writes one body frame of all that is readable, without moving the payload's indices. */
  public static void body(ByteBuf out, int channel, ByteBuf payload) {
    int size = payload.readableBytes();
    head(out, Frame.TYPE_BODY, channel, size);
    out.writeBytes(payload, payload.readerIndex(), size).writeByte(Frame.END);
  }

  /** Writes one body frame of a part of an array. */
  public static void body(ByteBuf out, int channel, byte[] bytes, int offset, int length) {
    head(out, Frame.TYPE_BODY, channel, length);
    out.writeBytes(bytes, offset, length).writeByte(Frame.END);
  }

  /** Writes a heartbeat. */
  public static void heartbeat(ByteBuf out) {
    out.writeBytes(HEARTBEAT);
  }

  /**
   * Writes the header frame and all body frames of a message; no body frame for an empty body.
   *
   * @param content with its body in memory
   * @param maxFrame the negotiated frame_max; no frame written is larger
   * @throws IllegalArgumentException for a {@link Body.Stored}, which is written piece by piece
   */
  public static void content(ByteBuf out, int channel, Content content, int maxFrame) {
    byte[] properties = content.properties();
    header(out, channel, BasicMethod.CLASS_ID, content.bodySize(), properties);
    switch (content.body()) {
      case Body.Inline(byte[] bytes) -> {
        int most = maxPayload(maxFrame);
        for (int at = 0; at < bytes.length; at += most) {
          body(out, channel, bytes, at, Math.min(most, bytes.length - at));
        }
      }
      case Body.Stored stored -> throw new IllegalArgumentException("not in memory: " + stored);
    }
  }

  /** Octets that {@link #content} writes. */
  public static long contentSize(Content content, int maxFrame) {
    long body = content.bodySize();
    long most = maxPayload(maxFrame);
    long frames = (body + most - 1) / most;
    int header = Frame.OVERHEAD + HEADER_FIXED_SIZE + content.properties().length;
    return header + body + frames * Frame.OVERHEAD;
  }

  static int maxPayload(int maxFrame) {
    if (maxFrame < Frame.MIN_MAX_SIZE) {
      throw new IllegalArgumentException("frame_max below " + Frame.MIN_MAX_SIZE + ": " + maxFrame);
    }
    return maxFrame - Frame.OVERHEAD;
  }

  static void head(ByteBuf out, int type, int channel, int size) {
    out.writeByte(type).writeShort(channel).writeInt(size);
  }

  /** Sets the size of the frame that starts there, now that it is known, and ends the frame. */
  static void end(ByteBuf out, int start) {
    out.setInt(start + 3, out.writerIndex() - start - Frame.HEAD_SIZE);
    out.writeByte(Frame.END);
  }

  private static void headerHead(
      ByteBuf out, int channel, int classId, long bodySize, int propertiesSize) {
    head(out, Frame.TYPE_HEADER, channel, HEADER_FIXED_SIZE + propertiesSize);
    out.writeInt(classId << 16).writeLong(bodySize);
  }
}
