package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.CancelCallback;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
 * A queue with times, priorities, limits and dead letters in a broker process that is killed with
 * SIGKILL again and again: what was confirmed is acked there or a dead letter in the end, and none
 * expires early. {@code crash.rounds} says how often, {@code crash.seed} repeats the dice (not the
 * timing).
 */
@ExtendWith(OwnBrokerOnly.class)
class DeadLetterCrashTest {
  private static final int ROUNDS = Math.max(2, Integer.getInteger("crash.rounds", 3));
  private static final String SOURCE = "source";
  private static final String DEAD = "dead";
  private static final int QUEUE_TTL = 3_000;
  private static final int LENGTH = 500;
  private static final int WINDOW = 100;
  private static final CancelCallback CANCELLED = _ -> {};

  @TempDir Path root;

  private final long seed = Long.getLong("crash.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);
  private final Set<Integer> confirmed = new HashSet<>();
  private final Set<Integer> acked = ConcurrentHashMap.newKeySet();
  private final Set<Integer> dead = ConcurrentHashMap.newKeySet();
  private final Map<String, Integer> reasons = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<String> early = new ConcurrentLinkedQueue<>();
  private int published;

  @Test
  void noneVanishesOrExpiresEarly() throws Exception {
    System.out.printf("DeadLetterCrashTest: -Dcrash.seed=%d%n", seed);
    for (int round = 0; round < ROUNDS; round++) {
      BrokerProcess broker = start();
      try {
        work(broker, random.nextInt(500, 2_500), round % 2 == 0);
      } finally {
        broker.kill();
      }
    }
    BrokerProcess broker = start();
    try (broker;
        Client client = Client.of(broker)) {
      bury(client.channel());
      Awaitility.await("the end of what was confirmed")
          .atMost(Duration.ofSeconds(60))
          .until(() -> confirmed.stream().allMatch(this::hasEnded));
      assertThat(broker.errors()).isEmpty();
    }
    assertThat(early).isEmpty();
    assertThat(confirmed).hasSizeGreaterThan(100 * ROUNDS);
    assertThat(reasons.keySet()).contains("expired", "rejected", "maxlen");
    assertThat(Verdict.of(root.resolve("data")).isSound()).isTrue();
    System.out.printf(
        "%d confirmed of %d, %d acked, %d dead: %s%n",
        confirmed.size(), published, acked.size(), dead.size(), reasons);
  }

  private boolean hasEnded(Integer number) {
    return acked.contains(number) || dead.contains(number);
  }

  /** Now and then with so little memory that most of the messages are on disk alone. */
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
    channel.queueDeclare(DEAD, true, false, false, Map.of());
    channel.queueDeclare(
        SOURCE,
        true,
        false,
        false,
        Map.of(
            "x-message-ttl",
            QUEUE_TTL,
            "x-max-length",
            LENGTH,
            "x-max-priority",
            3,
            "x-delivery-limit",
            2,
            "x-dead-letter-exchange",
            "",
            "x-dead-letter-routing-key",
            DEAD));
  }

  /** With a judge, or else until the queue has been full. */
  private void work(BrokerProcess broker, int millis, boolean judged) throws Exception {
    int full = judged ? 0 : published + 2 * LENGTH;
    long end = System.nanoTime() + Duration.ofMillis(millis).toNanos();
    try (Client client = Client.of(broker)) {
      declare(client.channel());
      bury(client.channel());
      if (judged) {
        judge(client.channel().getConnection().createChannel(), random.split());
      }
      Channel channel = client.channel().getConnection().createChannel();
      channel.confirmSelect();
      while (System.nanoTime() < end || published < full) {
        List<Integer> window = new ArrayList<>();
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

  private int publish(Channel channel) throws IOException {
    int ttl = random.nextInt(3) == 0 ? random.nextInt(2_000) : QUEUE_TTL;
    AMQP.BasicProperties.Builder properties =
        new AMQP.BasicProperties.Builder().deliveryMode(2).priority(random.nextInt(4));
    if (ttl < QUEUE_TTL) {
      properties.expiration(Integer.toString(ttl));
    }
    int number = ++published;
    String text = "%d:%d:".formatted(number, System.currentTimeMillis() + ttl);
    byte[] body = (text + "x".repeat(random.nextInt(1000))).getBytes(StandardCharsets.UTF_8);
    channel.basicPublish("", SOURCE, properties.build(), body);
    return number;
  }

  /** Acks some, refuses some, and gives some back again and again. */
  private void judge(Channel channel, SplittableRandom dice) throws IOException {
    channel.basicQos(50);
    channel.basicConsume(
        SOURCE,
        false,
        (_, delivery) -> {
          long tag = delivery.getEnvelope().getDeliveryTag();
          switch (number(delivery) % 4) {
            case 0 -> {
              acked.add(number(delivery));
              channel.basicAck(tag, false);
            }
            case 1 -> channel.basicReject(tag, false);
            case 2 -> channel.basicNack(tag, dice.nextBoolean(), true);
            default -> channel.basicReject(tag, true);
          }
        },
        CANCELLED);
  }

  /** Takes what has died, and looks whether it had to. */
  private void bury(Channel channel) throws IOException {
    channel.basicConsume(
        DEAD,
        false,
        (_, delivery) -> {
          String reason =
              String.valueOf(delivery.getProperties().getHeaders().get("x-first-death-reason"));
          reasons.merge(reason, 1, Integer::sum);
          if (reason.equals("expired") && System.currentTimeMillis() < due(delivery)) {
            early.add(number(delivery) + " expired early");
          }
          dead.add(number(delivery));
          channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
        },
        CANCELLED);
  }

  private static int number(Delivery delivery) {
    return Integer.parseInt(parts(delivery)[0]);
  }

  private static long due(Delivery delivery) {
    return Long.parseLong(parts(delivery)[1]);
  }

  private static String[] parts(Delivery delivery) {
    return new String(delivery.getBody(), StandardCharsets.UTF_8).split(":", -1);
  }
}
