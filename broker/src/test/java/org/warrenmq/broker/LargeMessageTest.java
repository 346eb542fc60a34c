package org.warrenmq.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.warrenmq.broker.TestBroker.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.Method;
import com.rabbitmq.client.ShutdownSignalException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Messages far larger than a frame, and larger than allowed. */
class LargeMessageTest {
  private static final int MIB = 1 << 20;
  private static final int LARGE = 100 * MIB;
  private static final long MAX = 128L * MIB;

  /** Many, since buffers that lie ready for reuse would hide what a single one costs. */
  private static final int SLOW_READERS = 16;

  /** How much the broker may hold outside the heap for a connection that reads slowly. */
  private static final long OUTBOUND_LIMIT = 8L * MIB;

  private static TestBroker broker;
  private static byte[] pattern;

  private Connection connection;
  private Channel channel;
  private String queue;

  @BeforeAll
  static void start() throws Exception {
    broker = TestBroker.start(limits -> TestBroker.withMaxMessageSize(limits, MAX));
    pattern = new byte[LARGE];
    // No period that fits a frame or a piece: a swapped or repeated part shows.
    new SplittableRandom(1).nextBytes(pattern);
  }

  @AfterAll
  static void stop() throws Exception {
    pattern = null;
    broker.close();
  }

  @BeforeEach
  void connect() throws Exception {
    ConnectionFactory factory = broker.factory();
    factory.setMaxInboundMessageBodySize((int) MAX);
    connection = factory.newConnection();
    channel = connection.createChannel();
    queue = "large-" + System.nanoTime();
    channel.queueDeclare(queue, false, false, false, null);
  }

  @AfterEach
  void close() throws Exception {
    connection.createChannel().queueDelete(queue);
    connection.close();
  }

  private static void assertUnchanged(byte[] body) {
    assertThat(body).hasSize(LARGE);
    assertThat(Arrays.mismatch(body, pattern)).as("first octet that differs").isEqualTo(-1);
  }

  private void publishLarge() throws Exception {
    channel.confirmSelect();
    channel.basicPublish("", queue, null, pattern);
    channel.waitForConfirmsOrDie(30_000);
  }

  private static Method get(String queue) {
    return new AMQP.Basic.Get.Builder().queue(queue).noAck(true).build();
  }

  private static Method inspect(String queue) {
    return new AMQP.Queue.Declare.Builder().queue(queue).passive(true).build();
  }

  private static Method consume(String queue) {
    return new AMQP.Basic.Consume.Builder().queue(queue).consumerTag("large").build();
  }

  @Test
  @DisplayName("100 MiB go through publish, confirm, get, requeue and consume unchanged")
  void unchanged() throws Exception {
    publishLarge();
    GetResponse got = channel.basicGet(queue, false);
    assertUnchanged(got.getBody());
    channel.basicNack(got.getEnvelope().getDeliveryTag(), false, true);
    CompletableFuture<byte[]> delivered = new CompletableFuture<>();
    channel.basicConsume(
        queue,
        true,
        new DefaultConsumer(channel) {
          @Override
          public void handleDelivery(
              String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
            delivered.complete(body);
          }
        });
    assertUnchanged(delivered.get(30, TimeUnit.SECONDS));
  }

  @Test
  @DisplayName("an unroutable 100-MiB message comes back unchanged, before its confirm")
  void returned() throws Exception {
    CompletableFuture<byte[]> returned = new CompletableFuture<>();
    channel.addReturnListener(message -> returned.complete(message.getBody()));
    channel.confirmSelect();
    channel.basicPublish("", "nobody's", true, null, pattern);
    channel.waitForConfirmsOrDie(30_000);
    assertThat(returned).isDone();
    assertUnchanged(returned.join());
  }

  @Test
  @DisplayName("replies around a large body keep their order on its channel and on another")
  void orderAroundLargeBodies() throws Exception {
    publishLarge();
    channel.basicPublish("", queue, null, "after".getBytes(UTF_8));
    String small = queue + "-small";
    channel.queueDeclare(small, false, true, false, null);
    channel.queueDelete(small);
    channel.waitForConfirmsOrDie(10_000);
    try (RawClient raw = RawClient.connect(broker.port())) {
      raw.open(Map.of());
      raw.openChannel(2);
      raw.send(2, new AMQP.Queue.Declare.Builder().queue(small).autoDelete(true).build());
      raw.expect(2, AMQP.Queue.DeclareOk.class);
      for (int i = 0; i < 20; i++) {
        raw.publish(2, small, String.valueOf(i).getBytes(UTF_8));
      }
      // Nothing of this is read until all of it is sent.
      raw.send(1, get(queue));
      for (int i = 0; i < 20; i++) {
        raw.send(2, get(small));
        raw.send(2, inspect(small));
      }
      raw.send(1, get(queue));
      raw.send(1, inspect(queue));
      readInOrder(raw);
    }
  }

  /** Frames of the two channels may alternate, but each channel's must be in order. */
  private static void readInOrder(RawClient raw) throws Exception {
    int largeRead = -1;
    boolean after = false;
    boolean declared = false;
    int smallReplies = 0;
    int smallBodies = 0;
    boolean afterBody = false;
    while (!declared || smallReplies < 40 || smallBodies < 20) {
      RawClient.RawFrame frame = raw.read();
      if (frame.channel() == 2) {
        switch (frame.type()) {
          case RawClient.METHOD -> {
            boolean get = smallReplies++ % 2 == 0;
            assertThat(frame.method())
                .isInstanceOf(get ? AMQP.Basic.GetOk.class : AMQP.Queue.DeclareOk.class);
            if (!get) {
              assertThat(((AMQP.Queue.DeclareOk) frame.method()).getMessageCount())
                  .isEqualTo(20 - smallReplies / 2);
            }
          }
          case RawClient.HEADER -> assertThat(frame.bodySize()).isLessThan(3);
          default ->
              assertThat(frame.payload()).asString().isEqualTo(String.valueOf(smallBodies++));
        }
      } else if (largeRead < LARGE) {
        switch (frame.type()) {
          case RawClient.METHOD -> assertThat(frame.method()).isInstanceOf(AMQP.Basic.GetOk.class);
          case RawClient.HEADER -> {
            assertThat(frame.bodySize()).isEqualTo(LARGE);
            largeRead = 0;
          }
          default -> {
            byte[] part = frame.payload();
            assertThat(
                    Arrays.equals(
                        part, 0, part.length, pattern, largeRead, largeRead + part.length))
                .as("octets from %d on", largeRead)
                .isTrue();
            largeRead += part.length;
          }
        }
      } else if (!afterBody) {
        if (frame.type() == RawClient.METHOD) {
          assertThat(frame.method()).isInstanceOf(AMQP.Basic.GetOk.class);
          after = true;
        } else if (frame.type() == RawClient.BODY) {
          assertThat(after).isTrue();
          assertThat(frame.payload()).asString().isEqualTo("after");
          afterBody = true;
        }
      } else {
        assertThat(frame.method()).isInstanceOf(AMQP.Queue.DeclareOk.class);
        declared = true;
      }
    }
  }

  @Test
  @DisplayName("small messages on another channel keep their order while large ones go both ways")
  void smallMessagesBeside() throws Exception {
    String small = queue + "-beside";
    Channel beside = connection.createChannel();
    beside.queueDeclare(small, false, true, false, null);
    CompletableFuture<byte[]> large = new CompletableFuture<>();
    StringBuffer seen = new StringBuffer();
    StringBuilder expected = new StringBuilder();
    channel.basicConsume(
        queue,
        true,
        new DefaultConsumer(channel) {
          @Override
          public void handleDelivery(
              String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
            large.complete(body);
          }
        });
    beside.basicConsume(
        small,
        true,
        new DefaultConsumer(beside) {
          @Override
          public void handleDelivery(
              String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
            seen.append(new String(body, UTF_8)).append(' ');
          }
        });
    Thread sender =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    channel.basicPublish("", queue, null, pattern);
                  } catch (IOException e) {
                    large.completeExceptionally(e);
                  }
                });
    for (int i = 0; i < 2000; i++) {
      beside.basicPublish("", small, null, String.valueOf(i).getBytes(UTF_8));
      expected.append(i).append(' ');
    }
    assertUnchanged(large.get(30, TimeUnit.SECONDS));
    sender.join();
    await("all small ones").until(() -> seen.length() == expected.length());
    assertThat(seen).hasToString(expected.toString());
  }

  @Test
  @DisplayName("slow readers of a large message cost the broker little memory outside the heap")
  void slowReaders() throws Exception {
    checkThatDirectMemoryIsCounted();
    String exchange = queue + "-readers";
    channel.exchangeDeclare(exchange, "fanout", false, true, null);
    List<RawClient> readers = new ArrayList<>();
    try {
      for (int i = 0; i < SLOW_READERS; i++) {
        readers.add(slowReader(exchange, queue + "-" + i));
      }
      channel.confirmSelect();
      channel.basicPublish(exchange, "", null, pattern);
      channel.waitForConfirmsOrDie(30_000);
      // What buffers the broker keeps for reuse, from reading the message, counts against it.
      long most = mostDirectMemoryWhileNothingIsRead();
      for (RawClient reader : readers) {
        reader.expect(1, AMQP.Basic.Deliver.class);
      }
      long[] peak = {most};
      byte[] body =
          readers
              .getFirst()
              .content(
                  1,
                  read -> {
                    if (read % (20 * MIB) < 128 * 1024) {
                      peak[0] = Math.max(peak[0], mostDirectMemoryWhileNothingIsRead());
                    }
                    peak[0] = Math.max(peak[0], PlatformDependent.usedDirectMemory());
                  });
      assertUnchanged(body);
      assertThat(peak[0] / SLOW_READERS)
          .as("octets outside the heap per reader")
          .isLessThan(OUTBOUND_LIMIT);
    } finally {
      for (RawClient reader : readers) {
        reader.close();
      }
    }
  }

  private static RawClient slowReader(String exchange, String own) throws Exception {
    RawClient raw = RawClient.connect(broker.port(), 64 * 1024);
    raw.open(Map.of());
    raw.send(1, new AMQP.Queue.Declare.Builder().queue(own).exclusive(true).build());
    raw.expect(1, AMQP.Queue.DeclareOk.class);
    raw.send(1, new AMQP.Queue.Bind.Builder().queue(own).exchange(exchange).build());
    raw.expect(1, AMQP.Queue.BindOk.class);
    raw.send(1, consume(own));
    raw.expect(1, AMQP.Basic.ConsumeOk.class);
    return raw;
  }

  /** A measurement that counts nothing would prove nothing. */
  private static void checkThatDirectMemoryIsCounted() {
    long before = PlatformDependent.usedDirectMemory();
    ByteBuf sample = UnpooledByteBufAllocator.DEFAULT.directBuffer(16 * MIB);
    assertThat(PlatformDependent.usedDirectMemory() - before).isGreaterThanOrEqualTo(16 * MIB);
    sample.release();
  }

  /** Gives the broker time to write as much as it wants to. */
  private static long mostDirectMemoryWhileNothingIsRead() {
    long[] last = {-1};
    long[] most = {0};
    await("direct memory stays as it is")
        .during(Duration.ofMillis(100))
        .until(
            () -> {
              long now = PlatformDependent.usedDirectMemory();
              boolean same = now == last[0];
              last[0] = now;
              most[0] = Math.max(most[0], now);
              return same;
            });
    return most[0];
  }

  @Test
  @DisplayName("a message over the maximum closes its channel with 406; the connection lives")
  void overTheMaximum() throws Exception {
    long size = MAX + 1;
    try (RawClient raw = RawClient.connect(broker.port())) {
      raw.open(Map.of());
      raw.openChannel(2);
      raw.send(1, new AMQP.Basic.Publish.Builder().exchange("").routingKey(queue).build());
      raw.send(RawClient.frame(RawClient.HEADER, 1, RawClient.contentHeader(size)));
      raw.send(RawClient.frame(RawClient.BODY, 1, new byte[1000]));
      AMQP.Channel.Close close = raw.expect(1, AMQP.Channel.Close.class);
      assertThat(close.getReplyCode()).isEqualTo(406);
      assertThat(close.getReplyText())
          .isEqualTo(
              "PRECONDITION_FAILED - message size %d is larger than configured max size %d"
                  .formatted(size, MAX));
      assertThat(close.getClassId()).isEqualTo(60);
      assertThat(close.getMethodId()).isEqualTo(40);
      // More of the body is still under way; the channel may be opened again after close-ok.
      raw.send(RawClient.frame(RawClient.BODY, 1, new byte[1000]));
      raw.send(1, new AMQP.Channel.CloseOk.Builder().build());
      raw.openChannel(1);
      raw.publish(1, queue, new byte[3]);
      raw.send(1, get(queue));
      raw.expect(1, AMQP.Basic.GetOk.class);
      assertThat(raw.content(1)).hasSize(3);
    }
  }

  @Test
  @DisplayName("the real client sees the 406 as well, and goes on with its connection")
  void overTheMaximumWithTheClient() throws Exception {
    try (TestBroker small =
            TestBroker.start(limits -> TestBroker.withMaxMessageSize(limits, 200_000));
        Connection other = small.connect()) {
      Channel first = other.createChannel();
      first.queueDeclare("sizes", false, false, false, null);
      first.basicPublish("", "sizes", null, new byte[200_000]);
      assertThat(first.queueDeclarePassive("sizes").getMessageCount()).isEqualTo(1);
      assertThatThrownBy(
              () -> {
                first.basicPublish("", "sizes", null, new byte[200_001]);
                first.queueDeclarePassive("sizes");
              })
          .satisfiesAnyOf(
              thrown -> assertThat(thrown).isInstanceOf(ShutdownSignalException.class),
              thrown -> assertThat(thrown).hasCauseInstanceOf(ShutdownSignalException.class));
      assertThat(first.getCloseReason().getMessage())
          .contains("406")
          .contains("message size 200001 is larger than configured max size 200000");
      assertThat(other.isOpen()).isTrue();
      Channel second = other.createChannel();
      assertThat(second.queueDeclarePassive("sizes").getMessageCount()).isEqualTo(1);
    }
  }
}
