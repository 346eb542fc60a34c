package org.warrenmq.broker.amqp;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.topology.TopologyCommand;
import org.warrenmq.broker.topology.TopologyRequest;
import org.warrenmq.engine.loop.ReplyTo;

/**
 * The end of a connection: what it gives back, once, and the time its socket still has. Runs on the
 * connection's loop.
 */
final class Ending {
  private static final Logger log = LoggerFactory.getLogger(Ending.class);

  /**
   * What is read after a close, in bytes: about what was under way in the sockets' buffers, so that
   * a client that sent a lot finds the close, and we its answer.
   */
  private static final long MAX_DRAINED = 8L << 20;

  /** The same when the client has closed as well: what can still come is close-ok. */
  private static final long LITTLE = 64 << 10;

  private final AmqpConnection connection;
  private final Server server;
  private final Channels channels;
  private @Nullable ScheduledFuture<?> timer;
  private boolean released;
  private long drained;

  /** Read by the topology: no more exclusive queues for this connection. */
  private volatile boolean queuesReleased;

  Ending(AmqpConnection connection, Server server, Channels channels) {
    this.connection = connection;
    this.server = server;
    this.channels = channels;
  }

  /**
   * Gives everything back, once: unsettled messages first, then exclusive queues. {@code done} runs
   * when all of it is done.
   */
  void release(Runnable done) {
    if (!released) {
      released = true;
      channels.end(() -> releaseQueues(done));
    }
  }

  private void releaseQueues(Runnable done) {
    queuesReleased = true;
    server
        .releases()
        .add(
            new TopologyRequest(
                new TopologyCommand.ReleaseConnection(connection.id()),
                new ReplyTo<>(connection.loop(), _ -> done.run())));
  }

  /** Any thread. */
  boolean queuesReleased() {
    return queuesReleased;
  }

  /** Closes the socket after so long; until then what the peer still says is read. */
  void closeSocketIn(int seconds) {
    connection.gate().openForGood();
    if (timer == null) {
      timer = connection.loop().schedule(SECONDS.toMillis(seconds), this::cutOff);
    }
  }

  /** The client has closed, too: nothing of any length may follow. */
  void expectLittle() {
    drained = Math.max(drained, MAX_DRAINED - LITTLE);
  }

  /** So much more came after a close. Who goes on is not read any more; the time runs on. */
  void drained(long octets) {
    drained += octets;
    if (drained >= MAX_DRAINED) {
      connection.gate().closeForGood();
    }
  }

  private void cutOff() {
    log.info("{} did not close its socket in time", connection.peer());
    connection.drop();
  }

  /** The socket is closed. */
  void stopWaiting() {
    if (timer != null) {
      timer.cancel(false);
    }
  }
}
