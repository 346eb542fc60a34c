package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.EOFException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Silence on a connection, noticed or not. How long the idle clients are: system property {@code
 * idle.seconds}.
 */
class HeartbeatTest extends ConformanceTest {
  private static final int CLIENTS = 40;
  private static final long IDLE_SECONDS = Long.getLong("idle.seconds", 12);

  @Test
  @Behaviour({48, 49})
  @DisplayName("a silent client with heartbeats ends after 2 to 3 intervals, without it stays")
  void silentClientEndsWithoutCloseFrame() throws Exception {
    RawConnection withoutHeartbeats = rawConnection();
    withoutHeartbeats.open(2047, 131072, 0);
    withoutHeartbeats.openChannel(1);
    RawConnection silent = rawConnection();
    long begin = System.nanoTime();
    silent.open(2047, 131072, 1);

    int heartbeats = 0;
    try {
      while (true) {
        RawFrame frame = silent.readAny();
        assertThat(frame.type()).as("only heartbeats: %s", frame).isEqualTo(RawFrame.HEARTBEAT);
        assertThat(frame.channel()).isZero();
        assertThat(frame.payload()).isEmpty();
        heartbeats++;
      }
    } catch (EOFException | SocketException e) {
      // The end that this test waits for.
    }

    Duration lived = Duration.ofNanos(System.nanoTime() - begin);
    assertThat(lived).isBetween(Duration.ofMillis(1500), Duration.ofMillis(5000));
    assertThat(heartbeats).isGreaterThanOrEqualTo(2);

    // All that time nothing was sent to the client without heartbeats, and it may go on.
    withoutHeartbeats.expectSilence(Duration.ofMillis(100));
    withoutHeartbeats.send(1, new AMQP.Channel.Flow.Builder().active(true).build());
    assertThat(withoutHeartbeats.expect(1, AMQP.Channel.FlowOk.class).getActive()).isTrue();
  }

  @Test
  @Behaviour(48)
  @DisplayName("the broker sends a heartbeat each half interval; any traffic of the client counts")
  void trafficCountsAsHeartbeat() throws Exception {
    RawConnection busy = rawConnection();
    busy.open(2047, 131072, 1);
    busy.openChannel(1);
    RawConnection beating = rawConnection();
    beating.open(2047, 131072, 1);
    long begin = System.nanoTime();
    int heartbeats = 0;

    // Longer than a silent client would live; the broker's heartbeats give the pace.
    while (System.nanoTime() - begin < Duration.ofSeconds(5).toNanos()) {
      assertThat(beating.readAny().type()).isEqualTo(RawFrame.HEARTBEAT);
      heartbeats++;
      beating.send(RawFrame.HEARTBEAT, 0, new byte[0]);
      busy.send(1, new AMQP.Channel.Flow.Builder().active(true).build());
      assertThat(busy.expect(1, AMQP.Channel.FlowOk.class).getActive()).isTrue();
    }

    assertThat(heartbeats).isBetween(7, 14);
  }

  @Test
  @Behaviour(48)
  @DisplayName("the first heartbeat comes half an interval after tune-ok, whatever was said since")
  void firstHeartbeat() throws Exception {
    RawConnection raw = rawConnection();
    raw.login(raw.hello());
    long begin = System.nanoTime();
    raw.tuneOk(2047, 131072, 4);
    raw.openVhost("/");
    raw.expect(0, AMQP.Connection.OpenOk.class);
    raw.openChannel(1);

    assertThat(raw.readAny().type()).isEqualTo(RawFrame.HEARTBEAT);
    Duration first = Duration.ofNanos(System.nanoTime() - begin);

    // Half an interval later it would be 4 seconds.
    assertThat(first).isBetween(Duration.ofMillis(1900), Duration.ofMillis(3500));
  }

  /** Their read time-out is one interval exactly. */
  @Test
  @Behaviour(48)
  @DisplayName("idle clients of the Java library on Netty live on")
  void idleClientsOnNetty() throws Exception {
    var group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    List<Connection> idle = new ArrayList<>();
    try {
      ConnectionFactory factory = broker.factory();
      factory.setRequestedHeartbeat(2);
      factory.setAutomaticRecoveryEnabled(false);
      factory.netty().eventLoopGroup(group);
      var ends = new LinkedBlockingQueue<ShutdownSignalException>();
      for (int i = 0; i < CLIENTS; i++) {
        Connection connection = factory.newConnection();
        idle.add(connection);
        assertThat(connection.getHeartbeat()).isEqualTo(2);
        connection.addShutdownListener(ends::add);
        connection.createChannel();
      }

      assertThat(ends.poll(IDLE_SECONDS, TimeUnit.SECONDS)).as("the first end").isNull();

      for (Connection connection : idle) {
        connection.createChannel();
        connection.close();
      }
    } finally {
      // Without their event loop those that are left would wait for their close-ok for ever.
      idle.forEach(connection -> connection.abort(1000));
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }
}
