package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.Method;
import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Which methods belong on which channel, and what a channel's opening and closing means. */
class ChannelDisciplineTest extends ConformanceTest {
  private static final String NOT_OPEN = "CHANNEL_ERROR - expected 'channel.open'";
  private static final String NOT_ON_CHANNEL_0 =
      "CHANNEL_ERROR - unexpected method in connection state running";
  private static final String NOT_ON_CHANNEL = "COMMAND_INVALID - unimplemented method";

  private RawConnection raw;

  @BeforeEach
  void open() throws IOException {
    raw = openRawConnection();
    raw.openChannel(1);
  }

  @Test
  @Behaviour({37, 50})
  @DisplayName("a method on a channel never opened")
  void methodOnUnopenedChannel() throws Exception {
    raw.send(3, qos());

    expectConnectionError(504, NOT_OPEN, 60, 10);
  }

  @Test
  @Behaviour({37, 50})
  @DisplayName("a close-ok on a channel never opened, and one that nobody asked for")
  void closeOkOutOfPlace() throws Exception {
    raw.send(3, new AMQP.Channel.CloseOk.Builder().build());
    expectConnectionError(504, NOT_OPEN, 20, 41);

    raw = openRawConnection();
    raw.openChannel(1);
    raw.send(1, new AMQP.Channel.CloseOk.Builder().build());
    expectConnectionError(503, NOT_ON_CHANNEL, 20, 41);
  }

  @Test
  @Behaviour(45)
  @DisplayName("channel.open while the broker waits for close-ok")
  void openOfClosingChannel() throws Exception {
    raw.send(1, new AMQP.Queue.Purge.Builder().queue("conformance.nowhere").build());
    raw.expect(1, AMQP.Channel.Close.class);

    raw.send(1, new AMQP.Channel.Open.Builder().build());

    expectConnectionError(504, "CHANNEL_ERROR - second 'channel.open' seen", 20, 10);
  }

  @Test
  @Behaviour({40, 50})
  @DisplayName("basic.cancel-ok is the server's word, also after its cancel")
  void cancelOkOfTheClient() throws Exception {
    raw.send(1, new AMQP.Basic.CancelOk.Builder().consumerTag("c").build());

    expectConnectionError(503, NOT_ON_CHANNEL, 60, 31);
  }

  @Test
  @Behaviour({37, 50})
  @DisplayName("a close of a channel never opened")
  void closeOfUnopenedChannel() throws Exception {
    raw.send(3, closeChannel());

    expectConnectionError(504, NOT_OPEN, 20, 40);
  }

  @Test
  @Behaviour(37)
  @DisplayName("a method on a channel closed by the client")
  void methodOnClosedChannel() throws Exception {
    raw.send(1, closeChannel());
    raw.expect(1, AMQP.Channel.CloseOk.class);

    raw.send(1, qos());

    expectConnectionError(504, NOT_OPEN, 60, 10);
  }

  @Test
  @Behaviour({38, 50})
  @DisplayName("channel.open twice")
  void secondOpen() throws Exception {
    raw.send(1, new AMQP.Channel.Open.Builder().build());

    expectConnectionError(504, "CHANNEL_ERROR - second 'channel.open' seen", 20, 10);
  }

  @Test
  @Behaviour({39, 50})
  @DisplayName("channel.open on channel 0")
  void openOnChannel0() throws Exception {
    raw.send(0, new AMQP.Channel.Open.Builder().build());

    expectConnectionError(504, NOT_ON_CHANNEL_0, 20, 10);
  }

  @Test
  @Behaviour({39, 50})
  @DisplayName("basic.qos on channel 0")
  void basicOnChannel0() throws Exception {
    raw.send(0, qos());

    expectConnectionError(504, NOT_ON_CHANNEL_0, 60, 10);
  }

  @Test
  @Behaviour({40, 50})
  @DisplayName("connection.open on a channel")
  void connectionOpenOnChannel() throws Exception {
    raw.send(1, new AMQP.Connection.Open.Builder().virtualHost("/").build());

    expectConnectionError(503, NOT_ON_CHANNEL, 10, 40);
  }

  @Test
  @Behaviour({40, 50})
  @DisplayName("connection.close on a channel")
  void connectionCloseOnChannel() throws Exception {
    raw.send(1, new AMQP.Connection.Close.Builder().replyCode(200).classId(0).methodId(0).build());

    expectConnectionError(503, NOT_ON_CHANNEL, 10, 50);
  }

  @Test
  @Behaviour({41, 50})
  @DisplayName("channel_max counts open channels")
  void channelMaxBoundsTheNumberOfChannels() throws Exception {
    RawConnection narrow = rawConnection();
    narrow.open(3, 131072, 0);
    narrow.openChannel(4);
    narrow.openChannel(1);
    narrow.openChannel(2);

    narrow.send(3, new AMQP.Channel.Open.Builder().build());

    AMQP.Connection.Close close =
        narrow.expectConnectionClose(
            530,
            "NOT_ALLOWED - number of channels opened (3) has reached the negotiated channel_max"
                + " (3)");
    assertThat(close.getClassId()).isZero();
    assertThat(close.getMethodId()).isZero();
  }

  @Test
  @Behaviour(41)
  @DisplayName("a closed channel makes room for another")
  void closedChannelsDoNotCount() throws Exception {
    RawConnection narrow = rawConnection();
    narrow.open(1, 131072, 0);
    narrow.openChannel(1);
    narrow.send(1, closeChannel());
    narrow.expect(1, AMQP.Channel.CloseOk.class);

    narrow.openChannel(1);
    narrow.send(1, qos());

    assertThat(narrow.expect(1, AMQP.Basic.QosOk.class)).isNotNull();
  }

  @Test
  @Behaviour(44)
  @DisplayName("access.request gets ticket 1")
  void accessRequest() throws Exception {
    raw.send(1, new AMQP.Access.Request.Builder().realm("/data").active(true).read(true).build());

    assertThat(raw.expect(1, AMQP.Access.RequestOk.class).getTicket()).isEqualTo(1);
  }

  @Test
  @Behaviour({45, 50})
  @DisplayName("after the broker's close a channel is deaf until close-ok, then opens again")
  void closedChannelIgnoresEverythingUntilCloseOk() throws Exception {
    String queue = queue();
    raw.send(1, new AMQP.Queue.Declare.Builder().queue(uniqueName("q")).passive(true).build());
    AMQP.Channel.Close close = raw.expect(1, AMQP.Channel.Close.class);
    assertThat(close.getReplyCode()).isEqualTo(404);
    assertThat(close.getClassId()).isEqualTo(50);
    assertThat(close.getMethodId()).isEqualTo(10);

    raw.send(1, qos());
    raw.send(1, new AMQP.Queue.Purge.Builder().queue(queue).build());
    raw.publish(1, "", queue, bytes("unheard"));
    raw.send(1, new AMQP.Channel.CloseOk.Builder().build());

    // Whatever was answered in between would come before this open-ok.
    raw.openChannel(1);
    raw.send(1, qos());
    assertThat(raw.expect(1, AMQP.Basic.QosOk.class)).isNotNull();
    assertThat(get(queue)).isNull();
  }

  @Test
  @Behaviour(45)
  @DisplayName("the client's own close is answered after the broker's close, too")
  void crossingCloses() throws Exception {
    raw.send(1, new AMQP.Queue.Declare.Builder().queue(uniqueName("q")).passive(true).build());
    raw.send(1, closeChannel());

    raw.expect(1, AMQP.Channel.Close.class);
    raw.expect(1, AMQP.Channel.CloseOk.class);
    raw.send(1, new AMQP.Channel.CloseOk.Builder().build());

    raw.openChannel(2);
    raw.send(2, qos());
    assertThat(raw.expect(2, AMQP.Basic.QosOk.class)).isNotNull();
  }

  @Test
  @Behaviour(45)
  @DisplayName("the other channels of the connection live on")
  void otherChannelsLiveOn() throws Exception {
    raw.openChannel(2);
    raw.send(1, new AMQP.Queue.Declare.Builder().queue(uniqueName("q")).passive(true).build());
    raw.expect(1, AMQP.Channel.Close.class);

    raw.send(2, qos());

    assertThat(raw.expect(2, AMQP.Basic.QosOk.class)).isNotNull();
  }

  @Test
  @Behaviour(46)
  @DisplayName("unacked messages are back in the queue when close-ok arrives")
  void closeRequeuesUnackedMessages() throws Exception {
    String queue = queue();
    publish(queue, "first");
    publish(queue, "second");
    Channel other = newChannel();
    assertThat(other.basicGet(queue, false)).isNotNull();
    assertThat(other.basicGet(queue, false)).isNotNull();
    assertThat(get(queue)).isNull();

    other.close();

    if (BrokerUnderTest.isForeign()) {
      // RabbitMQ may have them back a moment later.
      awaitMessageCount(queue, 2);
    }
    GetResponse first = get(queue);
    assertThat(first).isNotNull();
    assertThat(text(first.getBody())).isEqualTo("first");
    assertThat(first.getEnvelope().isRedeliver()).isTrue();
    GetResponse second = get(queue);
    assertThat(second).isNotNull();
    assertThat(text(second.getBody())).isEqualTo("second");
    assertThat(get(queue)).isNull();
  }

  @Test
  @Behaviour(47)
  @DisplayName("channel.flow active=true gets flow-ok")
  void flowOn() throws Exception {
    raw.send(1, new AMQP.Channel.Flow.Builder().active(true).build());

    assertThat(raw.expect(1, AMQP.Channel.FlowOk.class).getActive()).isTrue();
  }

  @Test
  @Behaviour({47, 50})
  @DisplayName("channel.flow active=false is not served")
  void flowOff() throws Exception {
    raw.send(1, new AMQP.Channel.Flow.Builder().active(false).build());

    expectConnectionError(540, "NOT_IMPLEMENTED - active=false", 20, 20);
  }

  private static Method qos() {
    return new AMQP.Basic.Qos.Builder().prefetchCount(1).build();
  }

  private static Method closeChannel() {
    return new AMQP.Channel.Close.Builder()
        .replyCode(200)
        .replyText("bye")
        .classId(0)
        .methodId(0)
        .build();
  }

  private void expectConnectionError(int code, String text, int classId, int methodId)
      throws IOException {
    AMQP.Connection.Close close = raw.expectConnectionClose(code, text);
    assertThat(close.getClassId()).isEqualTo(classId);
    assertThat(close.getMethodId()).isEqualTo(methodId);
    raw.expectEof();
  }
}
