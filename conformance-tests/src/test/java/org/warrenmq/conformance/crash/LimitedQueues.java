package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.BrokerProcess.Launch;

/**
 * What the tests of limits of length and time have in common: one broker process after the other on
 * a folder, and a durable queue with a limit. Used by the test thread.
 */
abstract class LimitedQueues {
  static final Duration LIMIT = Duration.ofSeconds(20);
  static final String QUEUE = "limited";
  private static final String SMALL_HEAP = "-Xmx48m";

  @TempDir Path root;

  /** How the first of two processes ends. */
  enum End {
    STOP {
      @Override
      void of(BrokerProcess broker) throws Exception {
        broker.close();
      }
    },
    KILL {
      @Override
      void of(BrokerProcess broker) throws Exception {
        broker.kill();
      }
    };

    abstract void of(BrokerProcess broker) throws Exception;
  }

  /** One of the two, by the dice; both where all are asked for ({@code restart.all}). */
  static List<End> ends() {
    List<End> all = List.of(End.values());
    return Boolean.getBoolean("restart.all")
        ? all
        : List.of(all.get(ThreadLocalRandom.current().nextInt(all.size())));
  }

  /** What is done with a broker over a channel that confirms. */
  @FunctionalInterface
  interface Deed {
    void on(Channel channel) throws Exception;
  }

  /** Starts a broker on the folder of the test, and ends it. */
  final void withBroker(End end, Deed deed) throws Exception {
    BrokerProcess broker =
        BrokerProcess.start(Launch.on(root.resolve("data")).withJavaOptions(SMALL_HEAP));
    try (broker;
        Client client = Client.of(broker)) {
      Channel channel = client.channel();
      channel.confirmSelect();
      deed.on(channel);
      assertThat(broker.errors()).isEmpty();
      end.of(broker);
    }
  }

  static void declare(Channel channel, String queue, Map<String, Object> arguments)
      throws IOException {
    channel.queueDeclare(queue, true, false, false, arguments);
  }

  /** Publishes the numbers as texts: whether all were confirmed. */
  static boolean fill(Channel channel, String queue, int from, int to) throws Exception {
    for (int i = from; i <= to; i++) {
      byte[] body = Integer.toString(i).getBytes(StandardCharsets.UTF_8);
      channel.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, body);
    }
    return channel.waitForConfirms(LIMIT.toMillis());
  }

  static int ready(Channel channel, String queue) throws IOException {
    return channel.queueDeclarePassive(queue).getMessageCount();
  }

  static List<String> drain(Channel channel) throws IOException {
    var texts = new ArrayList<String>();
    GetResponse response;
    while ((response = channel.basicGet(QUEUE, true)) != null) {
      texts.add(text(response));
    }
    return texts;
  }

  static String text(GetResponse response) {
    assertThat(response).as("a message").isNotNull();
    return new String(response.getBody(), StandardCharsets.UTF_8);
  }

  static long millisSince(long nanos) {
    return Duration.ofNanos(System.nanoTime() - nanos).toMillis();
  }

  static void await(String what, Callable<Boolean> condition) {
    Awaitility.await(what)
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .until(condition);
  }
}
