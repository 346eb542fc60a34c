package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.MessageProperties;
import com.rabbitmq.client.impl.Method;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.BrokerProcess.Launch;

/**
 * What the broker keeps of a client that did something large once and is idle now: little, or it is
 * in the account. Others go on all the same.
 */
@ExtendWith(OwnBrokerOnly.class)
class KeptMemoryTest {
  private static final int CHANNELS = 300;
  private static final int HEADERS = 8_000;
  private static final int PUBLISHES = 10_000;
  private static final int QUEUES = 5_000;
  private static final String HERE = "here";

  @TempDir Path root;

  private final Map<Connection, Socket> sockets = new HashMap<>();

  /** Does one large thing on a channel of its own. */
  @FunctionalInterface
  private interface Deed {
    void on(Channel channel, int number) throws Exception;
  }

  @Test
  void largeHeadersOfAPublishToNowhere() throws Exception {
    Map<String, Object> headers = new HashMap<>();
    IntStream.range(0, HEADERS).forEach(i -> headers.put("h" + i, null));
    AMQP.BasicProperties properties = new AMQP.BasicProperties.Builder().headers(headers).build();
    eachChannel((channel, _) -> channel.basicPublish("", "nowhere", properties, new byte[0]));
  }

  @Test
  void aTransactionThatWasRolledBack() throws Exception {
    eachChannel(
        (channel, _) -> {
          channel.txSelect();
          sockets.get(channel.getConnection()).getOutputStream().write(publishes(channel));
          channel.txRollback();
        });
  }

  /** In one piece, as the client would need a packet for each. */
  private static byte[] publishes(Channel channel) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    int number = channel.getChannelNumber();
    Method publish = (Method) new AMQP.Basic.Publish.Builder().routingKey("nowhere").build();
    for (int i = 0; i < PUBLISHES; i++) {
      publish.toFrame(number).writeTo(out);
      MessageProperties.MINIMAL_BASIC.toFrame(number, 0).writeTo(out);
    }
    return bytes.toByteArray();
  }

  @Test
  void consumersAndModesOfManyChannels() throws Exception {
    String tag = "\u0416".repeat(100);
    eachChannel(
        (channel, i) -> {
          channel.basicQos(5, true);
          channel.confirmSelect();
          channel.basicConsume(
              "amq.rabbitmq.reply-to", true, tag + i, new DefaultConsumer(channel));
        });
  }

  @Test
  void queuesThatAreGone() throws Exception {
    eachChannel(
        (channel, number) -> {
          if (number % 25 == 0) {
            String exchange = "fan." + number;
            // Names of its own: what another channel still has to delete must not be what it binds.
            String queue = "gone." + number + ".";
            channel.exchangeDeclare(exchange, "fanout");
            for (int i = 0; i < QUEUES; i++) {
              channel.queueDeclareNoWait(queue + i, false, false, false, null);
              channel.queueBindNoWait(queue + i, exchange, "", null);
            }
            channel.txSelect();
            channel.basicPublish(exchange, "", null, new byte[0]);
            channel.txRollback();
            for (int i = 0; i < QUEUES; i++) {
              channel.queueDeleteNoWait(queue + i, false, false);
            }
          }
        });
  }

  /**
   * Of connections with {@link #CHANNELS} channels each that stay, until all have, or are closed.
   */
  private void eachChannel(Deed deed) throws Exception {
    Launch how = Launch.on(root.resolve("data")).withJavaOptions("-Xmx96m");
    try (BrokerProcess broker = BrokerProcess.start(how)) {
      ConnectionFactory factory = new ConnectionFactory();
      factory.setUri(broker.uri());
      factory.setAutomaticRecoveryEnabled(false);
      factory.setRequestedHeartbeat(0);
      try (Connection honest = factory.newConnection();
          Connection first = connect(factory);
          Connection second = connect(factory)) {
        Channel channel = honest.createChannel();
        channel.confirmSelect();
        channel.queueDeclare(HERE, true, false, false, null);
        for (int i = 0; i < CHANNELS; i++) {
          on(first, deed, i);
          on(second, deed, CHANNELS + i);
        }
        channel.basicPublish("", HERE, null, new byte[1_000]);
        channel.waitForConfirmsOrDie(TimeUnit.SECONDS.toMillis(10));
      }
      assertThat(broker.isAlive()).isTrue();
      assertThat(broker.errors()).isEmpty();
    }
  }

  private Connection connect(ConnectionFactory factory) throws IOException, TimeoutException {
    AtomicReference<Socket> socket = new AtomicReference<>();
    factory.setSocketConfigurator(socket::set);
    Connection connection = factory.newConnection();
    sockets.put(connection, socket.get());
    return connection;
  }

  /** Writing fails at once where the other side has closed; its reason is read a moment later. */
  private static boolean ends(Connection connection) throws InterruptedException {
    CountDownLatch closed = new CountDownLatch(1);
    connection.addShutdownListener(_ -> closed.countDown());
    return closed.await(10, TimeUnit.SECONDS);
  }

  private static void on(Connection connection, Deed deed, int number)
      throws IOException, TimeoutException, InterruptedException {
    if (!connection.isOpen()) {
      return;
    }
    try {
      deed.on(connection.createChannel(), number);
    } catch (IOException | AlreadyClosedException closed) {
      assertThat(ends(connection))
          .as("only the whole connection may be closed, but %s", closed.getCause())
          .isTrue();
    } catch (RuntimeException | InterruptedException | TimeoutException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
