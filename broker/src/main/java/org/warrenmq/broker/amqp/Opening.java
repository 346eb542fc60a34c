package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.CHANNEL_ERROR;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.ConnectionError;
import org.warrenmq.codec.ConnectionMethod;
import org.warrenmq.codec.Method;
import org.warrenmq.codec.ProtocolHeader;
import org.warrenmq.engine.loop.RoomLoop;

/**
 * A connection until it is open: its protocol header, its {@link Handshake}, and the time both may
 * take. Runs on the connection's loop.
 */
final class Opening {
  private static final int TLS_HANDSHAKE = 22;
  private static final int TLS_MAJOR = 3;

  /** The beginning of a request. */
  private static final int HTTP_GET = 'G' << 24 | 'E' << 16 | 'T' << 8 | ' ';

  private final Handshake handshake;
  private final Outbound outbound;
  private final TurnOutput output;
  private final Input input;
  private final Ending ending;
  private final Progress progress;
  private ByteBuf header = Unpooled.EMPTY_BUFFER;
  private boolean hasHeader;
  private @Nullable ScheduledFuture<?> timer;

  /** Told how far the connection is. */
  interface Progress {
    /** The client speaks another protocol, which is not spoken here. */
    void strange(String protocol);

    /** What tune-ok said holds from now on. */
    void tuned(Handshake.Tuning tuning);

    /** The connection is open, and the client is told. */
    void opened(Handshake.Step.Opened as);
  }

  Opening(
      Handshake handshake,
      Outbound outbound,
      TurnOutput output,
      Input input,
      Ending ending,
      Progress progress) {
    this.handshake = handshake;
    this.outbound = outbound;
    this.output = output;
    this.input = input;
    this.ending = ending;
    this.progress = progress;
  }

  /** Gives the client so long. */
  void within(RoomLoop loop, long millis, Runnable whenLate) {
    timer = loop.schedule(millis, whenLate);
  }

  /** The socket is closed. */
  void socketClosed() {
    stopWaiting();
    handshake.end();
  }

  private void stopWaiting() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  /** Whether the protocol header has come, and methods follow. */
  boolean hasHeader() {
    return hasHeader;
  }

  /** Reads the protocol header, in whatever pieces it comes; answers a wrong one. */
  void readHeader(ByteBuf in) {
    int missing = ProtocolHeader.SIZE - header.readableBytes();
    ByteBuf eight = Unpooled.buffer(ProtocolHeader.SIZE);
    eight.writeBytes(header).writeBytes(in, Math.min(missing, in.readableBytes()));
    header = eight;
    if (header.readableBytes() < ProtocolHeader.SIZE) {
      return;
    }
    header = Unpooled.EMPTY_BUFFER;
    hasHeader = true;
    if (ProtocolHeader.classify(eight) == ProtocolHeader.Kind.AMQP_0_9_1) {
      output.send(0, handshake.start());
    } else {
      in.skipBytes(in.readableBytes());
      tellOfProtocol(eight);
      refuseProtocol();
    }
  }

  /** What is easily mistaken is worth a hint to whoever looks for it. */
  private void tellOfProtocol(ByteBuf header) {
    if (header.getUnsignedByte(0) == TLS_HANDSHAKE && header.getUnsignedByte(1) == TLS_MAJOR) {
      progress.strange("TLS, on a port without it");
    } else if (header.getInt(0) == HTTP_GET) {
      progress.strange("HTTP, on a port for AMQP");
    }
  }

  /** Another protocol was asked for: says which one there is, and closes. */
  private void refuseProtocol() {
    ending.over();
    ProtocolHeader.write(outbound.buffer());
    outbound.flushAndClose();
  }

  /** Takes a method before the connection is open. */
  void method(int number, Method method) {
    if (number != 0) {
      throw new ConnectionError(CHANNEL_ERROR, "method on channel " + number + " before open");
    }
    if (method instanceof ConnectionMethod.Close) {
      ending.closedByClient();
      return;
    }
    act(handshake.take(method, this::answered));
  }

  /** What came of a method that had to wait. */
  private void answered(Handshake.Step step) {
    input.goOn();
    act(step);
  }

  private void act(Handshake.Step step) {
    switch (step) {
      case Handshake.Step.Reply(Method reply) -> output.send(0, reply);
      case Handshake.Step.Wait() -> input.hold();
      case Handshake.Step.Tuned(Handshake.Tuning tuning) -> progress.tuned(tuning);
      case Handshake.Step.Opened opened -> {
        stopWaiting();
        output.send(0, new ConnectionMethod.OpenOk());
        progress.opened(opened);
      }
      case Handshake.Step.Refuse(ConnectionError error) -> ending.fail(error);
      case Handshake.Step.Silence() -> ending.endSilently();
    }
  }
}
