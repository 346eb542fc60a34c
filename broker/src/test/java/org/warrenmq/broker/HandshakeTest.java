package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.warrenmq.broker.TestBroker.await;

import com.rabbitmq.client.AMQP;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections that stop somewhere on the way to open. */
class HandshakeTest {
  private static final Duration TIMEOUT = Duration.ofMillis(300);
  @AutoClose private static TestBroker broker;

  @BeforeAll
  static void start() throws Exception {
    // The very first handshake loads classes, which may take longer than the timeout.
    try (TestBroker patient = TestBroker.start();
        RawClient first = RawClient.connect(patient.port())) {
      first.open(Map.of());
    }
    broker = TestBroker.start(limits -> TestBroker.withHandshakeTimeout(limits, TIMEOUT));
  }

  /** How far a client goes before it says nothing more. */
  enum Stop {
    NOTHING {
      @Override
      void reach(RawClient client) {
        // Not an octet.
      }
    },
    HALF_A_HEADER {
      @Override
      void reach(RawClient client) throws IOException {
        client.send(Arrays.copyOf(RawClient.PROTOCOL_HEADER, 5));
      }
    },
    HEADER {
      @Override
      void reach(RawClient client) throws IOException {
        client.send(RawClient.PROTOCOL_HEADER);
        client.expect(0, AMQP.Connection.Start.class);
      }
    },
    HALF_A_START_OK {
      @Override
      void reach(RawClient client) throws IOException {
        HEADER.reach(client);
        byte[] startOk = RawClient.frame(0, RawClient.startOk(Map.of()));
        client.send(Arrays.copyOf(startOk, startOk.length / 2));
      }
    },
    START_OK {
      @Override
      void reach(RawClient client) throws IOException {
        HEADER.reach(client);
        client.send(0, RawClient.startOk(Map.of()));
        client.expect(0, AMQP.Connection.Tune.class);
      }
    },
    TUNE_OK {
      @Override
      void reach(RawClient client) throws IOException {
        START_OK.reach(client);
        client.send(0, RawClient.tuneOk());
      }
    };

    abstract void reach(RawClient client) throws IOException;
  }

  @ParameterizedTest(name = "after {0}")
  @EnumSource
  @DisplayName("a handshake that stops is cut after the timeout")
  void cut(Stop stop) throws Exception {
    long begin = System.nanoTime();
    try (RawClient client = RawClient.connect(broker.port())) {
      stop.reach(client);
      assertThat(client.reachesEnd()).isTrue();
    }
    Duration lived = Duration.ofNanos(System.nanoTime() - begin);
    assertThat(lived).isBetween(TIMEOUT.minusMillis(20), TIMEOUT.plusSeconds(3));
  }

  @Test
  @DisplayName("an open connection is not cut, however long it says nothing")
  void openConnectionLives() throws Exception {
    try (RawClient client = RawClient.connect(broker.port())) {
      client.open(Map.of());
      // This one is cut after the first would have been.
      try (RawClient cutLater = RawClient.connect(broker.port())) {
        assertThat(cutLater.reachesEnd()).isTrue();
      }
      client.openChannel(2);
      client.send(2, new AMQP.Channel.Flow.Builder().active(true).build());
      assertThat(client.expect(2, AMQP.Channel.FlowOk.class).getActive()).isTrue();
    }
  }

  @Test
  @DisplayName("header octets may come one by one")
  void headerInPieces() throws Exception {
    try (RawClient client = RawClient.connect(broker.port())) {
      for (byte octet : RawClient.PROTOCOL_HEADER) {
        client.send(new byte[] {octet});
      }
      assertThat(client.expect(0, AMQP.Connection.Start.class).getVersionMinor()).isEqualTo(9);
    }
  }

  @Test
  @DisplayName("connections that are cut give everything back outside the heap")
  void cutConnectionsLeaveNothing() throws Exception {
    for (int round = 0; round < 2; round++) {
      cutFifty();
    }
    long before = PlatformDependent.usedDirectMemory();
    for (int round = 0; round < 3; round++) {
      cutFifty();
    }
    await("direct memory as before")
        .until(() -> PlatformDependent.usedDirectMemory() <= before + (1 << 20));
    assertThat(PlatformDependent.usedDirectMemory()).isLessThanOrEqualTo(before + (1 << 20));
  }

  private static void cutFifty() throws IOException {
    RawClient[] clients = new RawClient[50];
    for (int i = 0; i < clients.length; i++) {
      clients[i] = RawClient.connect(broker.port());
      byte[] startOk = RawClient.frame(0, RawClient.startOk(Map.of()));
      clients[i].send(RawClient.PROTOCOL_HEADER);
      clients[i].send(Arrays.copyOf(startOk, startOk.length / 2));
    }
    for (RawClient client : clients) {
      client.expect(0, AMQP.Connection.Start.class);
      assertThat(client.reachesEnd()).isTrue();
      client.close();
    }
  }
}
