package org.warrenmq.benchmarks.durable;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.util.concurrent.TimeoutException;

/**
 * A durable queue with a publisher and a consumer on connections of their own: persistent messages
 * with confirms, every delivery checked and acked by itself. A pacing thread publishes, the
 * client's threads take confirms and deliveries.
 */
final class PacedQueue implements AutoCloseable {
  /** Messages on the way; a broker that is further behind slows the publisher down. */
  private static final int UNCONFIRMED = 250;

  private static final int PREFETCH = 100;
  private static final AMQP.BasicProperties PERSISTENT = MessageProperties.MINIMAL_PERSISTENT_BASIC;

  private final String queue;
  private final Bodies bodies;
  private final Connection publishing;
  private final Connection consuming;
  private final Channel channel;
  private final Confirms confirms;
  private final Progress received;

  /** Written by the pacing thread alone. */
  private volatile long published;

  PacedQueue(ConnectionFactory factory, String queue, Bodies bodies, long patienceSeconds)
      throws IOException, TimeoutException {
    this.queue = queue;
    this.bodies = bodies;
    received = new Progress("messages from " + queue, patienceSeconds);
    publishing = factory.newConnection("publisher of " + queue);
    consuming = factory.newConnection("consumer of " + queue);
    channel = publishing.createChannel();
    channel.queueDelete(queue);
    Queues.declare(channel, queue);
    confirms = Confirms.of(channel, queue, UNCONFIRMED, patienceSeconds);
    Channel consumer = consuming.createChannel();
    consumer.basicQos(PREFETCH);
    consumer.addShutdownListener(received::fail);
    consumer.basicConsume(queue, false, new Checking(consumer));
  }

  void publish() throws IOException, BrokenPromise, InterruptedException {
    long number = published;
    confirms.awaitRoomFor(number + 1);
    channel.basicPublish("", queue, PERSISTENT, bodies.of(number));
    published = number + 1;
  }

  long published() {
    return published;
  }

  long confirmed() {
    return confirms.confirmed();
  }

  long received() {
    return received.done();
  }

  /** Waits until everything is confirmed and was received; nobody may publish any more. */
  void finish() throws BrokenPromise, InterruptedException {
    confirms.awaitAll(published);
    received.awaitAtLeast(published);
  }

  /** Ends both connections; the queue goes with its messages. */
  @Override
  public void close() throws IOException {
    try {
      if (publishing.isOpen()) {
        publishing.createChannel().queueDelete(queue);
      }
    } finally {
      publishing.abort(5_000);
      consuming.abort(5_000);
    }
  }

  private final class Checking extends DefaultConsumer {
    private long next;

    Checking(Channel channel) {
      super(channel);
    }

    @Override
    public void handleDelivery(
        String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
        throws IOException {
      try {
        bodies.check(queue, next, body);
      } catch (BrokenPromise broken) {
        received.fail(broken);
        return;
      }
      next++;
      getChannel().basicAck(envelope.getDeliveryTag(), false);
      received.advanceTo(next);
    }
  }
}
