package org.warrenmq.benchmarks.durable;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Checks what {@link FillQueues} made: the count of every queue, and in some of them every message;
 * runs on the main thread and its crew. Messages are left where they are.
 */
@Command(name = "check-queues", description = "Counts of many queues, and messages of some.")
final class CheckQueues implements Callable<Integer> {
  @Mixin private final Target target = new Target();
  @Mixin private final QueueSet set = new QueueSet();

  @Option(names = "--spots", description = "queues whose messages are read (20)")
  private int spots = 20;

  @Option(names = "--delete", description = "delete them all afterwards")
  private boolean delete;

  @Override
  public Integer call() throws Exception {
    ConnectionFactory factory = target.factory();
    int read = Math.min(spots, set.queues);
    try (Crew crew = new Crew(factory, QueueSet.CHANNELS)) {
      double seconds =
          crew.run(
              set.queues, (channel, i) -> Queues.expectCount(channel, set.name(i), set.messages));
      try (Connection connection = factory.newConnection("check queues")) {
        for (int spot = 0; spot < read; spot++) {
          read(connection, (int) ((long) spot * set.queues / read));
        }
      }
      if (delete) {
        crew.run(set.queues, (channel, i) -> channel.queueDelete(set.name(i)));
      }
      Target.report(
          "check-queues queues=%d messages=%d read=%d seconds=%.3f",
          set.queues, set.messages, read, seconds);
    }
    return 0;
  }

  /** Gets every message of a queue without an ack: the end of the channel returns them. */
  private void read(Connection connection, int queue) throws Exception {
    Bodies bodies = new Bodies(set.size);
    String name = set.name(queue);
    Channel channel = connection.createChannel();
    for (int message = 0; message < set.messages; message++) {
      GetResponse got = channel.basicGet(name, false);
      if (got == null) {
        throw new BrokenPromise("%s has no message %d".formatted(name, message));
      }
      bodies.check(name, set.number(queue, message), got.getBody());
    }
    channel.close();
  }
}
