package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;

/**
 * Writes a message to a client: method, header and body frames into one buffer, with no object in
 * between. Stateless; used on the event loop that owns the buffer.
 *
 * <p>Room for everything is made once. A body too large for that goes out through {@code *Head} and
 * a {@link BodyWriter}.
 */
public final class DeliveryWriter {
  private static final int DELIVER = BasicMethod.CLASS_ID << 16 | BasicMethod.Deliver.ID;
  private static final int GET_OK = BasicMethod.CLASS_ID << 16 | BasicMethod.GetOk.ID;
  private static final int RETURN = BasicMethod.CLASS_ID << 16 | BasicMethod.Return.ID;

  /** More than the fixed parts of any of the three methods take. */
  private static final int FIXED = 64;

  /** Most octets one character takes. */
  private static final int PER_CHAR = 3;

  private DeliveryWriter() {}

  /**
   * Writes basic.deliver, header and body.
   *
   * @param consumerTag with its length octet, see {@link WireString#shortString}
   * @param maxFrame the negotiated frame_max
   */
  public static void deliver(
      ByteBuf out,
      int channel,
      byte[] consumerTag,
      long deliveryTag,
      boolean redelivered,
      String exchange,
      String routingKey,
      Content content,
      int maxFrame) {
    reserve(out, consumerTag.length, exchange, routingKey, content, maxFrame);
    deliverMethod(out, channel, consumerTag, deliveryTag, redelivered, exchange, routingKey);
    FrameEncoder.content(out, channel, content, maxFrame);
  }

  /** Writes basic.deliver and header; the body is the caller's to send next on this channel. */
  public static void deliverHead(
      ByteBuf out,
      int channel,
      byte[] consumerTag,
      long deliveryTag,
      boolean redelivered,
      String exchange,
      String routingKey,
      Content content) {
    deliverMethod(out, channel, consumerTag, deliveryTag, redelivered, exchange, routingKey);
    contentHeader(out, channel, content);
  }

  /** Writes basic.get-ok, header and body. */
  public static void getOk(
      ByteBuf out,
      int channel,
      long deliveryTag,
      boolean redelivered,
      String exchange,
      String routingKey,
      long messageCount,
      Content content,
      int maxFrame) {
    reserve(out, 0, exchange, routingKey, content, maxFrame);
    getOkMethod(out, channel, deliveryTag, redelivered, exchange, routingKey, messageCount);
    FrameEncoder.content(out, channel, content, maxFrame);
  }

  /** Writes basic.get-ok and header; the body is the caller's to send next on this channel. */
  public static void getOkHead(
      ByteBuf out,
      int channel,
      long deliveryTag,
      boolean redelivered,
      String exchange,
      String routingKey,
      long messageCount,
      Content content) {
    getOkMethod(out, channel, deliveryTag, redelivered, exchange, routingKey, messageCount);
    contentHeader(out, channel, content);
  }

  /** Writes basic.return, header and body; a reply text that is too long is cut. */
  public static void returned(
      ByteBuf out,
      int channel,
      int replyCode,
      String replyText,
      String exchange,
      String routingKey,
      Content content,
      int maxFrame) {
    reserve(out, replyText.length() * PER_CHAR, exchange, routingKey, content, maxFrame);
    returnMethod(out, channel, replyCode, replyText, exchange, routingKey);
    FrameEncoder.content(out, channel, content, maxFrame);
  }

  /** Writes basic.return and header; the body is the caller's to send next on this channel. */
  public static void returnedHead(
      ByteBuf out,
      int channel,
      int replyCode,
      String replyText,
      String exchange,
      String routingKey,
      Content content) {
    returnMethod(out, channel, replyCode, replyText, exchange, routingKey);
    contentHeader(out, channel, content);
  }

  private static void deliverMethod(
      ByteBuf out,
      int channel,
      byte[] consumerTag,
      long deliveryTag,
      boolean redelivered,
      String exchange,
      String routingKey) {
    int start = begin(out, channel, DELIVER);
    out.writeBytes(consumerTag).writeLong(deliveryTag).writeByte(Wire.bits(redelivered));
    WireString.writeShort(out, exchange);
    WireString.writeShort(out, routingKey);
    FrameEncoder.end(out, start);
  }

  private static void getOkMethod(
      ByteBuf out,
      int channel,
      long deliveryTag,
      boolean redelivered,
      String exchange,
      String routingKey,
      long messageCount) {
    int start = begin(out, channel, GET_OK);
    out.writeLong(deliveryTag).writeByte(Wire.bits(redelivered));
    WireString.writeShort(out, exchange);
    WireString.writeShort(out, routingKey);
    out.writeInt((int) messageCount);
    FrameEncoder.end(out, start);
  }

  private static void returnMethod(
      ByteBuf out,
      int channel,
      int replyCode,
      String replyText,
      String exchange,
      String routingKey) {
    int start = begin(out, channel, RETURN);
    out.writeShort(replyCode);
    WireString.writeShort(out, WireString.cutToShort(replyText));
    WireString.writeShort(out, exchange);
    WireString.writeShort(out, routingKey);
    FrameEncoder.end(out, start);
  }

  private static int begin(ByteBuf out, int channel, int ids) {
    int start = out.writerIndex();
    FrameEncoder.head(out, Frame.TYPE_METHOD, channel, 0);
    out.writeInt(ids);
    return start;
  }

  private static void contentHeader(ByteBuf out, int channel, Content content) {
    byte[] properties = content.properties();
    FrameEncoder.header(out, channel, BasicMethod.CLASS_ID, content.bodySize(), properties);
  }

  private static void reserve(
      ByteBuf out, int extra, String exchange, String routingKey, Content content, int maxFrame) {
    long names = (long) PER_CHAR * (exchange.length() + routingKey.length());
    long size = FIXED + extra + names + FrameEncoder.contentSize(content, maxFrame);
    out.ensureWritable(Math.toIntExact(size));
  }
}
