package org.warrenmq.benchmarks.durable;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Empties a queue that {@link Fill} filled and checks every message, its place and its content; the
 * main thread waits, the client's consumer thread checks.
 */
@Command(name = "drain", description = "Empties a filled queue; order and content are checked.")
final class Drain implements Callable<Integer> {
  @Mixin private final Target target = new Target();

  @Option(names = "--queue", required = true)
  private String queue = "";

  @Option(names = "--messages", required = true, description = "that must be in it")
  private long messages;

  @Option(names = "--size", description = "bytes of a body (1024)")
  private int size = 1024;

  @Option(names = "--prefetch", description = "(500)")
  private int prefetch = 500;

  @Option(names = "--ack-every", description = "deliveries with one ack (100)")
  private int ackEvery = 100;

  @Override
  public Integer call() throws Exception {
    try (Connection connection = target.factory().newConnection("drain " + queue)) {
      long start = System.nanoTime();
      expectCount(connection, messages);
      consume(connection);
      double seconds = Target.secondsSince(start);
      // The consumer's channel is closed: what it had not acked would be back by now.
      expectCount(connection, 0);
      connection.createChannel().queueDelete(queue);
      Target.report(
          "drain messages=%d size=%d seconds=%.3f rate=%.0f",
          messages, size, seconds, messages / seconds);
    }
    return 0;
  }

  private void expectCount(Connection connection, long expected) throws Exception {
    Queues.expectCount(connection.createChannel(), queue, expected);
  }

  private void consume(Connection connection) throws Exception {
    Progress received = new Progress("messages from " + queue, target.patience);
    Channel channel = connection.createChannel();
    channel.basicQos(prefetch);
    channel.addShutdownListener(received::fail);
    channel.basicConsume(queue, false, new Checking(channel, received));
    received.awaitAtLeast(messages);
    channel.close();
  }

  /** Checks what comes in the order it comes; the client's consumer thread. */
  private final class Checking extends DefaultConsumer {
    private final Bodies bodies = new Bodies(size);
    private final Progress received;
    private long next;

    Checking(Channel channel, Progress received) {
      super(channel);
      this.received = received;
    }

    @Override
    public void handleDelivery(
        String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
        throws IOException {
      try {
        if (next == messages) {
          throw new BrokenPromise(queue + ": a message more than there were");
        }
        bodies.check(queue, next, body);
      } catch (BrokenPromise broken) {
        received.fail(broken);
        return;
      }
      next++;
      if (next % ackEvery == 0 || next == messages) {
        getChannel().basicAck(envelope.getDeliveryTag(), true);
        received.advanceTo(next);
      }
    }

    @Override
    public void handleCancel(String tag) {
      received.fail(new BrokenPromise(queue + ": the broker cancelled the consumer"));
    }
  }
}
