package org.warrenmq.conformance.crash;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import com.rabbitmq.client.impl.ForgivingExceptionHandler;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.warrenmq.conformance.crash.Landscape.Route;

/**
 * What the actors of one load share: connections to one broker process, the books, and whether it
 * is time to stop. For any thread.
 */
final class Stage {
  private static final int HANDSHAKE_MILLIS = 60_000;

  private final ConnectionFactory factory;
  private final CountDownLatch over = new CountDownLatch(1);
  private final List<Connection> connections = new CopyOnWriteArrayList<>();
  private final Set<Integer> closeCodes = new ConcurrentSkipListSet<>();
  private volatile boolean endExpected;
  private volatile String blocked = "";
  final Ledger ledger;
  final Bodies bodies;

  Stage(String uri, Ledger ledger, Bodies bodies) {
    this.factory = factory(uri);
    this.ledger = ledger;
    this.bodies = bodies;
  }

  /** The end of connections is what this is about: the client need not complain of each. */
  private static final class Unsurprised extends ForgivingExceptionHandler {
    @Override
    protected void log(String message, Throwable cause) {
      // The actors fail by themselves when something is wrong.
    }
  }

  static ConnectionFactory factory(String uri) {
    var factory = new ConnectionFactory();
    try {
      factory.setUri(uri);
    } catch (URISyntaxException | GeneralSecurityException e) {
      throw new IllegalArgumentException("not an AMQP address: " + uri, e);
    }
    factory.setAutomaticRecoveryEnabled(false);
    factory.setTopologyRecoveryEnabled(false);
    // Half of it is for the first answer, which on a busy machine takes a new process seconds.
    factory.setHandshakeTimeout(HANDSHAKE_MILLIS);
    factory.setExceptionHandler(new Unsurprised());
    return factory;
  }

  Connection connect() throws Exception {
    Connection connection = factory.newConnection();
    connections.add(connection);
    connection.addBlockedListener(reason -> blocked = reason, () -> blocked = "");
    connection.addShutdownListener(this::noteEnd);
    return connection;
  }

  private void noteEnd(ShutdownSignalException signal) {
    if (!signal.isInitiatedByApplication()
        && signal.getReason() instanceof AMQP.Connection.Close close) {
      closeCodes.add(close.getReplyCode());
    }
  }

  /** With what codes the broker has closed connections; those it dropped are not among them. */
  Set<Integer> closeCodes() {
    return Set.copyOf(closeCodes);
  }

  /** Why the broker takes no publishes now, as it says; empty when it takes them. */
  String blocked() {
    return blocked;
  }

  boolean anyOpen() {
    return connections.stream().anyMatch(Connection::isOpen);
  }

  void abortAll() {
    connections.forEach(connection -> connection.abort(1_000));
  }

  // ---------------------------------------------------------------- time

  boolean isOver() {
    return over.getCount() == 0;
  }

  /** Actors come to their end in good order. */
  void end() {
    over.countDown();
  }

  /** From now on the broker may vanish. */
  void expectEnd() {
    endExpected = true;
  }

  boolean isEndExpected() {
    return endExpected;
  }

  /** Waits for the end of the load, for a moment at most. */
  void pause(long millis) throws InterruptedException {
    over.await(millis, TimeUnit.MILLISECONDS);
  }

  // ---------------------------------------------------------------- messages

  static AMQP.BasicProperties properties(long id) {
    return new AMQP.BasicProperties.Builder().deliveryMode(2).messageId(Ledger.name(id)).build();
  }

  static void send(Channel channel, Route route, long id, byte[] body) throws Exception {
    channel.basicPublish(route.exchange(), route.key(), properties(id), body);
  }

  /** Notes a delivery and returns its id. */
  long delivered(String queue, AMQP.BasicProperties properties, boolean redelivered, byte[] body) {
    long id = Ledger.id(properties.getMessageId());
    ledger.account(queue).delivered(id, redelivered, bodies.isIntact(id, body));
    return id;
  }

  /** Ends a wait for something that a closed channel will never bring. */
  static void requireOpen(Channel channel) {
    if (!channel.isOpen()) {
      throw new AlreadyClosedException(channel.getCloseReason());
    }
  }
}
