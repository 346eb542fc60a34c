package org.warrenmq.conformance.chaos;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import com.rabbitmq.client.impl.ForgivingExceptionHandler;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Connections that have to last as long as their clients want; for any thread. */
final class HonestClients implements AutoCloseable {
  private static final int CLOSE_MILLIS = 10_000;

  private final ConnectionFactory factory = new ConnectionFactory();
  private final List<Connection> connections = new CopyOnWriteArrayList<>();
  private final Faults faults;

  HonestClients(String uri, Faults faults) throws Exception {
    this.faults = faults;
    factory.setUri(uri);
    factory.setAutomaticRecoveryEnabled(false);
    factory.setTopologyRecoveryEnabled(false);
    factory.setExceptionHandler(new ForgivingExceptionHandler());
  }

  /** A channel on a connection of its own. */
  Channel channel() throws Exception {
    Connection connection = factory.newConnection();
    connections.add(connection);
    connection.addShutdownListener(this::noteEnd);
    Channel channel = connection.createChannel();
    channel.addShutdownListener(this::noteEnd);
    return channel;
  }

  private void noteEnd(ShutdownSignalException signal) {
    if (!signal.isInitiatedByApplication()) {
      faults.add("an honest client was closed: %s", signal);
    }
  }

  @Override
  public void close() {
    connections.forEach(connection -> connection.abort(CLOSE_MILLIS));
  }
}
