package org.warrenmq.benchmarks.topology;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.warrenmq.benchmarks.latency.Latencies;
import org.warrenmq.benchmarks.latency.Pace;

/**
 * A publisher with a connection, a queue and a thread of its own that publishes at a fixed rate and
 * measures each confirm from when its message was due; the client's reader thread takes the
 * confirms.
 *
 * <p>A message that is due is never skipped: when the broker holds the publisher up, the messages
 * behind it are late too, and count as late.
 */
final class PacedPublisher implements AutoCloseable {
  private static final int BODY_SIZE = 100;

  private final Connection connection;
  private final Channel channel;
  private final String exchange;
  private final String queue;
  private final int perSecond;
  private final Supplier<Latencies> window;
  private final Unconfirmed unconfirmed = new Unconfirmed();
  private final Thread thread;

  /** When the latest message that was published was due. */
  private volatile long publishedUpTo;

  private volatile boolean stopping;
  private volatile @Nullable Throwable failure;

  /**
   * Connects and starts to publish.
   *
   * @param exchange empty for the default exchange
   * @param perSecond messages per second
   * @param window where the latencies of the moment go; asked before each message
   */
  PacedPublisher(
      ConnectionFactory factory,
      String exchange,
      String queue,
      int perSecond,
      Supplier<Latencies> window)
      throws IOException, TimeoutException {
    this.exchange = exchange;
    this.queue = queue;
    this.perSecond = perSecond;
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
    channel.addConfirmListener(
        (tag, multiple) -> unconfirmed.confirmed(tag, multiple, System.nanoTime()),
        (tag, _) -> failure = new IllegalStateException("nack of message " + tag));
    publishedUpTo = System.nanoTime();
    thread = Thread.ofPlatform().name("publisher of " + queue).start(this::publish);
  }

  private void publish() {
    AMQP.BasicProperties properties = MessageProperties.MINIMAL_BASIC;
    byte[] body = new byte[BODY_SIZE];
    Pace pace = new Pace(perSecond);
    try {
      for (long i = 1; !stopping; i++) {
        long due = pace.awaitNext();
        if (!unconfirmed.published(i, due, window.get())) {
          throw new IllegalStateException(Unconfirmed.MOST + " messages are unconfirmed");
        }
        channel.basicPublish(exchange, queue, properties, body);
        publishedUpTo = pace.intended();
      }
    } catch (IOException | RuntimeException e) {
      if (!stopping) {
        failure = e;
      }
    }
  }

  /** Whether every message that was due by then has been published. */
  boolean hasPublishedUpTo(long nanos) {
    return publishedUpTo - nanos >= 0;
  }

  /** Throws what ended or spoiled the publishing, if anything did. */
  void check() {
    Throwable found = failure;
    if (found != null) {
      throw new IllegalStateException("the publisher of " + queue + " failed: " + found, found);
    }
  }

  /** Ends the publishing and the connection, with its queue. */
  @Override
  public void close() throws IOException, InterruptedException {
    stopping = true;
    thread.join(5_000);
    connection.abort(5_000);
  }
}
