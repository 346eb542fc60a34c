package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.BrokerProcess.Launch;

/** A client declares and binds without end: it is stopped before the heap is full of that. */
@ExtendWith(OwnBrokerOnly.class)
class TopologyFloodTest {
  private static final int ENDLESS = 1_000_000;
  private static final int TINY_ARGUMENTS = 500;
  private static final int MANY = 1_000;
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @TempDir Path root;

  /** Sends one more declaration, without waiting for its answer. */
  @FunctionalInterface
  private interface Declaration {
    void send(Channel channel, int number) throws IOException;
  }

  @Test
  void queues() throws Exception {
    floods((channel, i) -> channel.queueDeclareNoWait("q." + i, false, false, false, null));
  }

  /** Each is small on the wire, and large where it is filed under each of its arguments. */
  @Test
  void bindingsOfManyArguments() throws Exception {
    floods((channel, i) -> channel.queueBindNoWait("first", "amq.headers", "", arguments(i)));
  }

  private static Map<String, Object> arguments(int binding) {
    Map<String, Object> arguments = new HashMap<>(Map.of("x-match", "any"));
    IntStream.range(0, TINY_ARGUMENTS).forEach(i -> arguments.put(binding + "-" + i, true));
    return arguments;
  }

  private void floods(Declaration declaration) throws Exception {
    Launch how = Launch.on(root.resolve("data")).withJavaOptions("-Xmx96m");
    try (BrokerProcess broker = BrokerProcess.start(how)) {
      ConnectionFactory factory = factory(broker);
      try (Connection honest = factory.newConnection()) {
        Channel channel = honest.createChannel();
        channel.queueDeclare("first", false, false, false, null);
        channel.confirmSelect();
        for (int i = 0; i < MANY; i++) {
          channel.queueDeclare("mine." + i, false, false, false, null);
        }

        assertStopped(factory, declaration);

        channel.basicPublish("", "first", null, new byte[1_000]);
        channel.waitForConfirmsOrDie(TimeUnit.SECONDS.toMillis(10));
        channel.queueDeclare("mine.0", false, false, false, null);
        for (int i = 0; i < MANY; i++) {
          channel.queueDelete("mine." + i);
        }
        channel.queueDeclare("new", false, false, false, null);
      }
      assertThat(broker.isAlive()).isTrue();
      assertThat(broker.errors()).isEmpty();
    }
  }

  /** Nobody could connect, not even to delete some of it: the start says so, and loses nothing. */
  @Test
  void isNoStartInTooSmallAHeap() throws Exception {
    Launch large = Launch.on(root.resolve("data")).withJavaOptions("-Xmx192m");
    Map<String, Object> arguments = arguments(0);
    try (BrokerProcess broker = BrokerProcess.start(large)) {
      assertStopped(
          factory(broker),
          (channel, i) -> channel.queueDeclareNoWait("q." + i, true, false, false, arguments));
      broker.kill();
    }
    BrokerProcess small =
        BrokerProcess.launch(Launch.on(root.resolve("data")).withJavaOptions("-Xmx64m"));
    assertThat(small.awaitExit(LIMIT)).as("exit code; its log:\n%s", small.log()).isEqualTo(1);
    assertThat(small.log())
        .filteredOn(line -> line.contains("queues, exchanges and bindings take more"))
        .singleElement()
        .asString()
        .contains("a larger -Xmx in WARREN_JAVA_OPTS");
    try (BrokerProcess again = BrokerProcess.start(large);
        Connection connection = factory(again).newConnection()) {
      assertThat(connection.createChannel().queueDeclarePassive("q.0")).isNotNull();
    }
  }

  private static ConnectionFactory factory(BrokerProcess broker) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setUri(broker.uri());
    factory.setAutomaticRecoveryEnabled(false);
    return factory;
  }

  private static void assertStopped(ConnectionFactory factory, Declaration declaration)
      throws Exception {
    Connection hostile = factory.newConnection();
    CompletableFuture<ShutdownSignalException> end = new CompletableFuture<>();
    hostile.addShutdownListener(end::complete);
    Channel channel = hostile.createChannel();
    try {
      for (int i = 0; i < ENDLESS && !end.isDone(); i++) {
        declaration.send(channel, i);
      }
    } catch (IOException | ShutdownSignalException e) {
      // It was stopped, which the listener tells.
    }
    ShutdownSignalException cause = end.get(30, TimeUnit.SECONDS);
    assertThat(cause.getReason())
        .isInstanceOfSatisfying(
            AMQP.Connection.Close.class,
            close -> assertThat(close.getReplyCode()).isEqualTo(AMQP.RESOURCE_ERROR));
  }
}
