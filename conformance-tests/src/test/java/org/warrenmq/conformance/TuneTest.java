package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What client and broker agree on before a connection is open. */
class TuneTest extends ConformanceTest {

  @Test
  @Behaviour(6)
  @DisplayName("the broker offers 2047 channels, frames of 131072 octets, heartbeats of 60 s")
  void offeredLimits() throws Exception {
    RawConnection raw = rawConnection();

    AMQP.Connection.Tune tune = raw.login(raw.hello());

    assertThat(tune.getChannelMax()).isEqualTo(2047);
    assertThat(tune.getFrameMax()).isEqualTo(131072);
    assertThat(tune.getHeartbeat()).isEqualTo(60);
  }

  @Test
  @Behaviour(7)
  @DisplayName("lower values of the client win")
  void lowerClientValuesWin() throws Exception {
    ConnectionFactory factory = broker.factory();
    factory.setRequestedChannelMax(64);
    factory.setRequestedFrameMax(70000);
    factory.setRequestedHeartbeat(1);

    Connection connection = closeLater(factory.newConnection());

    assertThat(connection.getChannelMax()).isEqualTo(64);
    assertThat(connection.getFrameMax()).isEqualTo(70000);
    assertThat(connection.getHeartbeat()).isEqualTo(1);
  }

  @Test
  @Behaviour(7)
  @DisplayName("the broker splits by the client's lower frame_max")
  void lowerFrameMaxIsKept() throws Exception {
    String queue = queue();
    // Other connections see it for certain once it is confirmed.
    channel().confirmSelect();
    channel().basicPublish("", queue, null, new byte[150_000]);
    channel().waitForConfirmsOrDie(LIMIT.toMillis());
    RawConnection raw = rawConnection();
    raw.open(64, 70000, 0);
    raw.openChannel(1);

    raw.send(1, new AMQP.Basic.Get.Builder().queue(queue).noAck(true).build());

    raw.expect(1, AMQP.Basic.GetOk.class);
    assertThat(raw.read().bodySize()).isEqualTo(150_000);
    assertThat(raw.read().payload()).hasSize(69_992);
    assertThat(raw.read().payload()).hasSize(69_992);
    assertThat(raw.read().payload()).hasSize(150_000 - 2 * 69_992);
  }

  @Test
  @Behaviour({8, 9})
  @DisplayName("tune-ok above the broker's limits or under the smallest frame ends in silence")
  void valuesOutOfBoundsEndTheConnectionSilently() throws Exception {
    // All at once: the broker may take its time before it closes a socket.
    List<RawConnection> refused = new ArrayList<>();
    refused.add(tuned(2047, 131073));
    refused.add(tuned(2047, 0));
    refused.add(tuned(2048, 131072));
    refused.add(tuned(0, 131072));
    refused.add(tuned(2047, 4095));

    for (RawConnection raw : refused) {
      raw.expectEof();
    }
  }

  private RawConnection tuned(int channelMax, int frameMax) throws IOException {
    RawConnection raw = rawConnection();
    raw.login(raw.hello());
    raw.tuneOk(channelMax, frameMax, 0);
    raw.openVhost(broker.vhost());
    return raw;
  }

  @Test
  @Behaviour(9)
  @DisplayName("4096 is the smallest frame_max, and works")
  void smallestFrameMaxWorks() throws Exception {
    RawConnection raw = rawConnection();

    raw.open(2047, 4096, 0);

    raw.openChannel(1);
  }

  @Test
  @Behaviour(10)
  @DisplayName("start-ok of 4096 octets passes")
  void startOkOfOneSmallFrameIsAccepted() throws Exception {
    RawConnection raw = rawConnection();
    raw.start();

    raw.send(RawFrame.METHOD, 0, startOkPayload(raw, 4096));

    assertThat(raw.expect(0, AMQP.Connection.Tune.class).getChannelMax()).isEqualTo(2047);
  }

  @Test
  @Behaviour(10)
  @DisplayName("a large frame before tune-ok ends the connection")
  void largeStartOkEndsTheConnection() throws Exception {
    RawConnection raw = rawConnection();
    raw.start();

    // 4096 is RabbitMQ's limit up to 4.0, 8192 later.
    raw.send(RawFrame.METHOD, 0, startOkPayload(raw, 8193));

    raw.expectEndOrConnectionClose(501);
  }

  /** A start-ok whose client properties fill it up to this size. */
  private static byte[] startOkPayload(RawConnection raw, int size) {
    byte[] small = startOkPayload(raw, new byte[0]);
    return startOkPayload(raw, new byte[size - small.length]);
  }

  private static byte[] startOkPayload(RawConnection raw, byte[] filling) {
    RawConnection.Hello hello = raw.hello();
    Octets properties = new Octets().field("filling", 'S', new Octets().longString(filling));
    return Octets.method(10, 11)
        .table(properties)
        .shortString(hello.mechanism())
        .longString(hello.response())
        .shortString(hello.locale())
        .toBytes();
  }
}
