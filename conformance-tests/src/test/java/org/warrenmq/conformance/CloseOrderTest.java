package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Method;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Closes that overtake one another: after the close of a connection nothing is said on it. */
class CloseOrderTest extends ConformanceTest {
  private static final Duration SILENCE = Duration.ofMillis(200);

  private RawConnection raw;

  @BeforeEach
  void consume() throws Exception {
    raw = openRawConnection();
    raw.openChannel(1);
    // A consumer has to be taken down first: the channel cannot be closed at once.
    raw.send(1, new AMQP.Basic.Consume.Builder().queue(queue()).consumerTag("c").build());
    raw.expect(1, AMQP.Basic.ConsumeOk.class);
  }

  @Test
  @DisplayName("a connection closed for an error says nothing of channels that were closing")
  void nothingFollowsConnectionClose() throws Exception {
    raw.send(closeChannelAnd(CHANNEL_0));

    readUpTo(AMQP.Connection.Close.class);

    raw.expectSilence(SILENCE);
  }

  /** Two answers race for it: several times. */
  @RepeatedTest(10)
  @DisplayName("a client may close its channel and then its connection in one breath")
  void connectionCloseOkIsTheLastWord() throws Exception {
    byte[] close = Octets.method(10, 50).u16(200).shortString("").u16(0).u16(0).toBytes();
    raw.send(closeChannelAnd(frame(0, close)));

    readUpTo(AMQP.Connection.CloseOk.class);

    raw.expectSilence(SILENCE);
  }

  /** channel.open on channel 0: an error of the connection. */
  private static final byte[] CHANNEL_0 = frame(0, Octets.method(20, 10).shortString("").toBytes());

  /** One write, so that the broker most likely reads both at once. */
  private static byte[] closeChannelAnd(byte[] next) {
    byte[] close = Octets.method(20, 40).u16(200).shortString("").u16(0).u16(0).toBytes();
    return new Octets().raw(frame(1, close)).raw(next).toBytes();
  }

  private static byte[] frame(int channel, byte[] method) {
    return RawConnection.frame(RawFrame.METHOD, channel, method, RawConnection.FRAME_END);
  }

  /** It waits for the answer to what was sent before, which is the end of the channel. */
  @Test
  void aCloseThatWaitsIsAnsweredWhenTheChannelFails() throws Exception {
    String queue = queue();
    try (RawConnection raw = openRawConnection()) {
      raw.openChannel(1);
      raw.send(1, new AMQP.Basic.Consume.Builder().queue(queue).build());
      raw.send(1, new AMQP.Basic.Ack.Builder().deliveryTag(99).build());
      raw.send(1, new AMQP.Channel.Close.Builder().replyCode(200).replyText("").build());
      Method first = raw.read().method();
      if (BrokerUnderTest.isForeign() && first instanceof AMQP.Channel.Close) {
        // RabbitMQ does not always say consume-ok first.
        assertThat(((AMQP.Channel.Close) first).getReplyText()).contains("delivery tag 99");
      } else {
        assertThat(first).isInstanceOf(AMQP.Basic.ConsumeOk.class);
        raw.expectChannelClose(1, 406, "PRECONDITION_FAILED - unknown delivery tag 99");
      }
      raw.expect(1, AMQP.Channel.CloseOk.class);
    }
  }

  /** The channel's close-ok may come before it. */
  private void readUpTo(Class<? extends Method> last) throws IOException {
    Method method = raw.read().method();
    if (method instanceof AMQP.Channel.CloseOk) {
      method = raw.read().method();
    }
    assertThat(method).isInstanceOf(last);
  }
}
