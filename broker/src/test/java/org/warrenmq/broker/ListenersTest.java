package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.config.BrokerConfig.Listener;
import org.warrenmq.broker.config.StartupException;

/** A broker that lets clients in at more than one place. */
class ListenersTest {
  @TempDir private Path data;

  private Broker start(Listener... listeners) throws StartupException {
    return Broker.start(
        BrokerConfig.defaults()
            .withListeners(new BrokerConfig.Listeners(List.of(listeners), 0))
            .withDataDir(data)
            .withEventLoops(2));
  }

  @Test
  @DisplayName("clients come in at each of them")
  void several() throws Exception {
    try (Broker broker = start(new Listener("127.0.0.1", 0), new Listener("127.0.0.1", 0))) {
      assertThat(broker.amqpPorts()).hasSize(2).doesNotHaveDuplicates();
      assertThat(broker.amqpPort()).isEqualTo(broker.amqpPorts().getFirst());
      for (int port : broker.amqpPorts()) {
        // Often enough for each of the loops.
        for (int i = 0; i < 4; i++) {
          try (RawClient client = RawClient.connect(port)) {
            client.send(RawClient.PROTOCOL_HEADER);
            client.expect(0, AMQP.Connection.Start.class);
          }
        }
      }
    }
  }

  @Test
  @DisplayName("one that is taken is named")
  void taken() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      int port = other.getLocalPort();
      assertThatThrownBy(
              () -> start(new Listener("127.0.0.1", 0), new Listener("127.0.0.1", port)).close())
          .isInstanceOf(StartupException.class)
          .hasMessageStartingWith("cannot listen on 127.0.0.1:" + port + ": ");
    }
  }
}
