package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.CHANNEL_ERROR;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.codec.ConnectionError;
import org.warrenmq.codec.ConnectionMethod;
import org.warrenmq.codec.Method;
import org.warrenmq.codec.ProtocolHeader;

/**
 * A connection until it is open: its protocol header, its {@link Handshake}, and the time both may
 * take. Runs on the connection's loop.
 */
final class Opening {
  private static final Logger log = LoggerFactory.getLogger(Opening.class);

  private final AmqpConnection connection;
  private final Handshake handshake;
  private ByteBuf header = Unpooled.EMPTY_BUFFER;
  private @Nullable ScheduledFuture<?> timer;

  Opening(AmqpConnection connection, Handshake handshake) {
    this.connection = connection;
    this.handshake = handshake;
  }

  /** Gives the client so long. */
  void within(long millis) {
    timer =
        connection
            .loop()
            .schedule(
                millis,
                () -> {
                  log.warn("{} did not complete the handshake in time", connection.peer());
                  connection.drop();
                });
  }

  /** The connection is open, or gone. */
  void stopWaiting() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  /**
   * Reads the protocol header, in whatever pieces it comes.
   *
   * @return true once it is complete; a wrong one has been answered then
   */
  boolean readHeader(ByteBuf in) {
    int missing = ProtocolHeader.SIZE - header.readableBytes();
    ByteBuf eight = Unpooled.buffer(ProtocolHeader.SIZE);
    eight.writeBytes(header).writeBytes(in, Math.min(missing, in.readableBytes()));
    header = eight;
    if (header.readableBytes() < ProtocolHeader.SIZE) {
      return false;
    }
    header = Unpooled.EMPTY_BUFFER;
    if (ProtocolHeader.classify(eight) == ProtocolHeader.Kind.AMQP_0_9_1) {
      connection.send(0, handshake.start());
    } else {
      in.skipBytes(in.readableBytes());
      connection.refuseProtocol();
    }
    return true;
  }

  /** Takes a method before the connection is open. */
  void method(int number, Method method) {
    if (number != 0) {
      throw new ConnectionError(CHANNEL_ERROR, "method on channel " + number + " before open");
    }
    if (method instanceof ConnectionMethod.Close) {
      connection.send(0, new ConnectionMethod.CloseOk());
      connection.closed();
      return;
    }
    try {
      act(handshake.take(method));
    } catch (ConnectionError error) {
      // A refused login names no method, everything later does.
      connection.fail(
          method instanceof ConnectionMethod.StartOk
              ? error
              : error.at(method.classId(), method.methodId()));
    }
  }

  private void act(Handshake.Step step) {
    switch (step) {
      case Handshake.Step.Reply(Method reply) -> connection.send(0, reply);
      case Handshake.Step.Tuned(Handshake.Tuning tuning) -> connection.tuned(tuning);
      case Handshake.Step.Opened opened -> {
        connection.opened(opened);
        connection.send(0, new ConnectionMethod.OpenOk());
      }
      case Handshake.Step.Silence() -> connection.endSilently();
    }
  }
}
