package org.warrenmq.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.warrenmq.broker.TestBroker.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What waits and what goes on while the disk has too little room left. */
class DiskAlarmTest {
  private static final Duration A_WHILE = Duration.ofMillis(250);
  private static final String QUEUE = "orders";

  private TestBroker broker;
  private Connection producing;
  private Channel producer;
  private Channel consumer;
  private final List<String> told = new CopyOnWriteArrayList<>();
  private final List<String> received = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() throws Exception {
    broker = TestBroker.start();
    producing = broker.connect();
    producing.addBlockedListener(
        reason -> told.add("blocked: " + reason), () -> told.add("unblocked"));
    producer = producing.createChannel();
    producer.queueDeclare(QUEUE, true, false, false, null);
    producer.confirmSelect();
    consumer = broker.connect().createChannel();
  }

  @AfterEach
  void stop() throws IOException {
    broker.close();
  }

  private void publish(int from, int to) throws IOException {
    for (int i = from; i < to; i++) {
      producer.basicPublish(
          "", QUEUE, MessageProperties.PERSISTENT_BASIC, String.valueOf(i).getBytes(UTF_8));
    }
  }

  private void consume() throws IOException {
    consumer.basicConsume(QUEUE, false, this::receive, _ -> {});
  }

  private void receive(String tag, Delivery delivery) throws IOException {
    received.add(new String(delivery.getBody(), UTF_8));
    consumer.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
  }

  private static List<String> numbers(int to) {
    return IntStream.range(0, to).mapToObj(String::valueOf).toList();
  }

  /** Publishes nobody's messages until the client is told: then the alarm holds on its loop. */
  private void awaitBlocked(String reason) {
    await("connection.blocked")
        .until(
            () -> {
              producer.basicPublish("", "nobody's", null, new byte[0]);
              return told.contains("blocked: " + reason);
            });
  }

  @Test
  @DisplayName("publishes wait, consumers drain the queue, and afterwards all are confirmed")
  void blocksPublishersOnly() throws Exception {
    publish(0, 50);
    producer.waitForConfirmsOrDie(TestBroker.LIMIT.toMillis());
    broker.broker().commands().setDiskFreeLimit(Long.MAX_VALUE);
    awaitBlocked("low on disk");

    publish(50, 100);
    consume();
    await("the backlog").until(() -> received.size() == 50);
    await("nothing more").during(A_WHILE).until(() -> received.size() == 50);

    broker.broker().commands().setDiskFreeLimit(0);
    producer.waitForConfirmsOrDie(TestBroker.LIMIT.toMillis());
    await("the rest").until(() -> received.size() == 100);
    assertThat(received).isEqualTo(numbers(100));
    await("unblocked").until(() -> told.size() == 2);
    assertThat(told).containsExactly("blocked: low on disk", "unblocked");
  }

  @Test
  @DisplayName("a large body that arrives waits in its socket, and is whole in the end")
  void largeBodyWaits() throws Exception {
    byte[] body = new byte[15 << 20];
    body[body.length - 1] = 42;
    broker.broker().commands().setDiskFreeLimit(Long.MAX_VALUE);
    awaitBlocked("low on disk");
    CompletableFuture<Void> sent = new CompletableFuture<>();
    // More than what sockets buffer: this ends when the broker has read most of it.
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                producer.basicPublish("", QUEUE, MessageProperties.PERSISTENT_BASIC, body);
                sent.complete(null);
              } catch (IOException e) {
                sent.completeExceptionally(e);
              }
            });
    await("nothing is read").during(A_WHILE).until(() -> !sent.isDone());

    broker.broker().commands().setDiskFreeLimit(0);
    sent.get(TestBroker.LIMIT.toSeconds(), TimeUnit.SECONDS);
    producer.waitForConfirmsOrDie(TestBroker.LIMIT.toMillis());
    GetResponse got = consumer.basicGet(QUEUE, true);
    assertThat(got).isNotNull();
    assertThat(got.getBody()).isEqualTo(body);
  }

  /** What a client that is new is told when it publishes. */
  private String reasonToldANewClient() throws Exception {
    List<String> reasons = new CopyOnWriteArrayList<>();
    try (Connection fresh = broker.connect()) {
      fresh.addBlockedListener(reasons::add, () -> {});
      fresh.createChannel().basicPublish("", "nobody's", null, new byte[0]);
      await("connection.blocked").until(() -> !reasons.isEmpty());
    }
    return reasons.getFirst();
  }

  @Test
  @DisplayName("short of memory and of disk: publishers go on when both alarms are over")
  void memoryAndDisk() throws Exception {
    broker.broker().commands().setMemoryWatermark(1);
    broker.broker().commands().setDiskFreeLimit(Long.MAX_VALUE);
    // So many that every loop has one.
    for (int i = 0; i < 4; i++) {
      await("both alarms").until(() -> reasonToldANewClient().equals("low on memory & disk"));
    }
    publish(0, 10);
    consume();
    broker.broker().commands().setMemoryWatermark(Long.MAX_VALUE);
    await("the disk alarm alone").until(() -> reasonToldANewClient().equals("low on disk"));
    await("nothing arrives").during(A_WHILE).until(received::isEmpty);
    assertThat(told).containsExactly("blocked: low on memory & disk");

    broker.broker().commands().setDiskFreeLimit(0);
    producer.waitForConfirmsOrDie(TestBroker.LIMIT.toMillis());
    await("all messages").until(() -> received.size() == 10);
    assertThat(received).isEqualTo(numbers(10));
    await("unblocked").until(() -> told.size() == 2);
    assertThat(told.getLast()).isEqualTo("unblocked");
  }
}
