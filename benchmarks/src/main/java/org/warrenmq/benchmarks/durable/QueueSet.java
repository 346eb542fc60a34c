package org.warrenmq.benchmarks.durable;

import picocli.CommandLine.Option;

/**
 * Many durable queues with the same number of messages each, as the command line says; read by the
 * main thread and its crew.
 */
final class QueueSet {
  /** Channels that declare, check and delete. */
  static final int CHANNELS = 32;

  @Option(names = "--queues", description = "(10000)")
  int queues = 10_000;

  @Option(names = "--messages", description = "in each of them (100)")
  int messages = 100;

  @Option(names = "--size", description = "bytes of a body (100)")
  int size = 100;

  String name(int i) {
    return "bench.durable.set." + i;
  }

  /** A message's number is its own in the whole set, so that none can stand for another. */
  long number(int queue, int message) {
    return (long) queue * messages + message;
  }
}
