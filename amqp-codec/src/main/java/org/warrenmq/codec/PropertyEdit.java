package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Changes one property and keeps the octets of all others. Stateless, any thread.
 *
 * <p>No method writes to the array it got: the result is a new one, or the same if nothing changes.
 * Setting null removes the property.
 */
public final class PropertyEdit {
  private PropertyEdit() {}

  /** The properties with other headers. */
  public static byte[] withHeaders(byte[] properties, @Nullable FieldTable headers) {
    return replace(properties, PropertyView.HEADERS, headers == null ? null : table(headers));
  }

  /**
   * The properties with other headers.
   *
   * @param table a field table as octets, its length first
   */
  public static byte[] withHeaders(byte[] properties, ByteBuf table) {
    return replace(properties, PropertyView.HEADERS, ByteBufUtil.getBytes(table));
  }

  /** The properties with another delivery mode, 0 for none. */
  public static byte[] withDeliveryMode(byte[] properties, int mode) {
    byte @Nullable [] value = mode == 0 ? null : new byte[] {(byte) mode};
    return replace(properties, PropertyView.DELIVERY_MODE, value);
  }

  /** The properties with another reply address. */
  public static byte[] withReplyTo(byte[] properties, @Nullable String replyTo) {
    return replace(properties, PropertyView.REPLY_TO, text(replyTo));
  }

  /** The properties with another time to live. */
  public static byte[] withExpiration(byte[] properties, @Nullable String expiration) {
    return replace(properties, PropertyView.EXPIRATION, text(expiration));
  }

  /** The properties without a time to live. */
  public static byte[] withoutExpiration(byte[] properties) {
    return withExpiration(properties, null);
  }

  static byte[] encode(Properties p) {
    int flags = 0;
    ByteBuf out = Unpooled.buffer();
    out.writeShort(0);
    flags |= put(out, PropertyView.CONTENT_TYPE, p.contentType());
    flags |= put(out, PropertyView.CONTENT_ENCODING, p.contentEncoding());
    if (p.headers() != null) {
      flags |= PropertyView.mask(PropertyView.HEADERS);
      FieldTableCodec.write(out, p.headers());
    }
    flags |= put(out, PropertyView.DELIVERY_MODE, p.deliveryMode());
    flags |= put(out, PropertyView.PRIORITY, p.priority());
    flags |= put(out, PropertyView.CORRELATION_ID, p.correlationId());
    flags |= put(out, PropertyView.REPLY_TO, p.replyTo());
    flags |= put(out, PropertyView.EXPIRATION, p.expiration());
    flags |= put(out, PropertyView.MESSAGE_ID, p.messageId());
    if (p.timestamp() != null) {
      flags |= PropertyView.mask(PropertyView.TIMESTAMP);
      out.writeLong(p.timestamp());
    }
    flags |= put(out, PropertyView.TYPE, p.type());
    flags |= put(out, PropertyView.USER_ID, p.userId());
    flags |= put(out, PropertyView.APP_ID, p.appId());
    flags |= put(out, PropertyView.CLUSTER_ID, p.clusterId());
    out.setShort(0, flags);
    return ByteBufUtil.getBytes(out);
  }

  private static int put(ByteBuf out, int property, @Nullable String text) {
    if (text == null) {
      return 0;
    }
    WireString.writeShort(out, text);
    return PropertyView.mask(property);
  }

  private static int put(ByteBuf out, int property, @Nullable Integer octet) {
    if (octet == null) {
      return 0;
    }
    out.writeByte(octet);
    return PropertyView.mask(property);
  }

  private static byte @Nullable [] text(@Nullable String text) {
    return text == null ? null : WireString.shortString(text);
  }

  private static byte[] table(FieldTable table) {
    ByteBuf out = Unpooled.buffer();
    FieldTableCodec.write(out, table);
    return ByteBufUtil.getBytes(out);
  }

  private static byte[] replace(byte[] properties, int property, byte @Nullable [] value) {
    PropertyView view = new PropertyView(properties);
    if (value == null && !view.has(property)) {
      return properties;
    }
    int from = view.offset(property);
    int to = view.has(property) ? from + view.valueSize(property, from) : from;
    int added = value == null ? 0 : value.length;
    byte[] edited = Arrays.copyOf(properties, properties.length - (to - from) + added);
    if (value != null) {
      System.arraycopy(value, 0, edited, from, added);
    }
    System.arraycopy(properties, to, edited, from + added, properties.length - to);
    int flags = ((properties[0] & 0xFF) << 8) | (properties[1] & 0xFF);
    int mask = PropertyView.mask(property);
    int changed = value == null ? flags & ~mask : flags | mask;
    edited[0] = (byte) (changed >> 8);
    edited[1] = (byte) changed;
    return edited;
  }
}
