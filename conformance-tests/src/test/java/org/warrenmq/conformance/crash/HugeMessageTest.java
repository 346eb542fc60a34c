package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.BrokerProcess.Launch;

/** Messages many times as large as the broker's heap, through a queue on disk and a kill. */
@ExtendWith(OwnBrokerOnly.class)
class HugeMessageTest {
  private static final int SIZE = 400 << 20;
  private static final String HEAP = "-Xmx48m";
  private static final long CONFIRM_MILLIS = 120_000;

  @TempDir Path root;

  private Launch launch() throws Exception {
    Path config = root.resolve("warren.conf");
    Files.writeString(config, "max_message_size = " + (512 << 20) + "\n");
    return new Launch(root.resolve("data"), HEAP, List.of("--config", config.toString()), Map.of());
  }

  private static Connection connect(BrokerProcess broker) throws Exception {
    ConnectionFactory factory = Stage.factory(broker.uri());
    factory.setMaxInboundMessageBodySize(SIZE + 1);
    return factory.newConnection();
  }

  @Test
  void largerThanTheHeapAndKeptThroughAKill() throws Exception {
    byte[] body = new byte[SIZE];
    new SplittableRandom(3).nextBytes(body);
    BrokerProcess broker = BrokerProcess.start(launch());
    try (Connection connection = connect(broker)) {
      Channel channel = connection.createChannel();
      channel.confirmSelect();
      for (String queue : List.of("huge.0", "huge.1")) {
        channel.queueDeclare(queue, true, false, false, null);
        channel.queueBind(queue, "amq.fanout", "");
      }
      channel.basicPublish("amq.fanout", "", MessageProperties.PERSISTENT_BASIC, body);
      channel.basicPublish("", "huge.0", MessageProperties.BASIC, new byte[] {42});
      channel.waitForConfirmsOrDie(CONFIRM_MILLIS);
      assertSame(channel.basicGet("huge.0", true), body);
      assertThat(channel.basicGet("huge.0", true).getBody()).containsExactly(42);
      assertThat(broker.errors()).isEmpty();
    }
    broker.kill();
    broker = BrokerProcess.start(launch());
    try (Connection connection = connect(broker)) {
      Channel channel = connection.createChannel();
      GetResponse got = channel.basicGet("huge.1", false);
      assertSame(got, body);
      channel.basicNack(got.getEnvelope().getDeliveryTag(), false, true);
      // Acked before it is read: it must come whole all the same.
      assertSame(channel.basicGet("huge.1", true), body);
      assertThat(broker.errors()).isEmpty();
    } finally {
      broker.close();
    }
  }

  private static void assertSame(GetResponse got, byte[] body) {
    assertThat(got).isNotNull();
    assertThat(Arrays.equals(got.getBody(), body)).as("the same octets").isTrue();
  }
}
