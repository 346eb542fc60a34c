package org.warrenmq.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.warrenmq.broker.TestBroker.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BlockedListener;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/**
 * A broker whose memory alarm a test raises and clears, and clients that note what they are told.
 */
abstract class AlarmTest {
  static final Duration A_WHILE = Duration.ofMillis(250);

  @AutoClose static TestBroker broker;

  /** Publishers on every loop: once all of them are told, the alarm holds everywhere. */
  static List<Client> probes;

  private final List<AutoCloseable> opened = new ArrayList<>();
  String queue;

  @BeforeAll
  static void start() throws Exception {
    broker = TestBroker.start();
    probes = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      probes.add(new Client(broker.connect()));
    }
  }

  /** A client that notes what it is told of alarms. */
  static final class Client implements AutoCloseable {
    final Connection connection;
    final Channel channel;
    final List<String> told = new CopyOnWriteArrayList<>();

    Client(Connection connection) throws IOException {
      this.connection = connection;
      connection.addBlockedListener(
          new BlockedListener() {
            @Override
            public void handleBlocked(String reason) {
              told.add("blocked: " + reason);
            }

            @Override
            public void handleUnblocked() {
              told.add("unblocked");
            }
          });
      channel = connection.createChannel();
    }

    void publish(String queue, String text) throws IOException {
      channel.basicPublish("", queue, null, text.getBytes(UTF_8));
    }

    boolean isBlocked() {
      return !told.isEmpty() && told.getLast().startsWith("blocked");
    }

    void awaitBlocked() {
      await("connection.blocked").until(this::isBlocked);
    }

    @Override
    public void close() throws IOException {
      if (connection.isOpen()) {
        connection.close();
      }
    }
  }

  @BeforeEach
  void declare() throws Exception {
    queue = "alarm-" + System.nanoTime();
    probes.getFirst().channel.queueDeclare(queue, false, false, false, null);
  }

  @AfterEach
  void clearAndClose() throws Exception {
    clear();
    for (AutoCloseable each : opened) {
      each.close();
    }
    probes.getFirst().channel.queueDelete(queue);
  }

  <T extends AutoCloseable> T later(T closeable) {
    opened.add(closeable);
    return closeable;
  }

  Client client() throws Exception {
    return later(new Client(broker.connect()));
  }

  RawClient rawClient() throws IOException {
    RawClient raw = later(RawClient.connect(broker.port()));
    raw.open(Map.of());
    return raw;
  }

  /** Raises the alarm; it holds on every loop when this returns. */
  static void raise() {
    broker.broker().commands().setMemoryWatermark(1);
    for (Client probe : probes) {
      await("the alarm")
          .until(
              () -> {
                probe.publish("nobody's", "probe");
                return probe.isBlocked();
              });
    }
  }

  static void clear() {
    broker.broker().commands().setMemoryWatermark(Long.MAX_VALUE);
    for (Client probe : probes) {
      await("the end of the alarm").until(() -> !probe.isBlocked());
    }
  }

  static int depth(String queue) throws IOException {
    // On a channel of its own: a probe's own channel has publishes waiting during an alarm.
    try (Channel other = probes.getFirst().connection.createChannel()) {
      return other.queueDeclarePassive(queue).getMessageCount();
    } catch (TimeoutException e) {
      throw new IOException(e);
    }
  }

  static void staysAt(int expected, String queue) {
    await("no message arrives").during(A_WHILE).until(() -> depth(queue) == expected);
  }

  static List<String> texts(Channel channel, String queue) throws IOException {
    List<String> texts = new ArrayList<>();
    GetResponse response;
    while ((response = channel.basicGet(queue, true)) != null) {
      texts.add(new String(response.getBody(), UTF_8));
    }
    return texts;
  }

  static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(String::valueOf).toList();
  }

  static AMQP.Queue.Declare passive(String queue) {
    return new AMQP.Queue.Declare.Builder().queue(queue).passive(true).build();
  }
}
