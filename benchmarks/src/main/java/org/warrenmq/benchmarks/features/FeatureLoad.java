package org.warrenmq.benchmarks.features;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Transient messages for one queue, as fast as the broker takes them and answers, on a connection
 * of their own; what comes of them on another. One thread publishes, the clients' threads count.
 */
final class FeatureLoad implements AutoCloseable {
  private static final int SIZE = 100;
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
    byte[] body = new byte[SIZE];
    AMQP.BasicProperties[] properties =
        IntStream.range(0, kind.priorities())
            .mapToObj(each -> new AMQP.BasicProperties.Builder().priority(each).build())
            .toArray(AMQP.BasicProperties[]::new);
    long next = 0;
    while (!stopping) {
      if (next - answered() >= kind.ahead()) {
        LockSupport.parkNanos(LOOK_NANOS);
        continue;
      }
      channel.basicPublish(
          "", FeatureKind.QUEUE, properties[(int) (next % properties.length)], body);
      next++;
      published = next;
    }
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

  /** Messages that are in the queue. */
  long left() throws IOException {
    return channel.messageCount(FeatureKind.QUEUE);
  }

  private void delete() throws IOException {
    channel.queueDelete(FeatureKind.QUEUE);
    channel.queueDelete(FeatureKind.LETTERS);
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
      received = count;
    }
  }
}
