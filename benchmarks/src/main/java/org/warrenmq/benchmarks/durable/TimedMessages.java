package org.warrenmq.benchmarks.durable;

import picocli.CommandLine.Option;

/** How many messages wait for what, as a command line says; used by its main thread. */
final class TimedMessages {
  @Option(
      names = "--timing",
      required = true,
      description = "what they wait for: ${COMPLETION-CANDIDATES}")
  private Timing timing = Timing.DELAYED;

  @Option(names = "--messages", required = true)
  private long messages;

  @Option(names = "--size", description = "bytes of a body (100)")
  private int size = 100;

  @Option(
      names = "--first",
      description = "when the first delayed one is due, in milliseconds since 1970")
  private long first;

  @Option(
      names = "--millis",
      required = true,
      description = "between the first delayed one and the last; or the longest that one lives")
  private long millis;

  Timing timing() {
    return timing;
  }

  Timing.Schedule schedule() {
    return new Timing.Schedule(messages, first, millis);
  }

  Bodies bodies() {
    return new Bodies(size);
  }
}
