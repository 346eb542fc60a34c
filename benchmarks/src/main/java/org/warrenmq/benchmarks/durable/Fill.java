package org.warrenmq.benchmarks.durable;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Fills one durable queue with persistent messages and ends when all of them are confirmed; runs on
 * the main thread.
 */
@Command(name = "fill", description = "Persistent messages into one new durable queue.")
final class Fill implements Callable<Integer> {
  @Mixin private final Target target = new Target();

  @Option(names = "--queue", required = true)
  private String queue = "";

  @Option(names = "--messages", required = true)
  private long messages;

  @Option(names = "--size", description = "bytes of a body (1024)")
  private int size = 1024;

  @Option(names = "--unconfirmed", description = "messages without a confirm, at most (1000)")
  private int unconfirmed = 1000;

  @Override
  public Integer call() throws Exception {
    Bodies bodies = new Bodies(size);
    AMQP.BasicProperties properties = MessageProperties.MINIMAL_PERSISTENT_BASIC;
    try (Connection connection = target.factory().newConnection("fill " + queue)) {
      Channel channel = connection.createChannel();
      channel.queueDelete(queue);
      channel.queueDeclare(queue, true, false, false, null);
      Confirms confirms = Confirms.of(channel, queue, unconfirmed, target.patience);
      long start = System.nanoTime();
      for (long i = 0; i < messages; i++) {
        confirms.awaitRoomFor(i + 1);
        channel.basicPublish("", queue, properties, bodies.of(i));
      }
      confirms.awaitAll(messages);
      double seconds = Target.secondsSince(start);
      Target.report(
          "fill messages=%d size=%d seconds=%.3f rate=%.0f",
          messages, size, seconds, messages / seconds);
    }
    return 0;
  }
}
