package org.warrenmq.broker.amqp;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.warrenmq.codec.ReplyCode.CONNECTION_FORCED;
import static org.warrenmq.codec.ReplyCode.INTERNAL_ERROR;

import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.topology.Asker;
import org.warrenmq.broker.topology.ConnectionId;
import org.warrenmq.broker.topology.TopologyCommand;
import org.warrenmq.broker.topology.TopologyRequest;
import org.warrenmq.codec.AmqpError;
import org.warrenmq.codec.ConnectionError;
import org.warrenmq.codec.ConnectionMethod;
import org.warrenmq.codec.Method;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.RoomLoop;

/**
 * The end of a connection, whoever wants it: what is said then, what the connection gives back,
 * once, and the time its socket still has. Runs on the connection's loop.
 */
final class Ending implements Faults, Asker {
  private static final Logger log = LoggerFactory.getLogger(Ending.class);

  /** How long a refused client that must not be told is kept waiting, in seconds. */
  private static final int SILENCE_SECONDS = 3;

  /** How long the peer has to answer a close, or to close its socket after one, in seconds. */
  private static final int CLOSE_SECONDS = 5;

  /**
   * What is read after a close, in bytes: about what was under way in the sockets' buffers, so that
   * a client that sent a lot finds the close, and we its answer.
   */
  private static final int MAX_DRAINED = 8 << 20;

  /** The same when the client has closed as well: what can still come is close-ok. */
  private static final int LITTLE = 64 << 10;

  /** In the order in which a connection passes them; some are left out. */
  private enum State {
    NOT_BEGUN,
    /** The client's close is being carried out. */
    RELEASING,
    /** We sent close and wait for close-ok. */
    CLOSING,
    /** The same, and the client's own close came meanwhile and is answered. */
    CROSSED,
    /** Nothing is expected but the end of the socket. */
    CLOSED
  }

  private final Channel socket;
  private final RoomLoop loop;
  private final ReadGate gate;
  private final TurnOutput output;
  private final Releases releases;
  private final ConnectionId id;
  private State state = State.NOT_BEGUN;

  /** What an open connection has to give back; null before, and when that is done. */
  private @Nullable Channels channels;

  private @Nullable ScheduledFuture<?> timer;
  private int drained;

  /** Read by the topology: no more exclusive queues for this connection. */
  private volatile boolean queuesReleased;

  Ending(
      Channel socket,
      RoomLoop loop,
      ReadGate gate,
      TurnOutput output,
      Releases releases,
      ConnectionId id) {
    this.socket = socket;
    this.loop = loop;
    this.gate = gate;
    this.output = output;
    this.releases = releases;
    this.id = id;
  }

  /** The connection is open: from now on it has something to give back. */
  void opened(Channels ofConnection) {
    channels = ofConnection;
  }

  /** What the connection is to the topology. */
  ConnectionId id() {
    return id;
  }

  boolean hasBegun() {
    return state != State.NOT_BEGUN;
  }

  /** Whether nothing that the client still says matters. */
  boolean isOver() {
    return state == State.CLOSED;
  }

  // What is said.

  @Override
  public void refused(int channel, AmqpError error) {
    log.info("{} channel {}: {}", peer(), channel, error.textWithoutOctets());
  }

  @Override
  public void timedOut(int channel, String consumerTag, long millis) {
    log.warn(
        "{} channel {}: consumer '{}' has not acknowledged a delivery within {} ms and is"
            + " cancelled",
        peer(),
        channel,
        consumerTag,
        millis);
  }

  @Override
  public void fail(AmqpError error) {
    if (hasClosed()) {
      return;
    }
    log.info("{}: {}", peer(), error.textWithoutOctets());
    close(error.code().code(), error.text(), error.classId(), error.methodId());
  }

  @Override
  public void failInside(RuntimeException fault) {
    log.error("connection from {} failed", peer(), fault);
    fail(new ConnectionError(INTERNAL_ERROR, "internal error"));
  }

  /** The broker stops, or an operator closes the connection. */
  void force(String reason) {
    if (channels != null && !hasBegun()) {
      close(CONNECTION_FORCED.code(), CONNECTION_FORCED.name() + " - " + reason, 0, 0);
    } else if (!hasBegun()) {
      socket.close();
    }
    // Otherwise it ends already, and its client hears of that.
  }

  /** We have said the last we had to say, but for an answer to the client's own close. */
  private boolean hasClosed() {
    return state.compareTo(State.CLOSING) >= 0;
  }

  private void close(int code, String text, int classId, int methodId) {
    output.writeConfirms();
    output.send(0, new ConnectionMethod.Close(code, text, classId, methodId));
    state = State.CLOSING;
    release(() -> {});
    closeSocketIn(CLOSE_SECONDS);
  }

  /** The client asked for it: what it asked for before is carried out, and then it is told. */
  void closedByClient() {
    state = State.RELEASING;
    if (channels == null) {
      answerClose();
    } else {
      channels.finish(
          () -> {
            // Of what is known by now; the rest comes too late, as with RabbitMQ.
            output.writeConfirms();
            release(this::answerClose);
          });
    }
  }

  private void answerClose() {
    if (state == State.RELEASING) {
      output.send(0, new ConnectionMethod.CloseOk());
      state = State.CLOSED;
      expectLittle();
      closeSocketIn(CLOSE_SECONDS);
    }
  }

  /** The client gets no answer, and after a while no socket. */
  void endSilently() {
    state = State.CLOSED;
    closeSocketIn(SILENCE_SECONDS);
  }

  /** The socket closes as soon as what was said has gone out. */
  void over() {
    state = State.CLOSED;
  }

  // What still comes.

  /** A method of the connection, or of a channel, after the end has begun. */
  void method(Method method) {
    switch (method) {
      case ConnectionMethod.CloseOk _ when state == State.CLOSING || state == State.CROSSED -> {
        state = State.CLOSED;
        socket.close();
      }
      case ConnectionMethod.Close _ when state == State.CLOSING -> {
        state = State.CROSSED;
        output.send(0, new ConnectionMethod.CloseOk());
        expectLittle();
      }
      default -> {
        // Sent before the client saw our close. Nothing more is answered: the gate is open.
      }
    }
  }

  /** The client has closed, too: nothing of any length may follow. */
  private void expectLittle() {
    drained = Math.max(drained, MAX_DRAINED - LITTLE);
  }

  /** So much more came after a close. Who goes on is not read any more; the time runs on. */
  void drained(int octets) {
    drained += octets;
    if (drained >= MAX_DRAINED) {
      gate.closeForGood();
    }
  }

  // What is given back.

  /**
   * Gives everything back, once: unsettled messages first, then exclusive queues. {@code done} runs
   * when all of it is done.
   */
  private void release(Runnable done) {
    Channels open = channels;
    if (open != null) {
      channels = null;
      open.end(() -> releaseQueues(done));
    }
  }

  private void releaseQueues(Runnable done) {
    queuesReleased = true;
    releases.add(
        new TopologyRequest(
            new TopologyCommand.ReleaseConnection(id), new ReplyTo<>(loop, _ -> done.run())));
  }

  @Override
  public boolean isGone() {
    return queuesReleased;
  }

  // The socket.

  private Object peer() {
    return socket.remoteAddress();
  }

  /** Closes it after so long; until then what the peer still says is read. */
  private void closeSocketIn(int seconds) {
    gate.openForGood();
    if (timer == null) {
      timer = loop.schedule(SECONDS.toMillis(seconds), this::cutOff);
    }
  }

  private void cutOff() {
    log.info("{} did not close its socket in time", peer());
    socket.close();
  }

  /** The socket is closed. */
  void socketClosed() {
    if (timer != null) {
      timer.cancel(false);
    }
    if (!hasBegun()) {
      release(() -> {});
    }
    state = State.CLOSED;
  }
}
