package org.warrenmq.benchmarks.durable;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Declares many durable queues and gives each the same number of persistent messages, one to every
 * queue in turn; runs on the main thread and ends when all are confirmed.
 */
@Command(name = "fill-queues", description = "Persistent messages into many new durable queues.")
final class FillQueues implements Callable<Integer> {
  @Mixin private final Target target = new Target();
  @Mixin private final QueueSet set = new QueueSet();

  @Option(names = "--unconfirmed", description = "messages without a confirm, at most (1000)")
  private int unconfirmed = 1000;

  @Override
  public Integer call() throws Exception {
    ConnectionFactory factory = target.factory();
    double declaring;
    try (Crew crew = new Crew(factory, QueueSet.CHANNELS)) {
      crew.run(set.queues, (channel, i) -> channel.queueDelete(set.name(i)));
      declaring = crew.run(set.queues, (channel, i) -> Queues.declare(channel, set.name(i)));
    }
    try (Connection connection = factory.newConnection("fill queues")) {
      Channel channel = connection.createChannel();
      long start = System.nanoTime();
      publish(channel);
      double seconds = Target.secondsSince(start);
      Target.report(
          "fill-queues queues=%d messages=%d declare_rate=%.0f seconds=%.3f rate=%.0f",
          set.queues,
          set.messages,
          set.queues / declaring,
          seconds,
          (double) set.queues * set.messages / seconds);
    }
    return 0;
  }

  private void publish(Channel channel) throws Exception {
    AMQP.BasicProperties properties = MessageProperties.MINIMAL_PERSISTENT_BASIC;
    Bodies bodies = new Bodies(set.size);
    Confirms confirms = Confirms.of(channel, "the queues", unconfirmed, target.patience);
    long published = 0;
    for (int message = 0; message < set.messages; message++) {
      for (int queue = 0; queue < set.queues; queue++) {
        published++;
        confirms.awaitRoomFor(published);
        byte[] body = bodies.of(set.number(queue, message));
        channel.basicPublish("", set.name(queue), properties, body);
      }
    }
    confirms.awaitAll(published);
  }
}
