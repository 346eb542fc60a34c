package org.warrenmq.benchmarks.durable;

import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures how many durable queues per second a broker declares for {@value QueueSet#CHANNELS}
 * channels that each wait for their answers; runs on the main thread and its crew.
 */
@Command(name = "declare", description = "Durable queues declared per second.")
final class DeclareQueues implements Callable<Integer> {
  @Mixin private final Target target = new Target();

  @Option(names = "--queues", description = "declared in each round (10000)")
  private int queues = 10_000;

  @Option(names = "--rounds", description = "measured; the median counts (3)")
  private int rounds = 3;

  @Option(names = "--warm", description = "seconds of rounds before that (10)")
  private double warm = 10;

  @Override
  public Integer call() throws Exception {
    double[] rates = new double[rounds];
    try (Crew crew = new Crew(target.factory(), QueueSet.CHANNELS)) {
      // What an interrupted run left would be found instead of declared.
      delete(crew);
      long start = System.nanoTime();
      while (Target.secondsSince(start) < warm) {
        round(crew);
      }
      for (int i = 0; i < rounds; i++) {
        rates[i] = round(crew);
      }
    }
    Arrays.sort(rates);
    Target.report(
        "declare queues=%d rounds=%d rate=%.0f slowest=%.0f fastest=%.0f",
        queues, rounds, rates[rounds / 2], rates[0], rates[rounds - 1]);
    return 0;
  }

  private double round(Crew crew) throws Exception {
    double seconds = crew.run(queues, (channel, i) -> Queues.declare(channel, name(i)));
    delete(crew);
    return queues / seconds;
  }

  private void delete(Crew crew) throws Exception {
    crew.run(queues, (channel, i) -> channel.queueDelete(name(i)));
  }

  private static String name(int i) {
    return "bench.durable.declared." + i;
  }
}
