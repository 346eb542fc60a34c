package org.warrenmq.benchmarks.topology;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConfirmCallback;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A publisher with a connection, a queue and a thread of its own that publishes at a fixed rate
 * and measures each confirm from when its message was due; the client's reader thread takes the
 * confirms.
 *
 * <p>A message that is due is never skipped: when the broker holds the publisher up, the messages
 * behind it are late too, and count as late.
 */
final class PacedPublisher implements AutoCloseable {
  /** More than can be unconfirmed: a publisher this far ahead ends the measurement. */
  private static final int RING = 1 << 16;

  /** A timer that is late by less is the machine's, not the broker's. */
  private static final long TIMER_SLACK_NANOS = 300_000;

  private static final int BODY_SIZE = 100;

  private final Connection connection;
  private final Channel channel;
  private final String exchange;
  private final String routingKey;
  private final long periodNanos;
  private final AtomicReference<Latencies> window;
  private final Thread thread;

  /** When each message was due, by sequence number; written before the message is sent. */
  private final long[] due = new long[RING];

  private final AtomicLong confirmed = new AtomicLong();

  /** Changed by the client's reader thread alone. */
  private long lastConfirmed;

  private volatile boolean stopping;
  private volatile @Nullable Throwable failure;

  /**
   * Connects and starts to publish.
   *
   * @param exchange empty for the default exchange
   * @param perSecond messages per second
   * @param window where the latencies of the moment go
   */
  PacedPublisher(
      ConnectionFactory factory,
      String exchange,
      String queue,
      int perSecond,
      AtomicReference<Latencies> window)
      throws IOException, TimeoutException {
    this.exchange = exchange;
    this.routingKey = queue;
    this.periodNanos = 1_000_000_000L / perSecond;
    this.window = window;
    connection = factory.newConnection("paced publisher of " + queue);
    channel = connection.createChannel();
    channel.queueDeclare(queue, false, true, true, null);
    if (!exchange.isEmpty()) {
      channel.queueBind(queue, exchange, queue);
    }
    // The queue stays empty, so that its depth is no part of the measurement.
    connection.createChannel().basicConsume(queue, true, (_, _) -> {}, _ -> {});
    channel.confirmSelect();
    channel.addConfirmListener(confirm(), (tag, _) -> fail("nack of message " + tag));
    thread = Thread.ofPlatform().name("publisher of " + queue).start(this::publish);
  }

  private ConfirmCallback confirm() {
    return (tag, multiple) -> {
      long now = System.nanoTime();
      Latencies current = window.get();
      long from = multiple ? lastConfirmed + 1 : tag;
      for (long i = from; i <= tag; i++) {
        current.add(Math.max(0, now - due[(int) (i & RING - 1)]));
      }
      confirmed.addAndGet(tag - from + 1);
      lastConfirmed = Math.max(lastConfirmed, tag);
    };
  }

  private void publish() {
    AMQP.BasicProperties properties = MessageProperties.MINIMAL_BASIC;
    byte[] body = new byte[BODY_SIZE];
    long start = System.nanoTime();
    try {
      for (long i = 0; !stopping; i++) {
        long intended = start + i * periodNanos;
        long now = awaitTime(intended);
        long sequence = i + 1;
        if (sequence - confirmed.get() >= RING) {
          fail("more than " + RING + " messages are unconfirmed");
          return;
        }
        due[(int) (sequence & RING - 1)] = now - intended < TIMER_SLACK_NANOS ? now : intended;
        channel.basicPublish(exchange, routingKey, properties, body);
      }
    } catch (IOException | RuntimeException e) {
      if (!stopping) {
        failure = e;
      }
    }
  }

  private static long awaitTime(long intended) {
    long now = System.nanoTime();
    while (now < intended) {
      LockSupport.parkNanos(intended - now);
      now = System.nanoTime();
    }
    return now;
  }

  private void fail(String what) {
    failure = new IllegalStateException(routingKey + ": " + what);
  }

  /** Throws what ended or spoiled the publishing, if anything did. */
  void check() {
    Throwable found = failure;
    if (found != null) {
      throw new IllegalStateException("publisher of " + routingKey + " failed", found);
    }
  }

  /** Ends the publishing and the connection, with its queue. */
  @Override
  public void close() throws IOException, InterruptedException {
    stopping = true;
    thread.join(5_000);
    connection.close(5_000);
  }
}
