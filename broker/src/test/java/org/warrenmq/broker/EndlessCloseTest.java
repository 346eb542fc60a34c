package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Method;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Clients that go on after the connection was closed. */
class EndlessCloseTest {
  /** The broker gives a client five seconds for the rest. */
  private static final Duration CUT = Duration.ofSeconds(8);

  private static final byte[] CLOSES = closes();

  @AutoClose private static TestBroker broker;

  @BeforeAll
  static void start() throws Exception {
    broker = TestBroker.start();
  }

  private static byte[] closes() {
    Method close = new AMQP.Connection.Close.Builder().replyCode(200).replyText("").build();
    byte[] one = RawClient.frame(0, close);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < 50_000; i++) {
      all.writeBytes(one);
    }
    return all.toByteArray();
  }

  /** A client whose connection the broker has just closed. */
  private static RawClient closed() throws IOException {
    RawClient client = RawClient.connect(broker.port());
    client.open(Map.of());
    client.send(7, new AMQP.Channel.Flow.Builder().active(true).build());
    client.expect(0, AMQP.Connection.Close.class);
    return client;
  }

  @Test
  @DisplayName("one close is answered and what follows is not, and the socket is closed in time")
  void oneAnswer() throws Exception {
    try (RawClient client = closed()) {
      long began = System.nanoTime();
      client.send(CLOSES);
      client.expect(0, AMQP.Connection.CloseOk.class);
      assertThat(client.reachesEnd()).isTrue();
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(CUT);
    }
  }

  @Test
  @DisplayName("close-ok still ends a connection on which both closed")
  void crossing() throws Exception {
    try (RawClient client = closed()) {
      long began = System.nanoTime();
      client.send(0, new AMQP.Connection.Close.Builder().replyCode(200).replyText("").build());
      client.expect(0, AMQP.Connection.CloseOk.class);
      client.send(0, new AMQP.Connection.CloseOk.Builder().build());
      assertThat(client.reachesEnd()).isTrue();
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
    }
  }

  @Test
  @DisplayName("who sends and sends is read no more after a while, and is cut off in time")
  void flood() throws Exception {
    try (RawClient client = closed()) {
      long began = System.nanoTime();
      long sent = 0;
      try {
        while (Duration.ofNanos(System.nanoTime() - began).compareTo(CUT) < 0) {
          client.send(CLOSES);
          sent += CLOSES.length;
        }
      } catch (IOException e) {
        assertThat(e).hasMessageMatching("(?i).*(reset|broken pipe|closed).*");
      }
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(CUT);
      // What was read, and what the system's buffers took.
      assertThat(sent).isLessThan(40L << 20);
    }
  }
}
