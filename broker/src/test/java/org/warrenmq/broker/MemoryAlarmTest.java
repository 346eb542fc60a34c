package org.warrenmq.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.warrenmq.broker.TestBroker.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BlockedListener;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What waits and what goes on while the broker is short of memory. */
class MemoryAlarmTest {
  private static final Duration A_WHILE = Duration.ofMillis(250);

  private static TestBroker broker;

  /** Publishers on every loop: once all of them are told, the alarm holds everywhere. */
  private static List<Client> probes;

  private final List<AutoCloseable> opened = new ArrayList<>();
  private String queue;

  @BeforeAll
  static void start() throws Exception {
    broker = TestBroker.start();
    probes = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      probes.add(new Client(broker.connect()));
    }
  }

  @AfterAll
  static void stop() throws Exception {
    broker.close();
  }

  /** A client that notes what it is told of alarms. */
  private static final class Client implements AutoCloseable {
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

  private <T extends AutoCloseable> T later(T closeable) {
    opened.add(closeable);
    return closeable;
  }

  private Client client() throws Exception {
    return later(new Client(broker.connect()));
  }

  private RawClient rawClient() throws IOException {
    RawClient raw = later(RawClient.connect(broker.port()));
    raw.open(Map.of());
    return raw;
  }

  /** Raises the alarm; it holds on every loop when this returns. */
  private static void raise() {
    broker.broker().setMemoryWatermark(1);
    for (Client probe : probes) {
      await("the alarm")
          .until(
              () -> {
                probe.publish("nobody's", "probe");
                return probe.isBlocked();
              });
    }
  }

  private static void clear() {
    broker.broker().setMemoryWatermark(Long.MAX_VALUE);
    for (Client probe : probes) {
      await("the end of the alarm").until(() -> !probe.isBlocked());
    }
  }

  private static int depth(String queue) throws IOException {
    // On a channel of its own: a probe's own channel has publishes waiting during an alarm.
    try (Channel other = probes.getFirst().connection.createChannel()) {
      return other.queueDeclarePassive(queue).getMessageCount();
    } catch (TimeoutException e) {
      throw new IOException(e);
    }
  }

  private static void staysAt(int expected, String queue) {
    await("no message arrives").during(A_WHILE).until(() -> depth(queue) == expected);
  }

  private static List<String> texts(Channel channel, String queue) throws IOException {
    List<String> texts = new ArrayList<>();
    GetResponse response;
    while ((response = channel.basicGet(queue, true)) != null) {
      texts.add(new String(response.getBody(), UTF_8));
    }
    return texts;
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(String::valueOf).toList();
  }

  private static AMQP.Queue.Declare passive(String queue) {
    return new AMQP.Queue.Declare.Builder().queue(queue).passive(true).build();
  }

  @Test
  @DisplayName("a client is told when it publishes, not before, and again when it may go on")
  void blockedWhenItPublishes() throws Exception {
    Client client = client();
    raise();
    client.channel.queueDeclarePassive(queue);
    assertThat(client.told).isEmpty();

    client.publish(queue, "0");
    client.awaitBlocked();
    client.publish(queue, "1");
    staysAt(0, queue);

    clear();
    await("both messages").until(() -> depth(queue) == 2);
    await("unblocked").until(() -> client.told.size() == 2);
    assertThat(client.told).containsExactly("blocked: low on memory", "unblocked");
  }

  @Test
  @DisplayName("a connection made during the alarm is blocked as well")
  void connectionDuringTheAlarm() throws Exception {
    raise();
    Client client = client();
    client.publish(queue, "late");
    client.awaitBlocked();
    staysAt(0, queue);
    clear();
    await("its message").until(() -> depth(queue) == 1);
  }

  @Test
  @DisplayName("a client without the capability waits, but is not told")
  void clientWithoutTheCapability() throws Exception {
    RawClient raw = rawClient();
    raw.openChannel(2);
    raise();
    raw.publish(1, queue, "quiet".getBytes(UTF_8));
    raw.send(2, passive(queue));
    assertThat(raw.expect(2, AMQP.Queue.DeclareOk.class).getMessageCount()).isZero();
    staysAt(0, queue);
    clear();
    await("its message").until(() -> depth(queue) == 1);
    raw.send(2, passive(queue));
    assertThat(raw.expect(2, AMQP.Queue.DeclareOk.class).getMessageCount()).isEqualTo(1);
  }

  @Test
  @DisplayName("after the alarm everything that waited arrives in order and is confirmed")
  void everythingArrivesInOrder() throws Exception {
    Client client = client();
    client.channel.confirmSelect();
    raise();
    for (int i = 0; i < 1000; i++) {
      client.publish(queue, String.valueOf(i));
    }
    client.awaitBlocked();
    staysAt(0, queue);
    clear();
    client.channel.waitForConfirmsOrDie(TestBroker.LIMIT.toMillis());
    assertThat(texts(client.channel, queue)).isEqualTo(numbers(0, 1000));
  }

  @Test
  @DisplayName("alarm after alarm: each is told once, and order holds across them")
  void severalAlarms() throws Exception {
    Client client = client();
    for (int alarm = 0; alarm < 3; alarm++) {
      raise();
      for (int i = 0; i < 10; i++) {
        client.publish(queue, String.valueOf(10 * alarm + i));
      }
      client.awaitBlocked();
      clear();
      await("unblocked").until(() -> !client.isBlocked());
    }
    await("all messages").until(() -> depth(queue) == 30);
    assertThat(texts(client.channel, queue)).isEqualTo(numbers(0, 30));
    assertThat(client.told).hasSize(6);
  }

  @Test
  @DisplayName("on a blocked connection acks, gets, deliveries and closes pass")
  void whatPasses() throws Exception {
    Client client = client();
    for (int i = 0; i < 4; i++) {
      client.publish(queue, String.valueOf(i));
    }
    await("the backlog").until(() -> depth(queue) == 4);
    Channel other = client.connection.createChannel();
    Channel idle = client.connection.createChannel();
    idle.basicQos(1);
    CompletableFuture<String> delivered = new CompletableFuture<>();
    raise();
    client.publish(queue, "late");
    client.awaitBlocked();

    GetResponse first = other.basicGet(queue, false);
    assertThat(first.getBody()).asString().isEqualTo("0");
    other.basicAck(first.getEnvelope().getDeliveryTag(), false);
    GetResponse second = other.basicGet(queue, false);
    other.basicNack(second.getEnvelope().getDeliveryTag(), false, true);
    await("the nacked message").until(() -> depth(queue) == 3);
    idle.basicConsume(
        queue,
        new DefaultConsumer(idle) {
          @Override
          public void handleDelivery(
              String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
              throws IOException {
            delivered.complete(new String(body, UTF_8));
          }
        });
    assertThat(delivered.get(5, TimeUnit.SECONDS)).isEqualTo("1");
    idle.close();
    await("what the closed channel gave back").until(() -> depth(queue) == 3);
    other.close();
    assertThat(client.isBlocked()).isTrue();
    client.connection.close((int) TestBroker.LIMIT.toMillis());
    assertThat(client.connection.isOpen()).isFalse();
  }

  @Test
  @DisplayName("a connection that only consumes goes on and is told nothing")
  void onlyConsumes() throws Exception {
    Client producer = client();
    for (int i = 0; i < 200; i++) {
      producer.publish(queue, String.valueOf(i));
    }
    await("the backlog").until(() -> depth(queue) == 200);
    Client consumer = client();
    consumer.channel.basicQos(7);
    List<String> received = new CopyOnWriteArrayList<>();
    raise();
    consumer.channel.basicConsume(queue, acking(consumer.channel, received));
    await("all deliveries").until(() -> received.size() == 200);
    assertThat(received).isEqualTo(numbers(0, 200));
    consumer.channel.queueDeclarePassive(queue);
    assertThat(consumer.told).isEmpty();
  }

  private static DefaultConsumer acking(Channel channel, List<String> received) {
    return new DefaultConsumer(channel) {
      @Override
      public void handleDelivery(
          String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
          throws IOException {
        received.add(new String(body, UTF_8));
        channel.basicAck(envelope.getDeliveryTag(), false);
      }
    };
  }

  @Test
  @DisplayName("what follows a waiting publish on its channel sees it")
  void passiveDeclareAfterPublish() throws Exception {
    Client client = client();
    raise();
    client.publish(queue, "first");
    client.awaitBlocked();
    CompletableFuture<AMQP.Queue.DeclareOk> declared =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return client.channel.queueDeclarePassive(queue);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    await("the declare waits").during(A_WHILE).until(() -> !declared.isDone());
    clear();
    assertThat(declared.get(5, TimeUnit.SECONDS).getMessageCount()).isEqualTo(1);
  }

  @Test
  @DisplayName("closing a channel or a connection while publishes wait loses none")
  void closingLosesNothing() throws Exception {
    Client client = client();
    Channel second = client.connection.createChannel();
    raise();
    for (int i = 0; i < 10; i++) {
      client.publish(queue, String.valueOf(i));
    }
    client.awaitBlocked();
    client.channel.close();
    await("the closed channel's").until(() -> depth(queue) == 10);
    for (int i = 10; i < 20; i++) {
      second.basicPublish("", queue, null, String.valueOf(i).getBytes(UTF_8));
    }
    client.connection.close((int) TestBroker.LIMIT.toMillis());
    await("the closed connection's").until(() -> depth(queue) == 20);
    clear();
    assertThat(texts(probes.getFirst().channel, queue)).isEqualTo(numbers(0, 20));
  }

  @Test
  @DisplayName("one connection that consumes here and publishes there: its acks go on")
  void consumesAndPublishes() throws Exception {
    String target = queue + "-target";
    Client client = client();
    client.channel.queueDeclare(target, false, true, false, null);
    for (int i = 0; i < 20; i++) {
      client.publish(queue, String.valueOf(i));
    }
    await("the backlog").until(() -> depth(queue) == 20);
    raise();
    Channel consuming = client.connection.createChannel();
    consuming.basicQos(1);
    List<String> received = new CopyOnWriteArrayList<>();
    consuming.basicConsume(
        queue,
        new DefaultConsumer(consuming) {
          @Override
          public void handleDelivery(
              String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
              throws IOException {
            consuming.basicPublish("", target, null, body);
            consuming.basicAck(envelope.getDeliveryTag(), false);
            received.add(new String(body, UTF_8));
          }
        });
    // With a prefetch of one each delivery proves the ack before it.
    await("all deliveries").until(() -> received.size() == 20);
    client.awaitBlocked();
    Channel looking = client.connection.createChannel();
    assertThat(looking.queueDeclarePassive(target).getMessageCount()).isZero();
    clear();
    await("all forwarded").until(() -> looking.queueDeclarePassive(target).getMessageCount() == 20);
    assertThat(texts(looking, target)).isEqualTo(numbers(0, 20));
  }

  @Test
  @DisplayName("a client that publishes on and on is not read any more after a while")
  void theParkIsBounded() throws Exception {
    int size = 10_000;
    int tried = 6000;
    raise();
    try (SocketChannel socket =
        SocketChannel.open(new InetSocketAddress("127.0.0.1", broker.port()))) {
      socket.write(ByteBuffer.wrap(openingOctets()));
      socket.configureBlocking(false);
      long[] sent = {0};
      ByteBuffer[] rest = {ByteBuffer.allocate(0)};
      int[] next = {0};
      await("the socket takes no more")
          .during(A_WHILE.multipliedBy(2))
          .until(() -> !sends(socket, rest, next, size, tried, sent));
      assertThat(next[0]).as("messages sent").isLessThan(tried);
      assertThat(sent[0]).isBetween(1L << 20, 24L << 20);
      assertThat(depth(queue)).isZero();

      clear();
      await("everything is sent")
          .until(
              () -> {
                sends(socket, rest, next, size, tried, sent);
                return next[0] == tried && !rest[0].hasRemaining();
              });
      await("everything arrives").until(() -> depth(queue) == tried);
      for (int i = 0; i < tried; i++) {
        byte[] body = probes.getLast().channel.basicGet(queue, true).getBody();
        assertThat(ByteBuffer.wrap(body).getInt()).isEqualTo(i);
      }
    }
  }

  @Test
  @DisplayName("a client that is not read any more ends all the same, and its queue goes")
  void endsUnread() throws Exception {
    String exclusive = queue + "-exclusive";
    RawClient client = rawClient();
    client.send(1, new AMQP.Queue.Declare.Builder().queue(exclusive).exclusive(true).build());
    client.expect(1, AMQP.Queue.DeclareOk.class);
    raise();
    for (int i = 0; i < 120; i++) {
      client.publish(1, queue, new byte[10_000]);
    }
    client.close();

    await("the name of the exclusive queue is free").until(() -> isFree(exclusive));
  }

  /** Whether the name can be had; then it is a queue that goes at once. */
  private static boolean isFree(String name) throws IOException {
    Channel other = probes.getFirst().connection.createChannel();
    try {
      other.queueDeclare(name, false, false, true, null);
      other.queueDelete(name);
      return true;
    } catch (IOException locked) {
      return false;
    } finally {
      other.abort();
    }
  }

  /** Everything a client says up to channel.open, in one go; the answers are not looked at. */
  private static byte[] openingOctets() {
    ByteBuffer all = ByteBuffer.allocate(4096);
    all.put(RawClient.PROTOCOL_HEADER)
        .put(RawClient.frame(0, RawClient.startOk(Map.of())))
        .put(RawClient.frame(0, RawClient.tuneOk()))
        .put(RawClient.frame(0, RawClient.openVhost()))
        .put(RawClient.frame(1, new AMQP.Channel.Open.Builder().build()));
    byte[] octets = new byte[all.position()];
    all.flip().get(octets);
    return octets;
  }

  /** Sends numbered messages as far as the socket takes them. True when it took anything. */
  private boolean sends(
      SocketChannel socket, ByteBuffer[] rest, int[] next, int size, int count, long[] sent)
      throws IOException {
    long before = sent[0];
    while (rest[0].hasRemaining() || next[0] < count) {
      if (!rest[0].hasRemaining()) {
        byte[] body = ByteBuffer.allocate(size).putInt(next[0]++).array();
        rest[0] = ByteBuffer.wrap(RawClient.publishing(1, queue, body));
      }
      int written = socket.write(rest[0]);
      if (written == 0) {
        break;
      }
      sent[0] += written;
    }
    return sent[0] > before;
  }
}
