package org.warrenmq.broker.amqp;

import io.netty.buffer.ByteBuf;
import org.warrenmq.codec.Body;
import org.warrenmq.codec.BodyWriter;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.DeliveryWriter;
import org.warrenmq.codec.ReplyCode;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.message.Message;

/**
 * Writes messages to one connection: method, header and body in one go, or, for a large body, the
 * body bit by bit as the socket takes it. Takes over the hold on a body that lies in the store.
 * Runs on the connection's loop.
 */
final class MessageWriter {
  /** The largest body that is written in one go. */
  private static final int MAX_WHOLE = 64 * 1024;

  private final LoopStore store;
  private final TurnOutput output;
  private final Outbound out;
  private final int frameMax;

  /**
   * @param out what the output's turns flush
   * @param frameMax as negotiated
   */
  MessageWriter(LoopStore store, TurnOutput output, Outbound out, int frameMax) {
    this.store = store;
    this.output = output;
    this.out = out;
    this.frameMax = frameMax;
  }

  /**
   * basic.deliver.
   *
   * @param encodedTag the consumer tag with its length octet
   */
  void deliver(int channel, byte[] encodedTag, long tag, boolean redelivered, Message message) {
    Content content = message.shown();
    if (out.isClosed()) {
      store.bodies().release(content.body());
      return;
    }
    ByteBuf buffer = out.buffer();
    String exchange = message.exchange();
    String key = message.routingKey();
    if (isWhole(content.body())) {
      DeliveryWriter.deliver(
          buffer, channel, encodedTag, tag, redelivered, exchange, key, content, frameMax);
      appended();
    } else {
      DeliveryWriter.deliverHead(
          buffer, channel, encodedTag, tag, redelivered, exchange, key, content);
      stream(channel, content);
    }
  }

  private static boolean isWhole(Body body) {
    return body instanceof Body.Inline(byte[] bytes) && bytes.length <= MAX_WHOLE;
  }

  /** basic.get-ok. */
  void getOk(int channel, long tag, boolean redelivered, long remaining, Message message) {
    if (out.isClosed()) {
      store.bodies().release(message.content().body());
      return;
    }
    Content content = message.shown();
    DeliveryWriter.getOkHead(
        out.buffer(),
        channel,
        tag,
        redelivered,
        message.exchange(),
        message.routingKey(),
        remaining,
        content);
    stream(channel, content);
  }

  /** basic.return of a message without a route. */
  void returned(int channel, String exchange, String routingKey, Content content) {
    if (out.isClosed()) {
      store.bodies().release(content.body());
      return;
    }
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
    if (content.body() instanceof Body.Inline(byte[] bytes) && bytes.length <= MAX_WHOLE) {
      new BodyWriter(channel, bytes, frameMax).write(out.buffer(), Long.MAX_VALUE);
    } else {
      Runnable goOn = output::writable;
      out.stream(new BodyStream(channel, content.body(), frameMax, store.bodies(), goOn));
    }
    appended();
  }

  private void appended() {
    out.appended();
    output.flushAtTurnEnd();
  }
}
