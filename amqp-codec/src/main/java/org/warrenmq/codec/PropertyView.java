package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A look at the properties of a message that decodes only what is asked for. For one thread at a
 * time; the octets under it are shared and never written to.
 *
 * <p>The octets must be well-formed, as everything a {@link ContentAssembler} hands out is.
 */
public final class PropertyView {
  static final int CONTENT_TYPE = 0;
  static final int CONTENT_ENCODING = 1;
  static final int HEADERS = 2;
  static final int DELIVERY_MODE = 3;
  static final int PRIORITY = 4;
  static final int CORRELATION_ID = 5;
  static final int REPLY_TO = 6;
  static final int EXPIRATION = 7;
  static final int MESSAGE_ID = 8;
  static final int TIMESTAMP = 9;
  static final int TYPE = 10;
  static final int USER_ID = 11;
  static final int APP_ID = 12;
  static final int CLUSTER_ID = 13;
  static final int COUNT = 14;

  /** Octets of the flags. */
  static final int FLAGS_SIZE = 2;

  /** Flags of no property; the last bit would announce a second word of flags. */
  private static final int UNKNOWN = 3;

  private static final int PERSISTENT = 2;
  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final byte[] octets;
  private final int flags;
  private @Nullable FieldTable headers;

  /** A look at well-formed properties. */
  public PropertyView(byte[] properties) {
    this.octets = properties;
    this.flags = (short) SHORTS.get(properties, 0) & 0xFFFF;
  }

  /**
   * Checks that flags and values are well-formed and fill the array.
   *
   * @throws ConnectionError (frame error) if not
   */
  public static void validate(byte[] properties) {
    validate(Unpooled.wrappedBuffer(properties));
  }

  /**
   * Checks that flags and values are well-formed and fill all that is readable, and consumes it.
   * Flags that stand for nothing are taken away in the buffer, as RabbitMQ does: a client would
   * look for what they announce.
   *
   * @throws ConnectionError (frame error) if not
   */
  public static void validate(ByteBuf in) {
    int flags = Wire.u16(in);
    if ((flags & UNKNOWN) != 0) {
      in.setShort(in.readerIndex() - FLAGS_SIZE, flags & ~UNKNOWN);
    }
    for (int i = 0; i < COUNT; i++) {
      if ((flags & mask(i)) != 0) {
        switch (i) {
          case HEADERS -> FieldTableCodec.skip(in);
          case DELIVERY_MODE, PRIORITY -> Wire.skip(in, 1);
          case TIMESTAMP -> Wire.skip(in, Long.BYTES);
          default -> Wire.skip(in, Wire.u8(in));
        }
      }
    }
    if (in.isReadable()) {
      throw Wire.malformed(in.readableBytes() + " octets after the content properties");
    }
  }

  public @Nullable String contentType() {
    return text(CONTENT_TYPE);
  }

  public @Nullable String contentEncoding() {
    return text(CONTENT_ENCODING);
  }

  /** The headers, decoded once; null when absent, which differs from an empty table. */
  public @Nullable FieldTable headers() {
    if (headers == null && has(HEADERS)) {
      int at = offset(HEADERS);
      headers = FieldTableCodec.read(Unpooled.wrappedBuffer(octets, at, octets.length - at));
    }
    return headers;
  }

  /** The delivery mode as sent, 0 when absent. */
  public int deliveryMode() {
    return has(DELIVERY_MODE) ? octets[offset(DELIVERY_MODE)] & 0xFF : 0;
  }

  /** Whether the delivery mode asks for the message to be kept over a restart. */
  public boolean persistent() {
    return deliveryMode() == PERSISTENT;
  }

  /** The priority as sent, -1 when absent. */
  public int priority() {
    return has(PRIORITY) ? octets[offset(PRIORITY)] & 0xFF : -1;
  }

  public @Nullable String correlationId() {
    return text(CORRELATION_ID);
  }

  public @Nullable String replyTo() {
    return text(REPLY_TO);
  }

  public @Nullable String expiration() {
    return text(EXPIRATION);
  }

  public @Nullable String messageId() {
    return text(MESSAGE_ID);
  }

  /** Seconds since the epoch as sent. */
  public @Nullable Long timestamp() {
    return has(TIMESTAMP) ? (Long) (long) LONGS.get(octets, offset(TIMESTAMP)) : null;
  }

  public @Nullable String type() {
    return text(TYPE);
  }

  public @Nullable String userId() {
    return text(USER_ID);
  }

  public @Nullable String appId() {
    return text(APP_ID);
  }

  public @Nullable String clusterId() {
    return text(CLUSTER_ID);
  }

  boolean has(int property) {
    return (flags & mask(property)) != 0;
  }

  static int mask(int property) {
    return 1 << (15 - property);
  }

  /** Where the value is, or would be if it were there. */
  int offset(int property) {
    int at = FLAGS_SIZE;
    for (int i = 0; i < property; i++) {
      if (has(i)) {
        at += valueSize(i, at);
      }
    }
    return at;
  }

  /** Octets of the value that starts there. */
  int valueSize(int property, int at) {
    return switch (property) {
      case HEADERS -> Integer.BYTES + (int) INTS.get(octets, at);
      case DELIVERY_MODE, PRIORITY -> 1;
      case TIMESTAMP -> Long.BYTES;
      default -> 1 + (octets[at] & 0xFF);
    };
  }

  private @Nullable String text(int property) {
    if (!has(property)) {
      return null;
    }
    int at = offset(property);
    return WireString.decode(octets, at + 1, octets[at] & 0xFF);
  }
}
