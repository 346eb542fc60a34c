package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownNotifier;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What every conformance test stands on, used by its test thread only: connections, channels and
 * uniquely named objects that are gone after the test.
 */
@Execution(ExecutionMode.SAME_THREAD)
public abstract class ConformanceTest {
  /** Bound of every wait: far above what any broker needs, so that reaching it is a failure. */
  protected static final Duration LIMIT = Duration.ofSeconds(10);

  @RegisterExtension protected final BrokerUnderTest broker = new BrokerUnderTest();

  private final List<Connection> connections = new ArrayList<>();
  private final List<RawConnection> rawConnections = new ArrayList<>();
  private final Deque<String> queues = new ArrayDeque<>();
  private final Deque<String> exchanges = new ArrayDeque<>();
  private @Nullable Connection mainConnection;
  private @Nullable Channel mainChannel;

  /** Something that may fail with whatever the client throws. */
  @FunctionalInterface
  public interface Action {
    void run() throws Exception;
  }

  // ---------------------------------------------------------------- connections and channels

  /** The test's own connection; a new one if the last has been closed. */
  protected Connection connection() throws IOException, TimeoutException {
    if (mainConnection == null || !mainConnection.isOpen()) {
      mainConnection = newConnection();
    }
    return mainConnection;
  }

  /** One more connection, closed after the test. */
  protected Connection newConnection() throws IOException, TimeoutException {
    return closeLater(broker.factory().newConnection());
  }

  /** Has a connection that the test made itself closed after the test. */
  protected Connection closeLater(Connection connection) {
    connections.add(connection);
    return connection;
  }

  /** The test's own channel; a new one if the last has been closed. */
  protected Channel channel() throws IOException, TimeoutException {
    if (mainChannel == null || !mainChannel.isOpen()) {
      mainChannel = newChannel();
    }
    return mainChannel;
  }

  /** One more channel on {@link #connection()}. */
  protected Channel newChannel() throws IOException, TimeoutException {
    return connection().createChannel();
  }

  /** A plain socket to the broker, nothing sent yet, closed after the test. */
  protected RawConnection rawConnection() throws IOException {
    RawConnection raw = RawConnection.connect(broker);
    rawConnections.add(raw);
    return raw;
  }

  /** A plain socket to the broker, handshake done with the server's own tune values. */
  protected RawConnection openRawConnection() throws IOException {
    RawConnection raw = rawConnection();
    raw.open();
    return raw;
  }

  /**
   * Restarts the broker with all connections open, or skips the test where that is not possible;
   * afterwards every connection of the test has ended, and the next one is new.
   */
  protected void restartBroker() throws Exception {
    broker.assumeRestarts();
    broker.restart();
    await("the end of all connections", () -> connections.stream().noneMatch(Connection::isOpen));
    connections.clear();
  }

  // ---------------------------------------------------------------- queues and exchanges

  /** A name nobody uses; an object of that name is not removed by the harness. */
  protected String uniqueName(String hint) {
    return "conformance." + hint + "." + UUID.randomUUID();
  }

  /** A free queue name; a queue of that name is removed after the test. */
  protected String queueName() {
    return removeQueueLater(uniqueName("q"));
  }

  /** A free exchange name; an exchange of that name is removed after the test. */
  protected String exchangeName() {
    return removeExchangeLater(uniqueName("x"));
  }

  protected String removeQueueLater(String name) {
    queues.push(name);
    return name;
  }

  protected String removeExchangeLater(String name) {
    exchanges.push(name);
    return name;
  }

  /** Declares a fresh transient, shared queue. */
  protected String queue() throws IOException, TimeoutException {
    return queue(Map.of());
  }

  /** Declares a fresh transient, shared queue with arguments. */
  protected String queue(Map<String, Object> arguments) throws IOException, TimeoutException {
    String name = queueName();
    channel().queueDeclare(name, false, false, false, arguments);
    return name;
  }

  /** Declares a fresh durable, shared queue with arguments. */
  protected String durableQueue(Map<String, Object> arguments)
      throws IOException, TimeoutException {
    String name = queueName();
    channel().queueDeclare(name, true, false, false, arguments);
    return name;
  }

  /** Declares a fresh transient exchange. */
  protected String exchange(BuiltinExchangeType type) throws IOException, TimeoutException {
    return exchange(type.getType(), Map.of());
  }

  /** Declares a fresh transient exchange with arguments. */
  protected String exchange(String type, Map<String, Object> arguments)
      throws IOException, TimeoutException {
    String name = exchangeName();
    channel().exchangeDeclare(name, type, false, false, false, arguments);
    return name;
  }

  // ---------------------------------------------------------------- messages

  /** Publishes a text to a queue by the default exchange on {@link #channel()}. */
  protected void publish(String queue, String text) throws IOException, TimeoutException {
    publish("", queue, text);
  }

  protected void publish(String exchange, String routingKey, String text)
      throws IOException, TimeoutException {
    channel().basicPublish(exchange, routingKey, null, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Gets one message with auto-ack, or null if the queue is empty now. */
  protected @Nullable GetResponse get(String queue) throws IOException, TimeoutException {
    return channel().basicGet(queue, true);
  }

  /** Gets one message's text with auto-ack, waiting for it within {@link #LIMIT}. */
  protected String getText(String queue) {
    return text(getEventually(queue).getBody());
  }

  /** Gets one message with auto-ack, waiting for it within {@link #LIMIT}. */
  protected GetResponse getEventually(String queue) {
    GetResponse[] got = new GetResponse[1];
    await("a message in " + queue, () -> (got[0] = get(queue)) != null);
    return got[0];
  }

  /**
   * Number of ready messages, by a passive declare. RabbitMQ answers that ahead of publishes still
   * under way to the queue; {@link #get} is in order with the publishes of its channel.
   */
  protected int messageCount(String queue) throws IOException, TimeoutException {
    return channel().queueDeclarePassive(queue).getMessageCount();
  }

  /** Waits until the queue has this many ready messages. */
  protected void awaitMessageCount(String queue, int expected) {
    await(expected + " messages in " + queue, () -> messageCount(queue) == expected);
  }

  protected static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  protected static String text(byte[] body) {
    return new String(body, StandardCharsets.UTF_8);
  }

  // ---------------------------------------------------------------- expectations

  /** Waits for a condition; fails after {@link #LIMIT}. */
  protected static void await(String what, Callable<Boolean> condition) {
    Awaitility.await(what)
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10))
        .until(condition);
  }

  /**
   * Runs an action on {@link #channel()}, which the broker must answer, now or a little later, by
   * closing that channel, and only it, with this code and exactly this text.
   */
  protected AMQP.Channel.Close expectChannelClose(int code, String text, Action action)
      throws IOException, TimeoutException {
    return expectChannelClose(channel(), code, text, action);
  }

  /** The same for any channel; the action must work on it. */
  protected AMQP.Channel.Close expectChannelClose(
      Channel channel, int code, String text, Action action) {
    AMQP.Channel.Close close = channelClose(channel, action);
    assertThat(close.getReplyText()).isEqualTo(text);
    assertThat(close.getReplyCode()).isEqualTo(code);
    return close;
  }

  /** Runs an action that must get the channel closed, and gives the reason for closer looks. */
  protected AMQP.Channel.Close channelClose(Channel channel, Action action) {
    ShutdownSignalException signal = shutdown(channel, action);
    if (!(signal.getReason() instanceof AMQP.Channel.Close close)) {
      return fail("channel.close expected, but was: " + signal.getReason());
    }
    assertThat(channel.getConnection().isOpen()).as("the connection stays open").isTrue();
    return close;
  }

  /**
   * Runs an action on {@link #connection()}, which the broker must answer, now or a little later,
   * by closing the connection with this code and exactly this text.
   */
  protected AMQP.Connection.Close expectConnectionClose(int code, String text, Action action)
      throws IOException, TimeoutException {
    return expectConnectionClose(connection(), code, text, action);
  }

  /** The same for any connection; the action must work on it. */
  protected AMQP.Connection.Close expectConnectionClose(
      Connection connection, int code, String text, Action action) {
    AMQP.Connection.Close close = connectionClose(connection, action);
    assertThat(close.getReplyText()).isEqualTo(text);
    assertThat(close.getReplyCode()).isEqualTo(code);
    return close;
  }

  /** Runs an action that must get the connection closed, and gives the reason. */
  protected AMQP.Connection.Close connectionClose(Connection connection, Action action) {
    ShutdownSignalException signal = shutdown(connection, action);
    if (!(signal.getReason() instanceof AMQP.Connection.Close close)) {
      return fail("connection.close expected, but was: " + signal.getReason());
    }
    return close;
  }

  private static ShutdownSignalException shutdown(ShutdownNotifier subject, Action action) {
    try {
      action.run();
    } catch (Exception e) {
      // What counts is the close reason; a failure without one is no answer of the broker.
      if (shutdownIn(e) == null) {
        throw new AssertionError("not ended by the broker: " + e, e);
      }
    }
    await("the broker's close", () -> !subject.isOpen());
    ShutdownSignalException reason = subject.getCloseReason();
    assertThat(reason).as("close reason").isNotNull();
    return reason;
  }

  private static @Nullable ShutdownSignalException shutdownIn(@Nullable Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof ShutdownSignalException signal) {
        return signal;
      }
    }
    return null;
  }

  // ---------------------------------------------------------------- end of a test

  @AfterEach
  void removeEverything() throws IOException, TimeoutException {
    rawConnections.forEach(RawConnection::close);
    connections.forEach(Connection::abort);
    if (queues.isEmpty() && exchanges.isEmpty()) {
      return;
    }
    try (Connection cleaner = broker.factory().newConnection()) {
      for (String queue : queues) {
        removeQuietly(cleaner, channel -> channel.queueDelete(queue));
      }
      for (String exchange : exchanges) {
        removeQuietly(cleaner, channel -> channel.exchangeDelete(exchange));
      }
    }
  }

  /** A channel for each removal: what is gone already must not spare the rest. */
  private static void removeQuietly(Connection cleaner, Removal removal) throws IOException {
    Channel channel = cleaner.createChannel();
    try {
      removal.on(channel);
      channel.close();
    } catch (IOException | TimeoutException e) {
      channel.abort();
    }
  }

  @FunctionalInterface
  private interface Removal {
    void on(Channel channel) throws IOException;
  }
}
