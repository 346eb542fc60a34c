package org.warrenmq.benchmarks.durable;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Publishes persistent messages that come to their queue when their time has come, and ends when
 * all are confirmed; runs on the main thread.
 */
@Command(name = "fill-timed", description = "Persistent messages that wait for their time.")
final class FillTimed implements Callable<Integer> {
  @Mixin private final Target target = new Target();
  @Mixin private final TimedMessages timed = new TimedMessages();

  @Option(names = "--unconfirmed", description = "messages without a confirm, at most (1000)")
  private int unconfirmed = 1000;

  @Override
  public Integer call() throws Exception {
    Bodies bodies = timed.bodies();
    Timing.Schedule schedule = timed.schedule();
    long messages = schedule.messages();
    try (Connection connection = target.factory().newConnection("fill-timed")) {
      Channel channel = connection.createChannel();
      timed.timing().declare(channel, schedule);
      Confirms confirms = Confirms.of(channel, Timing.TARGET, unconfirmed, target.patience);
      long start = System.nanoTime();
      for (long i = 0; i < messages; i++) {
        confirms.awaitRoomFor(i + 1);
        timed.timing().publish(channel, schedule, i, bodies.of(i));
      }
      confirms.awaitAll(messages);
      double seconds = Target.secondsSince(start);
      Target.report(
          "fill-timed messages=%d seconds=%.3f rate=%.0f", messages, seconds, messages / seconds);
    }
    return 0;
  }
}
