package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.CancelCallback;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DeliverCallback;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.BrokerProcess.Launch;

/**
 * Delayed messages in a broker process that is killed with SIGKILL again and again, while they are
 * published, leave, and are consumed: none that was confirmed is lost, none comes early. {@code
 * crash.rounds} says how often, {@code crash.seed} repeats the dice (not the timing).
 */
@ExtendWith(OwnBrokerOnly.class)
class DelayCrashTest {
  private static final int ROUNDS = Math.max(1, Integer.getInteger("crash.rounds", 3));
  private static final String EXCHANGE = "delayed";
  private static final String QUEUE = "due";
  private static final int WINDOW = 100;

  @TempDir Path root;

  private final long seed = Long.getLong("crash.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);
  private final Set<String> confirmed = new HashSet<>();
  private final Set<String> seen = ConcurrentHashMap.newKeySet();
  private final ConcurrentLinkedQueue<String> early = new ConcurrentLinkedQueue<>();
  private int published;

  @Test
  void noneIsLostOrEarly() throws Exception {
    System.out.printf("DelayCrashTest: -Dcrash.seed=%d%n", seed);
    for (int round = 0; round < ROUNDS; round++) {
      BrokerProcess broker = start();
      try {
        work(broker, random.nextInt(500, 2_500));
      } finally {
        broker.kill();
      }
    }
    BrokerProcess broker = start();
    try (broker;
        Client client = Client.of(broker)) {
      declare(client.channel());
      consume(client.channel());
      Awaitility.await("all that was confirmed")
          .atMost(Duration.ofSeconds(60))
          .until(() -> seen.containsAll(confirmed));
      assertThat(broker.errors()).isEmpty();
    }
    assertThat(early).isEmpty();
    assertThat(confirmed).hasSizeGreaterThan(100 * ROUNDS);
    assertThat(Verdict.of(root.resolve("data")).isSound()).isTrue();
    System.out.printf("%d confirmed, %d seen of %d%n", confirmed.size(), seen.size(), published);
  }

  /** Now and then with so little memory that hardly any message that waits is in it. */
  private BrokerProcess start() throws Exception {
    Path config = root.resolve("broker.conf");
    Files.writeString(
        config, "warren.message_memory = " + (random.nextBoolean() ? 1 : 20) + "MiB\n");
    return BrokerProcess.start(
        Launch.on(root.resolve("data"))
            .withJavaOptions("-Xmx64m")
            .withArguments("--config", config.toString()));
  }

  private static void declare(Channel channel) throws IOException {
    channel.exchangeDeclare(EXCHANGE, "fanout", true, false, Map.of("x-delayed-exchange", true));
    channel.queueDeclare(QUEUE, true, false, false, Map.of());
    channel.queueBind(QUEUE, EXCHANGE, "");
  }

  private void work(BrokerProcess broker, int millis) throws Exception {
    long end = System.nanoTime() + Duration.ofMillis(millis).toNanos();
    try (Client client = Client.of(broker)) {
      declare(client.channel());
      consume(client.channel());
      Channel channel = client.channel().getConnection().createChannel();
      channel.confirmSelect();
      while (System.nanoTime() < end) {
        List<String> window = new ArrayList<>();
        for (int i = 0; i < WINDOW; i++) {
          window.add(publish(channel));
        }
        channel.waitForConfirmsOrDie(10_000);
        confirmed.addAll(window);
      }
      // Messages of some more are under way when it ends.
      for (int i = 0; i < WINDOW; i++) {
        publish(channel);
      }
      broker.kill();
    } catch (ShutdownSignalException e) {
      assertThat(broker.isAlive()).isFalse();
    }
  }

  private String publish(Channel channel) throws IOException {
    long due = System.currentTimeMillis() + random.nextInt(random.nextInt(4) == 0 ? 6_000 : 600);
    String text = ++published + ":" + due;
    AMQP.BasicProperties properties =
        new AMQP.BasicProperties.Builder()
            .deliveryMode(2)
            .headers(new HashMap<>(Map.of("x-deliver-at", due)))
            .build();
    byte[] body = (text + ":" + "x".repeat(random.nextInt(1000))).getBytes(StandardCharsets.UTF_8);
    channel.basicPublish(EXCHANGE, "", properties, body);
    return text;
  }

  private void consume(Channel channel) throws IOException {
    DeliverCallback taken =
        (_, delivery) -> {
          String[] parts = new String(delivery.getBody(), StandardCharsets.UTF_8).split(":", -1);
          if (System.currentTimeMillis() < Long.parseLong(parts[1])) {
            early.add(parts[0]);
          }
          seen.add(parts[0] + ":" + parts[1]);
          channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
        };
    CancelCallback cancelled = _ -> {};
    channel.basicConsume(QUEUE, false, taken, cancelled);
  }
}
