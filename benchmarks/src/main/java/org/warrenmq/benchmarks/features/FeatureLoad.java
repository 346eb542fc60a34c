package org.warrenmq.benchmarks.features;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Transient messages for one queue, as fast as the broker takes them and answers, on a connection
 * of their own; what comes of them on another. One thread publishes, the clients' threads count.
 */
final class FeatureLoad implements AutoCloseable {
  private static final int SIZE = 100;

  /** A delayed message that comes later than that after its time is late. */
  private static final long LATE_NANOS = 50_000_000;

  private static final int PREFETCH = 200;
  private static final int ACKED_TOGETHER = 50;

  /** Often enough that the publisher never waits for long, and seldom enough to be cheap. */
  private static final long LOOK_NANOS = 200_000;

  private final FeatureKind kind;
  private final Connection publishing;
  private final Connection consuming;
  private final Channel channel;
  private final Verdicts verdicts;

  /** Each is written by one thread. */
  private volatile long published;

  private volatile long received;
  private volatile long late;
  private volatile long early;
  private volatile boolean stopping;

  FeatureLoad(ConnectionFactory factory, FeatureKind kind) throws IOException, TimeoutException {
    this.kind = kind;
    publishing = factory.newConnection("publisher of " + kind);
    consuming = factory.newConnection("consumer of " + kind);
    channel = publishing.createChannel();
    verdicts = new Verdicts(kind.ahead());
    delete();
    channel.queueDeclare(FeatureKind.LETTERS, false, false, false, null);
    channel.queueDeclare(FeatureKind.QUEUE, false, false, false, kind.arguments());
    if (kind.delays()) {
      channel.exchangeDeclare(
          FeatureKind.DELAYING,
          "x-delayed-message",
          false,
          false,
          Map.of("x-delayed-type", "fanout"));
      channel.queueBind(FeatureKind.QUEUE, FeatureKind.DELAYING, "");
    }
    switch (kind.answer()) {
      case LETTER -> consume(FeatureKind.LETTERS, true);
      case DELIVERY -> consume(FeatureKind.QUEUE, false);
      case CONFIRM -> {
        channel.confirmSelect();
        channel.addConfirmListener(verdicts);
      }
      case NONE -> {}
    }
  }

  private void consume(String queue, boolean autoAck) throws IOException {
    Channel consumer = consuming.createChannel();
    consumer.basicQos(PREFETCH);
    consumer.basicConsume(queue, autoAck, new Counting(consumer, autoAck));
  }

  /** Publishes until it is told to stop. */
  void publish() throws IOException {
    String exchange = kind.delays() ? FeatureKind.DELAYING : "";
    AMQP.BasicProperties[] properties =
        IntStream.range(0, kind.priorities())
            .mapToObj(this::properties)
            .toArray(AMQP.BasicProperties[]::new);
    long next = 0;
    while (!stopping) {
      if (next - answered() >= kind.ahead()) {
        LockSupport.parkNanos(LOOK_NANOS);
        continue;
      }
      // The client may keep it for a while.
      byte[] body = ByteBuffer.allocate(SIZE).putLong(System.nanoTime()).array();
      channel.basicPublish(
          exchange, FeatureKind.QUEUE, properties[(int) (next % properties.length)], body);
      next++;
      published = next;
    }
  }

  private AMQP.BasicProperties properties(int priority) {
    AMQP.BasicProperties.Builder properties = new AMQP.BasicProperties.Builder();
    return kind.delays()
        ? properties.headers(Map.of("x-delay", FeatureKind.DELAY_MILLIS)).build()
        : properties.priority(priority).build();
  }

  /** What is published now is the last. */
  void stop() {
    stopping = true;
  }

  long published() {
    return published;
  }

  /** Messages that the broker is done with, as far as it says so. */
  long answered() {
    return switch (kind.answer()) {
      case DELIVERY, LETTER -> received;
      case CONFIRM -> verdicts.done();
      case NONE -> published;
    };
  }

  long refused() {
    return verdicts.refused();
  }

  /** Delayed messages that came late; counted by the client's thread. */
  long late() {
    return late;
  }

  /** Delayed messages that came before their time: a fault. */
  long early() {
    return early;
  }

  /** Messages that are in the queue. */
  long left() throws IOException {
    return channel.messageCount(FeatureKind.QUEUE);
  }

  private void delete() throws IOException {
    channel.queueDelete(FeatureKind.QUEUE);
    channel.queueDelete(FeatureKind.LETTERS);
    if (kind.delays()) {
      channel.exchangeDelete(FeatureKind.DELAYING);
    }
  }

  /** Ends both connections; the queues go with their messages. */
  @Override
  public void close() throws IOException {
    try {
      if (channel.isOpen()) {
        delete();
      }
    } finally {
      publishing.abort(5_000);
      consuming.abort(5_000);
    }
  }

  private final class Counting extends DefaultConsumer {
    private final boolean autoAck;

    Counting(Channel consumer, boolean autoAck) {
      super(consumer);
      this.autoAck = autoAck;
    }

    @Override
    public void handleDelivery(
        String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
        throws IOException {
      long count = received + 1;
      if (!autoAck && count % ACKED_TOGETHER == 0) {
        getChannel().basicAck(envelope.getDeliveryTag(), true);
      }
      if (kind.delays()) {
        compare(System.nanoTime() - ByteBuffer.wrap(body).getLong());
      }
      received = count;
    }

    /**
     * @param nanos since it was published
     */
    private void compare(long nanos) {
      long after = nanos - TimeUnit.MILLISECONDS.toNanos(FeatureKind.DELAY_MILLIS);
      if (after > LATE_NANOS) {
        long before = late;
        late = before + 1;
      } else if (after < 0) {
        long before = early;
        early = before + 1;
      }
    }
  }
}
