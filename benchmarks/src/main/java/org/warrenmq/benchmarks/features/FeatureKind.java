package org.warrenmq.benchmarks.features;

import java.util.Locale;
import java.util.Map;

/** The loads there are, by the names of their lines; any thread. */
enum FeatureKind {
  /** Messages expire, become dead letters, and are consumed as such. */
  EXPIRE_DEAD_LETTER(
      Map.of(
          "x-message-ttl",
          100,
          "x-dead-letter-exchange",
          "",
          "x-dead-letter-routing-key",
          FeatureKind.LETTERS),
      1,
      Answer.LETTER,
      20_000),
  /** As many are in the queue as its publisher is ahead, in ten levels. */
  PRIORITY_10(Map.of("x-max-priority", 10), 10, Answer.DELIVERY, 20_000),
  /** Each message pushes out the oldest. */
  MAX_LENGTH(
      Map.of("x-max-length", FeatureKind.LENGTH, "x-overflow", "drop-head"), 1, Answer.NONE, 1),
  /** All but the first are refused. */
  REJECT_PUBLISH(
      Map.of("x-max-length", FeatureKind.LENGTH, "x-overflow", "reject-publish"),
      1,
      Answer.CONFIRM,
      1_000),
  /** Messages wait a second before they are routed. */
  DELAYED_1S(Map.of(), 1, Answer.DELIVERY, 100_000);

  static final String DELAYING = "bench.features.delaying";
  static final int DELAY_MILLIS = 1_000;
  static final String QUEUE = "bench.features";
  static final String LETTERS = "bench.features.letters";
  static final int LENGTH = 1_000;

  /** What tells that the broker is done with a message. */
  enum Answer {
    DELIVERY,
    LETTER,
    CONFIRM,
    NONE
  }

  private final Map<String, Object> arguments;
  private final int priorities;
  private final Answer answer;
  private final int ahead;

  /**
   * @param arguments of the queue
   * @param priorities that its messages have in turn, from 0 on
   * @param ahead messages without an answer, at most
   */
  FeatureKind(Map<String, Object> arguments, int priorities, Answer answer, int ahead) {
    this.arguments = arguments;
    this.priorities = priorities;
    this.answer = answer;
    this.ahead = ahead;
  }

  Map<String, Object> arguments() {
    return arguments;
  }

  int priorities() {
    return priorities;
  }

  Answer answer() {
    return answer;
  }

  int ahead() {
    return ahead;
  }

  /** Whether messages wait on their way to the queue. */
  boolean delays() {
    return this == DELAYED_1S;
  }

  /** As in the name of the line, which is how picocli takes it too. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
