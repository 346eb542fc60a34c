package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.ControlRequest;

/**
 * What was answered about policies is there after a SIGKILL, and queues go by it, though it came
 * amid a change of many of them. {@code crash.rounds} says how often that is tried.
 */
@ExtendWith(OwnBrokerOnly.class)
class PolicyCrashTest {
  private static final int ROUNDS = Math.max(1, Integer.getInteger("crash.rounds", 3));
  private static final long SEED = Long.getLong("crash.seed", System.nanoTime());
  private static final int SECONDS = 20;
  private static final int QUEUES = 300;

  @TempDir Path root;

  private @Nullable BrokerProcess broker;

  @AfterEach
  void stop() throws Exception {
    if (broker != null) {
      broker.close();
    }
  }

  private Path data() {
    return root.resolve("data");
  }

  private BrokerProcess start() throws Exception {
    BrokerProcess started = BrokerProcess.start(BrokerProcess.Launch.on(data()));
    broker = started;
    return started;
  }

  private String control(String... words) throws IOException {
    return ControlRequest.succeed(data(), List.of(words));
  }

  private static Connection connect(BrokerProcess to) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setUri(to.uri());
    factory.setAutomaticRecoveryEnabled(false);
    return factory.newConnection();
  }

  /** What the policies say: the last that was answered, and what was under way. */
  private record Said(int answered, int next) {}

  /** Sets and clears, until the broker is killed: the limit n, none where n is a multiple of 4. */
  private Said change(int from) {
    int n = from;
    try {
      while (true) {
        n++;
        if (n % 4 == 0) {
          control("clear_policy", "-p", "/", "p");
        } else {
          control("set_policy", "-p", "/", "p", "^q", "{\"max-length\": %d}".formatted(n));
        }
      }
    } catch (IOException | RuntimeException killed) {
      return new Said(n - 1, n);
    }
  }

  private static String listed(int n) {
    return n % 4 == 0 ? "" : "/\tp\t^q\tall\t{\"max-length\":%d}\t0".formatted(n);
  }

  @Test
  @DisplayName("killed at any moment, a broker has the policy it answered for, and queues go by it")
  void killed() throws Exception {
    System.out.println("crash.seed=" + SEED);
    Random random = new Random(SEED);
    int n = 0;
    for (int round = 0; round < ROUNDS; round++) {
      BrokerProcess running = start();
      if (round == 0) {
        try (Connection connection = connect(running)) {
          Channel channel = connection.createChannel();
          for (int i = 0; i < QUEUES; i++) {
            channel.queueDeclare("q" + i, true, false, false, null);
          }
        }
      }
      int from = n;
      CompletableFuture<Said> said = CompletableFuture.supplyAsync(() -> change(from));
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50 + random.nextInt(300)));
      running.kill();
      Said last = said.get(SECONDS, TimeUnit.SECONDS);

      BrokerProcess again = start();
      String policy = control("list_policies", "-s", "-p", "/").lines().findFirst().orElse("");
      assertThat(policy).isIn(listed(last.answered()), listed(last.next()));
      n = policy.equals(listed(last.answered())) ? last.answered() : last.next();
      String queue = "q" + random.nextInt(QUEUES);
      try (Connection connection = connect(again)) {
        Channel channel = connection.createChannel();
        channel.confirmSelect();
        channel.queuePurge(queue);
        for (int i = 0; i < n + 5; i++) {
          channel.basicPublish("", queue, null, new byte[1]);
        }
        channel.waitForConfirmsOrDie(TimeUnit.SECONDS.toMillis(SECONDS));
        assertThat(channel.messageCount(queue)).isEqualTo(n % 4 == 0 ? n + 5 : n);
      }
      assertThat(again.errors()).isEmpty();
      again.kill();
    }
    System.out.println("changes of policies after all kills: " + n);
  }
}
