package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;

/** The eight octets a client speaks first. Stateless, any thread. */
public final class ProtocolHeader {
  /** Number of octets. */
  public static final int SIZE = 8;

  private static final long AMQP = 0x414D_5150L << 32;
  private static final long V_0_9_1 = AMQP | 0x0000_0901L;

  /** AMQP 0-9 as its own time announced it; for our purposes the same protocol. */
  private static final long V_0_9 = AMQP | 0x0101_0009L;

  /** What a client asks for. */
  public enum Kind {
    AMQP_0_9_1,
    OTHER
  }

  private ProtocolHeader() {}

  /** Looks at the first eight readable octets, which must be there, and leaves them unread. */
  public static Kind classify(ByteBuf in) {
    long octets = in.getLong(in.readerIndex());
    return octets == V_0_9_1 || octets == V_0_9 ? Kind.AMQP_0_9_1 : Kind.OTHER;
  }

  /** The header of AMQP 0-9-1, a fresh array. */
  public static byte[] bytes() {
    return new byte[] {'A', 'M', 'Q', 'P', 0, 0, 9, 1};
  }

  /** Writes the header of AMQP 0-9-1, the answer to any other. */
  public static void write(ByteBuf out) {
    out.writeLong(V_0_9_1);
  }
}
