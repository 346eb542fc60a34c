package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.warrenmq.admin.local.LocalApi;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.BrokerProcess.Launch;

/**
 * Consumers without prefetch that take all they get and vanish leave a deep queue as it was: of
 * what came back nothing stays in memory, whoever else still holds a message, and if some never was
 * stored.
 */
@ExtendWith(OwnBrokerOnly.class)
class CoolAgainTest {
  private static final int MESSAGES = 150_000;
  private static final int TAKEN = 100_000;
  private static final int SLACK = 2 << 20;
  private static final String QUEUE = "deep";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path root;

  @ParameterizedTest
  @CsvSource({"false, false", "true, false", "true, true"})
  void whatCameBackTakesNoMemory(boolean persistent, boolean held) throws Exception {
    Path data = root.resolve("data");
    try (BrokerProcess broker = BrokerProcess.start(Launch.on(data).withJavaOptions("-Xmx64m"))) {
      ConnectionFactory factory = new ConnectionFactory();
      factory.setUri(broker.uri());
      factory.setAutomaticRecoveryEnabled(false);
      try (Connection honest = factory.newConnection()) {
        Channel channel = honest.createChannel();
        fill(channel, persistent);
        GetResponse first = held ? channel.basicGet(QUEUE, false) : null;
        long before = held(data);
        for (int i = 0; i < 3; i++) {
          takeAndVanish(factory);
          Awaitility.await("what was taken is back")
              .atMost(PATIENCE)
              .untilAsserted(() -> assertThat(held(data)).isLessThan(before + SLACK));
        }
        if (first != null) {
          channel.basicReject(first.getEnvelope().getDeliveryTag(), true);
        }
        assertThat(drain(channel)).isEqualTo(MESSAGES);
      }
      assertThat(broker.errors()).isEmpty();
    }
  }

  private static void fill(Channel channel, boolean persistent) throws Exception {
    channel.queueDeclare(QUEUE, persistent, false, false, null);
    channel.exchangeDeclare("in", BuiltinExchangeType.FANOUT);
    channel.queueBind(QUEUE, "in", "");
    channel.confirmSelect();
    var properties =
        persistent ? MessageProperties.MINIMAL_PERSISTENT_BASIC : MessageProperties.MINIMAL_BASIC;
    for (int i = 0; i < MESSAGES; i++) {
      // Of two sizes in turn: what is left of them cannot be shared.
      channel.basicPublish("in", "", properties, new byte[1 + i % 2]);
    }
    channel.waitForConfirmsOrDie(PATIENCE.toMillis());
  }

  private static void takeAndVanish(ConnectionFactory factory) throws Exception {
    CountDownLatch taken = new CountDownLatch(TAKEN);
    try (Connection greedy = factory.newConnection()) {
      greedy.createChannel().basicConsume(QUEUE, false, (_, _) -> taken.countDown(), (_, _) -> {});
      assertThat(taken.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
  }

  /** How many there are, all in one piece. */
  private static int drain(Channel channel) throws Exception {
    int count = channel.queueDeclarePassive(QUEUE).getMessageCount();
    assertThat(channel.basicGet(QUEUE, true)).isNotNull();
    assertThat(channel.queuePurge(QUEUE).getMessageCount()).isEqualTo(count - 1);
    return count;
  }

  private static long held(Path data) throws Exception {
    String memory = new LocalApi(data).get("/warren/memory").body();
    return Long.parseLong(memory.replaceAll(".*\"held\":(\\d+).*", "$1"));
  }
}
