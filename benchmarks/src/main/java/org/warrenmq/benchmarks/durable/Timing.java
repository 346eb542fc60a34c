package org.warrenmq.benchmarks.durable;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What makes messages wait, and where they come when their time has come; any thread. The target
 * queue and what leads there are durable and the same for {@link FillTimed} and {@link DrainTimed}.
 */
enum Timing {
  /** In an exchange, until a time of its own for each. */
  DELAYED,
  /** In a queue whose messages live equally long, and become dead letters. */
  UNIFORM,
  /** The same with an expiration of its own for each, in no order. */
  MIXED;

  static final String TARGET = "bench.timed.target";
  private static final String SOURCE = "bench.timed.source";
  private static final String EXCHANGE = "bench.timed.later";

  /** When a message was published, by the clock of its publisher. */
  private static final String SENT = "sent";

  private static final int SHORTEST_MILLIS = 1_000;

  /** As picocli takes it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Removes what an earlier run left, and declares it all again. */
  void declare(Channel channel, Schedule schedule) throws IOException {
    channel.queueDelete(TARGET);
    channel.queueDelete(SOURCE);
    channel.exchangeDelete(EXCHANGE);
    Queues.declare(channel, TARGET);
    if (this == DELAYED) {
      channel.exchangeDeclare(EXCHANGE, "fanout", true, false, Map.of("x-delayed-exchange", true));
      channel.queueBind(TARGET, EXCHANGE, "");
      return;
    }
    Map<String, Object> letters =
        Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", TARGET);
    Map<String, Object> uniform =
        Map.of(
            "x-dead-letter-exchange",
            "",
            "x-dead-letter-routing-key",
            TARGET,
            "x-message-ttl",
            schedule.millis());
    channel.queueDeclare(SOURCE, true, false, false, this == UNIFORM ? uniform : letters);
  }

  void publish(Channel channel, Schedule schedule, long number, byte[] body) throws IOException {
    AMQP.BasicProperties.Builder properties = MessageProperties.MINIMAL_PERSISTENT_BASIC.builder();
    if (this == DELAYED) {
      properties.headers(Map.of("x-deliver-at", schedule.due(number)));
      channel.basicPublish(EXCHANGE, "", properties.build(), body);
      return;
    }
    properties.headers(Map.of(SENT, System.currentTimeMillis()));
    if (this == MIXED) {
      long spread = Math.max(1, schedule.millis() - SHORTEST_MILLIS);
      long expiration = SHORTEST_MILLIS + new SplittableRandom(number).nextLong(spread);
      properties.expiration(String.valueOf(expiration));
    }
    channel.basicPublish("", SOURCE, properties.build(), body);
  }

  /**
   * Milliseconds since its time had come; below zero is early.
   *
   * @throws BrokenPromise when it came for another cause
   */
  long late(Schedule schedule, long number, BasicProperties properties) throws BrokenPromise {
    long now = System.currentTimeMillis();
    if (this == DELAYED) {
      return now - schedule.due(number);
    }
    Map<String, Object> headers = properties.getHeaders();
    if (!(headers.get("x-death") instanceof List<?> deaths
        && deaths.size() == 1
        && deaths.getFirst() instanceof Map<?, ?> death
        && "expired".equals(String.valueOf(death.get("reason")))
        && headers.get(SENT) instanceof Long sent)) {
      throw new BrokenPromise("message %,d came with %s".formatted(number, headers));
    }
    long lived =
        this == UNIFORM
            ? schedule.millis()
            : Long.parseLong(String.valueOf(death.get("original-expiration")));
    return now - sent - lived;
  }

  /** Fails unless nothing is left anywhere. */
  void expectNothingLeft(Channel channel) throws IOException, BrokenPromise {
    Queues.expectCount(channel, TARGET, 0);
    if (this != DELAYED) {
      Queues.expectCount(channel, SOURCE, 0);
    }
  }

  /**
   * When messages are due.
   *
   * @param messages in all
   * @param first when the first is, in milliseconds since 1970; for {@link #DELAYED}
   * @param millis between the first and the last, or the longest that one lives
   */
  record Schedule(long messages, long first, long millis) {
    long due(long number) {
      return first + number * millis / messages;
    }
  }
}
