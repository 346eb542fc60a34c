package org.warrenmq.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.warrenmq.broker.TestBroker.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Method;
import com.rabbitmq.client.impl.LongStringHelper;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A close behind work on the same connection: the work is done first, whatever it waits for. */
class CloseOrderTest {
  @AutoClose private static TestBroker broker;

  @BeforeAll
  static void start() throws Exception {
    broker = TestBroker.start();
  }

  private static Method passive(String queue) {
    return new AMQP.Queue.Declare.Builder().queue(queue).passive(true).build();
  }

  private static Method declareNoWait(String queue) {
    return new AMQP.Queue.Declare.Builder().queue(queue).nowait(true).build();
  }

  private static Method channelClose() {
    return new AMQP.Channel.Close.Builder()
        .replyCode(200)
        .replyText("")
        .classId(0)
        .methodId(0)
        .build();
  }

  private static Method connectionClose() {
    return new AMQP.Connection.Close.Builder()
        .replyCode(200)
        .replyText("")
        .classId(0)
        .methodId(0)
        .build();
  }

  private static byte[] all(byte[]... octets) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (byte[] each : octets) {
      joined.writeBytes(each);
    }
    return joined.toByteArray();
  }

  private static int depth(String queue) throws Exception {
    try (Connection connection = broker.connect();
        Channel channel = connection.createChannel()) {
      return channel.queueDeclarePassive(queue).getMessageCount();
    }
  }

  @Test
  @DisplayName("connection.close right behind declare and publish: the message is there")
  void connectionCloseBehindParkedPublish() throws Exception {
    for (int i = 0; i < 50; i++) {
      String queue = "parked-" + i;
      try (RawClient raw = RawClient.connect(broker.port())) {
        raw.open(Map.of());
        raw.send(
            all(
                RawClient.frame(1, declareNoWait(queue)),
                RawClient.publishing(1, queue, "first".getBytes(UTF_8)),
                RawClient.publishing(1, queue, "second".getBytes(UTF_8)),
                RawClient.frame(0, connectionClose())));
        raw.expect(0, AMQP.Connection.CloseOk.class);
      }
      await("both messages of round " + i).until(() -> depth(queue) == 2);
      assertThat(depth(queue)).isEqualTo(2);
    }
  }

  @Test
  @DisplayName("connection.close during an alarm behind publish, declare, publish: both arrive")
  void connectionCloseDuringAlarm() throws Exception {
    String queue = "mixed-connection";
    try (RawClient raw = RawClient.connect(broker.port())) {
      raw.open(Map.of("capabilities", Map.of("connection.blocked", true)));
      raw.send(1, new AMQP.Queue.Declare.Builder().queue(queue).build());
      raw.expect(1, AMQP.Queue.DeclareOk.class);
      raw.openChannel(2);
      raw.openChannel(3);
      raise(raw);
      raw.send(
          all(
              RawClient.publishing(1, queue, "first".getBytes(UTF_8)),
              RawClient.frame(1, passive(queue)),
              RawClient.publishing(1, queue, "second".getBytes(UTF_8)),
              RawClient.frame(0, connectionClose())));
      broker.broker().commands().setMemoryWatermark(Long.MAX_VALUE);
      await("both messages").until(() -> depth(queue) == 2);
    } finally {
      broker.broker().commands().setMemoryWatermark(Long.MAX_VALUE);
    }
    assertThat(depth(queue)).isEqualTo(2);
  }

  @Test
  @DisplayName("channel.close during an alarm behind publish, declare, publish: both arrive")
  void channelCloseDuringAlarm() throws Exception {
    String queue = "mixed-channel";
    try (RawClient raw = RawClient.connect(broker.port())) {
      raw.open(Map.of("capabilities", Map.of("connection.blocked", true)));
      raw.send(1, new AMQP.Queue.Declare.Builder().queue(queue).build());
      raw.expect(1, AMQP.Queue.DeclareOk.class);
      raw.openChannel(2);
      raw.openChannel(3);
      raise(raw);
      raw.send(
          all(
              RawClient.publishing(1, queue, "first".getBytes(UTF_8)),
              RawClient.frame(1, passive(queue)),
              RawClient.publishing(1, queue, "second".getBytes(UTF_8)),
              RawClient.frame(1, channelClose())));
      // The close does not wait for the end of the alarm, and loses nothing.
      raw.expect(1, AMQP.Queue.DeclareOk.class);
      raw.expect(1, AMQP.Channel.CloseOk.class);
      await("both messages").until(() -> depth(queue) == 2);
    } finally {
      broker.broker().commands().setMemoryWatermark(Long.MAX_VALUE);
    }
    assertThat(depth(queue)).isEqualTo(2);
  }

  @Test
  @DisplayName(
      "basic.cancel behind a waiting basic.consume: consume-ok comes first, no consumer stays")
  void cancelBehindWaitingConsume() throws Exception {
    String queue = "consume-cancel";
    try (RawClient raw = RawClient.connect(broker.port())) {
      raw.open(Map.of("capabilities", Map.of("connection.blocked", true)));
      raw.send(1, new AMQP.Queue.Declare.Builder().queue(queue).build());
      raw.expect(1, AMQP.Queue.DeclareOk.class);
      raw.openChannel(2);
      raw.openChannel(3);
      raise(raw);
      raw.send(
          all(
              RawClient.publishing(1, "nobody's", "first".getBytes(UTF_8)),
              RawClient.frame(
                  1, new AMQP.Basic.Consume.Builder().queue(queue).consumerTag("t").build()),
              RawClient.frame(1, new AMQP.Basic.Cancel.Builder().consumerTag("t").build()),
              RawClient.frame(2, new AMQP.Channel.Flow.Builder().active(true).build())));
      broker.broker().commands().setMemoryWatermark(Long.MAX_VALUE);
      List<String> seen = new ArrayList<>();
      while (seen.size() < 4) {
        RawClient.RawFrame f = raw.read();
        seen.add(f.channel() + " " + f.method().protocolMethodName());
      }
      assertThat(seen).containsSubsequence("1 basic.consume-ok", "1 basic.cancel-ok");
      raw.send(2, passive(queue));
      assertThat(raw.expect(2, AMQP.Queue.DeclareOk.class).getConsumerCount()).isZero();
    } finally {
      broker.broker().commands().setMemoryWatermark(Long.MAX_VALUE);
    }
  }

  private static void raise(RawClient raw) throws Exception {
    broker.broker().commands().setMemoryWatermark(1);
    // Channel 3 publishes until it is told.
    while (true) {
      raw.publish(3, "nobody's", new byte[] {1});
      raw.send(
          0,
          new AMQP.Connection.UpdateSecret.Builder()
              .newSecret(LongStringHelper.asLongString("x"))
              .reason("r")
              .build());
      Method m = raw.read().method();
      if (m instanceof AMQP.Connection.Blocked) {
        raw.expect(0, AMQP.Connection.UpdateSecretOk.class);
        return;
      }
      assertThat(m).isInstanceOf(AMQP.Connection.UpdateSecretOk.class);
    }
  }
}
