package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import java.io.EOFException;
import java.net.SocketException;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Silence on a connection, noticed or not. */
class HeartbeatTest extends ConformanceTest {

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
}
