package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;

/**
 * Reads of AMQP's elementary types that say what is wrong when the octets run out. Stateless; used
 * on the thread that owns the buffer.
 */
final class Wire {
  private Wire() {}

  static ConnectionError malformed(String what) {
    return new ConnectionError(ReplyCode.FRAME_ERROR, what);
  }

  static void need(ByteBuf in, long octets) {
    if (in.readableBytes() < octets) {
      throw malformed("needed " + octets + " octets, got " + in.readableBytes());
    }
  }

  static int u8(ByteBuf in) {
    need(in, 1);
    return in.readUnsignedByte();
  }

  static int u16(ByteBuf in) {
    need(in, 2);
    return in.readUnsignedShort();
  }

  static int i32(ByteBuf in) {
    need(in, 4);
    return in.readInt();
  }

  static long u32(ByteBuf in) {
    need(in, 4);
    return in.readUnsignedInt();
  }

  static long i64(ByteBuf in) {
    need(in, 8);
    return in.readLong();
  }

  static String shortString(ByteBuf in) {
    int length = u8(in);
    need(in, length);
    return WireString.decode(in, length);
  }

  /**
   * A short string that has to be text.
   *
   * @throws MalformedName if it is not
   */
  static String name(ByteBuf in) {
    return checked(shortString(in));
  }

  static String checked(String name) {
    if (!WireString.isText(name)) {
      throw new MalformedName();
    }
    return name;
  }

  static String longString(ByteBuf in) {
    return WireString.decode(in, longLength(in));
  }

  static byte[] longBytes(ByteBuf in) {
    byte[] bytes = new byte[longLength(in)];
    in.readBytes(bytes);
    return bytes;
  }

  /** A 32-bit length, checked against what is there before anybody allocates by it. */
  static int longLength(ByteBuf in) {
    long length = u32(in);
    need(in, length);
    return (int) length;
  }

  static void skip(ByteBuf in, long octets) {
    need(in, octets);
    in.skipBytes((int) octets);
  }

  static void writeLong(ByteBuf out, String text) {
    int start = out.writerIndex();
    out.writeInt(0);
    WireString.write(out, text);
    out.setInt(start, out.writerIndex() - start - Integer.BYTES);
  }

  static void writeLong(ByteBuf out, byte[] bytes) {
    out.writeInt(bytes.length);
    out.writeBytes(bytes);
  }

  /** Bit {@code index} of packed flags. */
  static boolean bit(int bits, int index) {
    return (bits >> index & 1) != 0;
  }

  static int bits(boolean first) {
    return first ? 1 : 0;
  }

  static int bits(boolean first, boolean second) {
    return bits(first) | bits(second) << 1;
  }

  static int bits(boolean first, boolean second, boolean third) {
    return bits(first, second) | bits(third) << 2;
  }

  static int bits(boolean first, boolean second, boolean third, boolean fourth) {
    return bits(first, second, third) | bits(fourth) << 3;
  }

  static int bits(boolean first, boolean second, boolean third, boolean fourth, boolean fifth) {
    return bits(first, second, third, fourth) | bits(fifth) << 4;
  }
}
