package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.Method;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What the tests of exchanges, queues and messages have in common, used by the test thread only:
 * confirmed publishing and looks from outside, on a connection that is never the one under test.
 */
abstract class MessagingTest extends ConformanceTest {
  static final AMQP.BasicProperties NO_PROPERTIES = new AMQP.BasicProperties();

  private @Nullable Connection outside;
  private @Nullable Channel observer;
  private @Nullable Channel publisher;

  // ---------------------------------------------------------------- exchanges and queues

  /** Declares a fresh transient exchange that goes with its last binding. */
  final String autoDeleteExchange(String type) throws IOException, TimeoutException {
    String name = exchangeName();
    observer().exchangeDeclare(name, type, false, true, Map.of());
    return name;
  }

  /** Declares a fresh queue bound to this exchange. */
  final String boundQueue(String exchange, String key) throws IOException, TimeoutException {
    return boundQueue(exchange, key, Map.of());
  }

  final String boundQueue(String exchange, String key, Map<String, Object> arguments)
      throws IOException, TimeoutException {
    String name = queue();
    observer().queueBind(name, exchange, key, arguments);
    return name;
  }

  final boolean exchangeExists(String name) throws IOException, TimeoutException {
    return exists(channel -> channel.exchangeDeclarePassive(name));
  }

  final boolean queueExists(String name) throws IOException, TimeoutException {
    return exists(channel -> channel.queueDeclarePassive(name));
  }

  // ---------------------------------------------------------------- messages

  /** Publishes and waits until the server has confirmed: the queues have the messages then. */
  final void send(String exchange, String key, String... texts) throws Exception {
    for (String text : texts) {
      send(exchange, key, NO_PROPERTIES, text);
    }
  }

  final void send(String exchange, String key, AMQP.BasicProperties properties, String text)
      throws Exception {
    if (publisher == null || !publisher.isOpen()) {
      publisher = outside().createChannel();
      publisher.confirmSelect();
    }
    publisher.basicPublish(exchange, key, properties, bytes(text));
    publisher.waitForConfirmsOrDie(LIMIT.toMillis());
  }

  /** Fills a queue with the texts "1" to "count". */
  final void fill(String queue, int count) throws Exception {
    for (int i = 1; i <= count; i++) {
      send("", queue, Integer.toString(i));
    }
  }

  /** Takes one message, acknowledged at once, from outside; null when the queue is empty. */
  final @Nullable String take(String queue) throws IOException, TimeoutException {
    GetResponse response = observer().basicGet(queue, true);
    return response == null ? null : text(response.getBody());
  }

  /** Takes all ready messages, acknowledged at once, from outside. */
  final List<String> drain(String queue) throws IOException, TimeoutException {
    var texts = new ArrayList<String>();
    for (String text = take(queue); text != null; text = take(queue)) {
      texts.add(text);
    }
    return texts;
  }

  /**
   * Takes all ready messages, acknowledged at once, in order with what this channel did before; a
   * star marks a redelivered one.
   */
  static List<String> contents(Channel channel, String queue) throws IOException {
    var found = new ArrayList<String>();
    GetResponse response;
    while ((response = channel.basicGet(queue, true)) != null) {
      found.add(text(response) + (redelivered(response) ? "*" : ""));
    }
    return found;
  }

  /** Gets one message that must be there and leaves it unacknowledged. */
  static GetResponse hold(Channel channel, String queue) throws IOException {
    GetResponse response = channel.basicGet(queue, false);
    assertThat(response).as("a message in %s", queue).isNotNull();
    return response;
  }

  static String text(GetResponse response) {
    return text(response.getBody());
  }

  static long tag(GetResponse response) {
    return response.getEnvelope().getDeliveryTag();
  }

  static boolean redelivered(GetResponse response) {
    return response.getEnvelope().isRedeliver();
  }

  /** The number of ready messages, seen from outside. */
  final int ready(String queue) throws IOException, TimeoutException {
    return observer().queueDeclarePassive(queue).getMessageCount();
  }

  /** Waits until so many messages are ready: settlements have no reply of their own. */
  final void awaitReady(String queue, int count) {
    await(count + " ready messages in " + queue, () -> ready(queue) == count);
  }

  /**
   * Waits until a message has outlived this time in a queue of its own. It is the broker who tells
   * the time: what was confirmed before is older.
   */
  final void letPass(int millis) throws Exception {
    String clock = queue(Map.of("x-message-ttl", millis));
    send("", clock, "tick");
    awaitReady(clock, 0);
  }

  /** Waits until a queue is gone. */
  final void awaitNoQueue(String queue) {
    await("the end of " + queue, () -> !queueExists(queue));
  }

  /** What the server closed the channel or its connection with, for a request with a reply. */
  static Method refusal(Action request) throws Exception {
    try {
      request.run();
    } catch (IOException refused) {
      if (refused.getCause() instanceof ShutdownSignalException signal) {
        return signal.getReason();
      }
      throw refused;
    }
    throw new AssertionError("not refused");
  }

  // ---------------------------------------------------------------- outside

  /** The channel for preparations and looks; it is never the channel under test. */
  final Channel observer() throws IOException, TimeoutException {
    if (observer == null || !observer.isOpen()) {
      observer = outside().createChannel();
    }
    return observer;
  }

  private Connection outside() throws IOException, TimeoutException {
    if (outside == null || !outside.isOpen()) {
      outside = newConnection();
    }
    return outside;
  }

  private boolean exists(Question question) throws IOException, TimeoutException {
    Channel channel = outside().createChannel();
    try {
      question.ask(channel);
      channel.close();
      return true;
    } catch (IOException refused) {
      if (refused.getCause() instanceof ShutdownSignalException signal
          && signal.getReason() instanceof AMQP.Channel.Close close) {
        switch (close.getReplyCode()) {
          case AMQP.NOT_FOUND -> {
            return false;
          }
          case AMQP.RESOURCE_LOCKED -> {
            // It is there, and another connection's.
            return true;
          }
          default -> {}
        }
      }
      throw refused;
    }
  }

  @FunctionalInterface
  private interface Question {
    void ask(Channel channel) throws IOException;
  }
}
