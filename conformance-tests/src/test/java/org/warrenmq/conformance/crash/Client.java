package org.warrenmq.conformance.crash;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.io.IOException;
import org.warrenmq.conformance.BrokerProcess;

/** A connection to a broker that may be gone before it is closed. Used by the test thread. */
record Client(Connection connection) implements AutoCloseable {

  static Client of(BrokerProcess broker) throws Exception {
    return new Client(Stage.factory(broker.uri()).newConnection());
  }

  Channel channel() throws IOException {
    return connection.createChannel();
  }

  @Override
  public void close() {
    connection.abort(1_000);
  }
}
