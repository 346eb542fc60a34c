package org.warrenmq.broker.amqp;

import io.netty.buffer.ByteBuf;
import org.warrenmq.codec.Body;
import org.warrenmq.codec.BodyWriter;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.DeliveryWriter;
import org.warrenmq.codec.ReplyCode;
import org.warrenmq.engine.Message;

/**
 * Writes messages to one connection: method, header and body in one go, or, for a large body, the
 * body bit by bit as the socket takes it. Runs on the connection's loop.
 */
final class MessageWriter {
  private final AmqpConnection connection;
  private final Outbound out;

  MessageWriter(AmqpConnection connection, Outbound out) {
    this.connection = connection;
    this.out = out;
  }

  /**
   * basic.deliver.
   *
   * @param encodedTag the consumer tag with its length octet
   */
  void deliver(int channel, byte[] encodedTag, long tag, boolean redelivered, Message message) {
    ByteBuf buffer = out.buffer();
    String exchange = message.exchange();
    String key = message.routingKey();
    Content content = message.content();
    if (content.body() instanceof Body.Inline) {
      int frameMax = connection.frameMax();
      DeliveryWriter.deliver(
          buffer, channel, encodedTag, tag, redelivered, exchange, key, content, frameMax);
      appended();
    } else {
      DeliveryWriter.deliverHead(
          buffer, channel, encodedTag, tag, redelivered, exchange, key, content);
      stream(channel, content);
    }
  }

  /** basic.get-ok. */
  void getOk(int channel, long tag, boolean redelivered, long remaining, Message message) {
    DeliveryWriter.getOkHead(
        out.buffer(),
        channel,
        tag,
        redelivered,
        message.exchange(),
        message.routingKey(),
        remaining,
        message.content());
    stream(channel, message.content());
  }

  /** basic.return of a message without a route. */
  void returned(int channel, String exchange, String routingKey, Content content) {
    DeliveryWriter.returnedHead(
        out.buffer(),
        channel,
        ReplyCode.NO_ROUTE.code(),
        ReplyCode.NO_ROUTE.name(),
        exchange,
        routingKey,
        content);
    stream(channel, content);
  }

  private void stream(int channel, Content content) {
    BodyWriter body = new BodyWriter(channel, content.body(), connection.frameMax());
    if (content.body() instanceof Body.Inline) {
      body.write(out.buffer(), Long.MAX_VALUE);
    } else {
      out.stream(body);
    }
    appended();
  }

  private void appended() {
    out.appended();
    connection.output().flushAtTurnEnd();
  }
}
