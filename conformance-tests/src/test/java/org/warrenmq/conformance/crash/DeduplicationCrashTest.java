package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.BrokerProcess.Launch;

/**
 * A publisher that publishes again, after each kill of the broker, all that was not confirmed: in
 * the end everything is there, and a queue that drops duplicates has it once. {@code crash.rounds}
 * says how often, {@code crash.seed} repeats the dice (not the timing).
 */
@ExtendWith(OwnBrokerOnly.class)
class DeduplicationCrashTest {
  private static final int ROUNDS = Math.max(1, Integer.getInteger("crash.rounds", 3));
  private static final String EXCHANGE = "once";
  private static final String QUEUE = "kept";
  private static final int WINDOW = 200;

  @TempDir Path root;

  private final long seed = Long.getLong("crash.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);
  private final Set<Integer> confirmed = new HashSet<>();
  private final List<Integer> unconfirmed = new ArrayList<>();
  private int published;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void allIsThereInTheEnd(boolean byExchange) throws Exception {
    System.out.printf("DeduplicationCrashTest: -Dcrash.seed=%d%n", seed);
    for (int round = 0; round < ROUNDS; round++) {
      BrokerProcess broker = start();
      try {
        work(broker, byExchange, random.nextInt(300, 1_500));
      } finally {
        broker.kill();
      }
    }
    List<Integer> found = new ArrayList<>();
    BrokerProcess broker = start();
    try (broker;
        Client client = Client.of(broker)) {
      Channel channel = client.channel();
      channel.confirmSelect();
      publishAll(channel, List.copyOf(unconfirmed));
      // What was confirmed before is known as well.
      publishAll(channel, confirmed.stream().limit(1_000).toList());
      GetResponse response;
      while ((response = channel.basicGet(QUEUE, true)) != null) {
        found.add(Integer.valueOf(new String(response.getBody(), StandardCharsets.UTF_8)));
      }
      assertThat(broker.errors()).isEmpty();
    }
    assertThat(confirmed).hasSize(published).hasSizeGreaterThan(WINDOW * ROUNDS);
    assertThat(new HashSet<>(found)).isEqualTo(confirmed);
    // Of an exchange a message may be in the queue before its key is on disk.
    assertThat(found.size())
        .isLessThanOrEqualTo(published + (byExchange ? 2 * WINDOW * ROUNDS : 0));
    assertThat(Verdict.of(root.resolve("data")).isSound()).isTrue();
    System.out.printf("%d published, %d in the queue%n", published, found.size());
  }

  private BrokerProcess start() throws Exception {
    return BrokerProcess.start(Launch.on(root.resolve("data")).withJavaOptions("-Xmx64m"));
  }

  private static void declare(Channel channel, boolean byExchange) throws IOException {
    Map<String, Object> on = Map.of("x-message-deduplication", true, "x-cache-size", 500_000);
    channel.exchangeDeclare(EXCHANGE, "fanout", true, false, byExchange ? on : Map.of());
    channel.queueDeclare(QUEUE, true, false, false, byExchange ? Map.of() : on);
    channel.queueBind(QUEUE, EXCHANGE, "");
  }

  private void work(BrokerProcess broker, boolean byExchange, int millis) throws Exception {
    long end = System.nanoTime() + Duration.ofMillis(millis).toNanos();
    try (Client client = Client.of(broker)) {
      Channel channel = client.channel();
      declare(channel, byExchange);
      channel.confirmSelect();
      publishAll(channel, List.copyOf(unconfirmed));
      while (System.nanoTime() < end) {
        publishAll(channel, next());
      }
      // Messages of some more are under way when it ends.
      for (int id : next()) {
        publish(channel, id);
      }
      broker.kill();
    } catch (ShutdownSignalException e) {
      assertThat(broker.isAlive()).isFalse();
    }
  }

  private List<Integer> next() {
    List<Integer> ids = new ArrayList<>();
    for (int i = 0; i < WINDOW; i++) {
      ids.add(++published);
    }
    unconfirmed.addAll(ids);
    return ids;
  }

  private void publishAll(Channel channel, List<Integer> ids) throws Exception {
    for (int id : ids) {
      publish(channel, id);
    }
    channel.waitForConfirmsOrDie(20_000);
    confirmed.addAll(ids);
    unconfirmed.removeAll(new HashSet<>(ids));
  }

  private static void publish(Channel channel, int id) throws IOException {
    AMQP.BasicProperties properties =
        new AMQP.BasicProperties.Builder()
            .deliveryMode(2)
            .headers(new HashMap<>(Map.of("x-deduplication-header", id)))
            .build();
    byte[] body = Integer.toString(id).getBytes(StandardCharsets.UTF_8);
    channel.basicPublish(EXCHANGE, "", properties, body);
  }
}
