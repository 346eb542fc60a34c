package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What the tests of a restart have in common, used by the test thread only. The broker stops in
 * order and starts again with what it has on disk; another broker than ours needs the system
 * property {@code broker.restart}, or these tests are skipped.
 */
abstract class RestartTest extends MessagingTest {
  static final AMQP.BasicProperties PERSISTENT = properties().build();

  /** Beginning of other persistent properties. */
  static AMQP.BasicProperties.Builder properties() {
    return new AMQP.BasicProperties.Builder().deliveryMode(2);
  }

  private @Nullable ErrorLog errors;

  @BeforeEach
  void assumeRestarts() {
    broker.assumeRestarts();
    if (System.getProperty("broker.uri", "").isEmpty()) {
      errors = ErrorLog.listen();
    }
  }

  /** Our own broker stops and starts without a complaint. */
  @AfterEach
  void assertNoErrors() {
    if (errors != null) {
      errors.close();
      assertThat(errors.faults()).as("errors in the broker's log").isEmpty();
    }
  }

  final String durableQueue() throws IOException, TimeoutException {
    return durableQueue(Map.of());
  }

  final String durableExchange(BuiltinExchangeType type) throws IOException, TimeoutException {
    return durableExchange(type, Map.of());
  }

  final String durableExchange(BuiltinExchangeType type, Map<String, Object> arguments)
      throws IOException, TimeoutException {
    String name = exchangeName();
    channel().exchangeDeclare(name, type, true, false, arguments);
    return name;
  }

  /** Publishes persistent messages and waits until the server has confirmed them. */
  final void keep(String exchange, String key, String... texts) throws Exception {
    for (String text : texts) {
      send(exchange, key, PERSISTENT, text);
    }
  }

  /** Publishes many persistent messages at once, "1" to "count", and waits for their confirms. */
  final void keepMany(String queue, int count) throws Exception {
    Channel channel = newChannel();
    channel.confirmSelect();
    for (int i = 1; i <= count; i++) {
      channel.basicPublish("", queue, PERSISTENT, bytes(Integer.toString(i)));
    }
    channel.waitForConfirmsOrDie(LIMIT.toMillis());
    channel.close();
  }

  /** Which of these queues a message reaches; it is taken out of them again. */
  final List<String> reached(
      String exchange, String key, Map<String, Object> headers, List<String> queues)
      throws Exception {
    send(exchange, key, NO_PROPERTIES.builder().headers(headers).build(), "probe");
    var reached = new ArrayList<String>();
    for (String queue : queues) {
      if (drain(queue).contains("probe")) {
        reached.add(queue);
      }
    }
    return reached;
  }

  final List<String> reached(String exchange, String key, String... queues) throws Exception {
    return reached(exchange, key, Map.of(), List.of(queues));
  }
}
